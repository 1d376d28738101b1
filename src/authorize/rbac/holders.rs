//! Who may: the question the other way round.

use super::index::Index;
use super::near;
use super::role::Sieve;
use super::roles::{self, Key};
use crate::api::fact::Grounds;
use crate::api::rbac::Binding;
use crate::api::{RequestInfo, User};
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

/// All rules that reach a user, each by the binding that gives it: the cluster's bindings first, then each namespace's, by
/// name; of one namespace, unless none is named.
pub(crate) fn held(index: &Index, user: &User, namespace: Option<&str>) -> Vec<Grounds> {
    let concerns = |binding: &&Binding| {
        binding.namespace.is_empty() || namespace.is_none_or(|namespace| binding.namespace == namespace)
    };
    let rules = |binding: &Binding| {
        let subject = binding.subject(user)?;
        let rules = index.role(&binding.role_ref, &binding.namespace)?.iter().enumerate();
        Some(rules.map(|rule| near::grounds(binding, Some(subject), Some(rule))).collect::<Vec<_>>())
    };
    index.bindings().filter(concerns).filter_map(rules).flatten().collect()
}
