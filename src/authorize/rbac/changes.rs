//! What is other in an index than in an earlier one. What two forks share is not looked at.

use super::index::{Index, Key};
use crate::api::rbac::Binding;
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use std::collections::BTreeSet;

impl Index {
    /// The bindings that are new or changed since an earlier index, and those whose roles are.
    pub fn changed(&self, before: &Index) -> Vec<&Binding> {
        let roles = changed(&before.roles, &self.roles);
        let mut keys = changed(&before.bindings, &self.bindings);
        if !roles.is_empty() {
            let bound = self.bindings.iter().filter(|(_, binding)| {
                let of_namespace = binding.role_ref.kind == "Role";
                let place = if of_namespace { binding.namespace.clone() } else { String::new() };
                roles.contains(&(place, binding.role_ref.name.clone()))
            });
            keys.extend(bound.map(|(key, _)| key.clone()));
        }
        keys.iter().filter_map(|key| self.bindings.get(key)).map(|binding| &**binding).collect()
    }
}

/// The keys of what is new or changed.
fn changed<V: PartialEq>(before: &OrdMap<Key, V>, after: &OrdMap<Key, V>) -> BTreeSet<Key> {
    let news = before.diff(after).filter_map(|item| match item {
        DiffItem::Add(key, _) | DiffItem::Update { new: (key, _), .. } => Some(key.clone()),
        DiffItem::Remove(..) => None,
    });
    news.collect()
}
