//! Whom bindings reach: found by user and group, in the order in which RBAC asks.

use super::roles::{Map, Number};
use crate::api::User;
use crate::api::rbac::{Binding, Who};
use std::sync::Arc;

/// The bonds of everybody who has any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    users: Map<Arc<str>, Bonds>,
    groups: Map<Arc<str>, Bonds>,
}

/// What one user or group has: the cluster's bindings first, each scope's by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bonds(Arc<Vec<Bond>>);

/// A binding, as one of those whom it reaches has it.
#[derive(Clone, Debug)]
pub(super) struct Bond {
    scope: Scope,
    /// The first of the binding's subjects that speaks of them.
    pub(super) subject: u32,
    /// The role; none where the reference can't mean one.
    pub(super) role: Option<Number>,
    /// The binding.
    pub(super) binding: Arc<Binding>,
}

/// How the name of a namespace begins, as a number in the order of the names, so that a search seldom looks at more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Scope(u64);

impl Scope {
    /// The scope of what belongs to the cluster.
    const CLUSTER: Scope = Scope(0);

    fn of(namespace: &str) -> Scope {
        let mut start = [0; 8];
        start.iter_mut().zip(namespace.bytes()).for_each(|(to, byte)| *to = byte);
        Scope(u64::from_be_bytes(start))
    }
}

/// The same bond, whatever number the role has.
impl PartialEq for Bond {
    fn eq(&self, other: &Bond) -> bool {
        (self.subject, self.role.is_some(), &self.binding)
            == (other.subject, other.role.is_some(), &other.binding)
    }
}

impl Eq for Bond {}

impl Bond {
    /// The order in which RBAC asks: the cluster's bindings, then the namespace's, each by name, and subject by subject.
    pub(super) fn order(&self) -> (&str, &str, u32) {
        (&self.binding.namespace, &self.binding.name, self.subject)
    }
}

impl Bonds {
    fn position(&self, scope: Scope, binding: &Binding) -> Result<usize, usize> {
        self.0.binary_search_by(|bond| {
            let one = (bond.scope, &bond.binding.namespace, &bond.binding.name);
            one.cmp(&(scope, &binding.namespace, &binding.name))
        })
    }

    /// What grants to those who ask in a namespace, in order: what belongs to the cluster, and what to the namespace.
    pub(super) fn within(&self, namespace: &str) -> impl Iterator<Item = &Bond> {
        let scope = Scope::of(namespace);
        let place = move |bond: &Bond| (bond.scope, bond.binding.namespace.as_str()).cmp(&(scope, namespace));
        let home = match namespace {
            "" => &[],
            _ => &self.0[self.0.partition_point(|bond| place(bond).is_lt())..],
        };
        let cluster = self.0.iter().take_while(|bond| bond.scope == Scope::CLUSTER);
        cluster.chain(home.iter().take_while(move |bond| place(bond).is_eq()))
    }
}

impl Reach {
    /// What a user has by name, and by each group.
    pub(super) fn of(&self, user: &User) -> impl Iterator<Item = &Bonds> {
        let groups = user.groups.iter().filter_map(|group| self.groups.get(group.as_str()));
        self.users.get(user.name.as_str()).into_iter().chain(groups)
    }

    /// The users that have something.
    pub(super) fn users(&self) -> impl Iterator<Item = &str> {
        self.users.keys().map(|name| &**name)
    }

    /// Whether a user has something by their name.
    pub(super) fn has_user(&self, name: &str) -> bool {
        self.users.contains_key(name)
    }

    /// Whether a group has something.
    pub(super) fn has_group(&self, name: &str) -> bool {
        self.groups.contains_key(name)
    }

    /// Takes a binding in.
    pub(super) fn add(&mut self, binding: &Arc<Binding>, role: Option<Number>) {
        let scope = Scope::of(&binding.namespace);
        for (subject, who) in
            (0..).zip(binding.subjects.iter().map(|subject| subject.who(&binding.namespace)))
        {
            let Some((side, name)) = who.map(|who| self.side(who)) else { continue };
            let bond = Bond { scope, subject, role, binding: binding.clone() };
            match side.get_mut(name.as_str()) {
                Some(bonds) => {
                    // Where it is there already, an earlier subject speaks of them.
                    if let Err(at) = bonds.position(scope, binding) {
                        Arc::make_mut(&mut bonds.0).insert(at, bond);
                    }
                }
                None => drop(side.insert(name.into(), Bonds(Arc::new(vec![bond])))),
            }
        }
    }

    /// Takes a binding out.
    pub(super) fn remove(&mut self, binding: &Binding) {
        let scope = Scope::of(&binding.namespace);
        for (who, _) in binding.reach() {
            let (side, name) = self.side(who);
            let Some(bonds) = side.get_mut(name.as_str()) else { continue };
            if let Ok(at) = bonds.position(scope, binding) {
                Arc::make_mut(&mut bonds.0).remove(at);
            }
            // Who has nothing would tell a kept index from a rebuilt one.
            if bonds.0.is_empty() {
                side.remove(name.as_str());
            }
        }
    }

    fn side(&mut self, who: Who) -> (&mut Map<Arc<str>, Bonds>, String) {
        match who {
            Who::User(name) => (&mut self.users, name),
            Who::Group(name) => (&mut self.groups, name),
        }
    }
}
