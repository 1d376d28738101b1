//! What is other in an index than in an earlier one. What two forks share is not looked at.

use super::index::Index;
use super::roles::{self, Key};
use crate::api::rbac::Binding;
use imbl::ordmap::DiffItem;
use std::collections::BTreeSet;

impl Index {
    /// The bindings that are new or changed since an earlier index, and those whose roles are.
    pub fn changed(&self, before: &Index) -> Vec<&Binding> {
        let news = before.bindings.diff(&self.bindings).filter_map(|item| match item {
            DiffItem::Add(key, _) | DiffItem::Update { new: (key, _), .. } => Some(key),
            DiffItem::Remove(..) => None,
        });
        let mut keys: BTreeSet<&Key> = news.collect();
        let roles = self.roles.changed(&before.roles);
        if !roles.is_empty() {
            let bound = self.bindings.iter().filter(|(_, binding)| {
                let role = roles::meant(&binding.role_ref, &binding.namespace);
                role.is_some_and(|role| roles.contains(&role))
            });
            keys.extend(bound.map(|(key, _)| key));
        }
        keys.iter().filter_map(|key| self.bindings.get(*key)).map(|binding| &**binding).collect()
    }
}
