//! Who may: the question the other way round.

use super::index::Index;
use super::near;
use super::role::Sieve;
use super::roles::{self, Key};
use crate::api::RequestInfo;
use crate::api::fact::Grounds;
use std::collections::BTreeMap;

/// The subjects of all bindings whose roles allow a request, each with the first rule that does: the cluster's bindings
/// first, then those of the request's namespace, each by name. With `anywhere` the namespace is left open, and each binding
/// is asked in its own.
pub(crate) fn holders(index: &Index, info: &RequestInfo, anywhere: bool) -> Vec<Grounds> {
    let asked = Sieve::of(info);
    // Many bindings have one role.
    let mut known: BTreeMap<Key, Option<usize>> = BTreeMap::new();
    let mut found = Vec::new();
    for binding in index.bindings.values() {
        let concerns = binding.namespace.is_empty() || anywhere || binding.namespace == info.namespace;
        let Some(key) = roles::meant(&binding.role_ref, &binding.namespace).filter(|_| concerns) else {
            continue;
        };
        let Some(role) = index.roles.get(&key) else { continue };
        let Some(rule) = *known.entry(key).or_insert_with(|| role.allows(info, asked)) else { continue };
        let reached = binding.subjects.iter().filter(|subject| subject.who(&binding.namespace).is_some());
        found.extend(
            reached.map(|subject| near::grounds(binding, Some(subject), Some((rule, &role.rules()[rule])))),
        );
    }
    found
}
