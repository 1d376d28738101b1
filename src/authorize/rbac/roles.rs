//! The roles of a cluster, each under a number: a binding keeps the number, and a role that changes changes in one place,
//! however many bindings hand it out.

use super::role::Role;
use crate::api::rbac::RoleRef;
use foldhash::fast::FixedState;
use imbl::Vector;
use imbl::hashmap::GenericHashMap;
use imbl::shared_ptr::DefaultSharedPtr;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Namespace and name; the namespace is empty for what belongs to the cluster.
pub(crate) type Key = (String, String);

/// A persistent map for look-ups. Its hashes are the same in each run, and its order is still nobody's to see.
pub(super) type Map<K, V> = GenericHashMap<K, V, FixedState, DefaultSharedPtr>;

/// The role that a reference in a binding of that namespace means; none where there can't be one.
pub(super) fn meant(reference: &RoleRef, namespace: &str) -> Option<Key> {
    match reference.kind.as_str() {
        "ClusterRole" => Some((String::new(), reference.name.clone())),
        "Role" if !namespace.is_empty() => Some((namespace.to_owned(), reference.name.clone())),
        _ => None,
    }
}

/// The number of a role, from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(NonZeroU32);

impl Number {
    fn row(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// Roles that are there, and those that bindings refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    numbers: Map<Key, Number>,
    rows: Vector<Row>,
    free: Vector<Number>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    /// The role; none if it is only referred to.
    role: Option<Arc<Role>>,
    /// How many bindings refer to it.
    bound: usize,
}

impl Roles {
    /// The role of a number.
    pub(super) fn at(&self, number: Number) -> Option<&Arc<Role>> {
        self.rows.get(number.row())?.role.as_ref()
    }

    /// The role of a name.
    pub(super) fn get(&self, key: &Key) -> Option<&Arc<Role>> {
        self.at(*self.numbers.get(key)?)
    }

    /// All that are there, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Role> {
        self.rows.iter().filter_map(|row| row.role.as_deref())
    }

    /// The names of those that are new or changed.
    pub(super) fn changed(&self, before: &Roles) -> BTreeSet<&Key> {
        let differs = |key: &&Key| self.get(key).is_some_and(|role| before.get(key) != Some(role));
        self.numbers.keys().filter(differs).collect()
    }

    /// Puts a role in the place of another, or takes it away.
    pub(super) fn set(&mut self, key: Key, role: Option<Role>) {
        self.update(key, |row| row.role = role.map(Arc::new));
    }

    /// Counts a binding that refers to a role.
    pub(super) fn bind(&mut self, key: Key) -> Number {
        self.update(key, |row| row.bound += 1)
    }

    /// Counts it no more.
    pub(super) fn unbind(&mut self, key: Key) {
        self.update(key, |row| row.bound -= 1);
    }

    /// Changes a row. A number of which nobody speaks any more is free for another role.
    fn update(&mut self, key: Key, change: impl FnOnce(&mut Row)) -> Number {
        let known = self.numbers.get(&key).copied();
        let number = known.or_else(|| self.free.pop_back()).unwrap_or_else(|| {
            self.rows.push_back(Row::default());
            let number = u32::try_from(self.rows.len()).ok().and_then(NonZeroU32::new);
            Number(number.expect("there are fewer than 2^32 roles"))
        });
        let row = &mut self.rows[number.row()];
        change(row);
        match (known, *row == Row::default()) {
            (_, true) => {
                self.free.push_back(number);
                self.numbers.remove(&key);
            }
            (None, false) => drop(self.numbers.insert(key, number)),
            (Some(_), false) => {}
        }
        number
    }

    fn row(&self, key: &Key) -> Option<&Row> {
        self.numbers.get(key).and_then(|number| self.rows.get(number.row()))
    }
}

/// Which number a role has is chance.
impl PartialEq for Roles {
    fn eq(&self, other: &Roles) -> bool {
        let same = |key: &Key| self.row(key) == other.row(key);
        self.numbers.len() == other.numbers.len() && self.numbers.keys().all(same)
    }
}

impl Eq for Roles {}
