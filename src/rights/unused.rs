//! Roles, bindings and rules that nobody has anything of.

use super::never::own_rules;
use super::{Findings, Found, checks, listed};
use crate::api::labels::selects;
use crate::api::rbac::{Binding, GROUP, PolicyRule, Subject, Who};
use crate::api::{Dig, User};
use crate::authorize::rbac::{Grant, Index, cover};
use crate::explain::dump::{Dump, Stored};
use crate::json::Value;
use std::collections::BTreeSet;

/// What of a dump's own roles and bindings could be taken away and nobody would lose a right, in the order in which they are
/// written: roles that are neither bound nor gathered, bindings without subjects, rules that others of the same holder cover.
///
/// Of rules that give the same, the first is kept: whoever takes away all that is told loses nothing.
pub fn unused(dump: &Dump) -> Vec<Found> {
    let index = dump.cluster.knowledge().rbac();
    let bound: BTreeSet<(&str, &str)> = index
        .bindings()
        .map(|binding| match binding.role_ref.kind.as_str() {
            "Role" => (binding.namespace.as_str(), binding.role_ref.name.as_str()),
            _ => ("", binding.role_ref.name.as_str()),
        })
        .collect();
    let roles = dump.cluster.store().objects().all("clusterroles.rbac.authorization.k8s.io");
    let selectors: Vec<&Value> =
        roles.flat_map(|role| role.list("aggregationRule.clusterRoleSelectors")).collect();
    let mut found = Vec::new();
    for stored in dump.rbac() {
        let mut findings = Findings::about(stored);
        let Stored { key, object, .. } = stored;
        if key.resource.strip_suffix(GROUP).is_some_and(|resource| resource.ends_with("bindings.")) {
            binding(index, &Binding::read(&key.namespace, &key.name, object), &mut findings);
        } else {
            let gathered =
                || key.namespace.is_empty() && selectors.iter().any(|selector| selects(selector, object));
            if !bound.contains(&(&*key.namespace, &*key.name)) && !gathered() {
                findings.add(&checks::UNBOUND_ROLE, "", "no binding refers to it".to_owned());
            }
            let rules: Vec<(usize, PolicyRule)> = own_rules(dump, &stored).collect();
            within(&rules, &mut findings);
        }
        found.append(&mut findings.found);
    }
    found
}

/// Rules that others of the same role cover.
fn within(rules: &[(usize, PolicyRule)], findings: &mut Findings<'_>) {
    for (at, rule) in rules {
        let other = rules.iter().find(|(other, held)| other != at && is_kept(held, *other, rule, *at));
        if let Some((other, _)) = other {
            let text = format!("rule {} of the same role gives all of it", other + 1);
            findings.add_to_rule(&checks::COVERED_RULE, *at, "", text);
        }
    }
}

/// Whether a rule covers another and is kept for it: it gives more, or the same and comes first.
fn is_kept<P: Ord>(held: &PolicyRule, place: P, rule: &PolicyRule, other: P) -> bool {
    covers(held, rule) && (place < other || !covers(rule, held))
}

/// Whether a rule gives all that another does; that its verbs are too few is seen at once.
fn covers(held: &PolicyRule, rule: &PolicyRule) -> bool {
    let has = |verb: &String| held.verbs.contains(verb);
    (held.verbs.iter().any(|verb| verb == "*") || rule.verbs.iter().all(has))
        && cover::lacking(std::slice::from_ref(held), std::slice::from_ref(rule))
            .is_ok_and(|lacking| lacking.is_empty())
}

/// A binding without subjects, and the rules that all of its subjects hold by others.
fn binding(index: &Index, binding: &Binding, findings: &mut Findings<'_>) {
    if binding.subjects.is_empty() {
        return findings.add(&checks::EMPTY_BINDING, "", "it has no subjects".to_owned());
    }
    let rules = index.role(&binding.role_ref, &binding.namespace).unwrap_or_default();
    let holders: Vec<User> =
        binding.subjects.iter().filter_map(|subject| holder(subject, &binding.namespace)).collect();
    // Of a subject that nobody is, nothing is known.
    if holders.len() != binding.subjects.len() {
        return;
    }
    let grants: Vec<Vec<Grant<'_>>> =
        holders.iter().map(|user| index.grants(user, &binding.namespace)).collect();
    for (at, rule) in rules.iter().enumerate() {
        // What another rule of the role gives is told of the role.
        if rules.iter().enumerate().any(|(other, held)| other != at && is_kept(held, other, rule, at)) {
            continue;
        }
        let by: Option<BTreeSet<String>> =
            grants.iter().map(|grants| other(binding, at, rule, grants)).collect();
        if let Some(by) = by.filter(|by| !by.is_empty()) {
            let (kind, name) = (&binding.role_ref.kind, &binding.role_ref.name);
            let by = listed(by.iter().map(String::as_str));
            let text = format!(
                "rule {} of {kind} {name} gives its subjects nothing that they don't have by {by}",
                at + 1
            );
            findings.add(&checks::COVERED_RULE, "roleRef.name", text);
        }
    }
}

/// Whoever a subject is, with no group but those that come with the name.
fn holder(subject: &Subject, namespace: &str) -> Option<User> {
    Some(match subject.who(namespace)? {
        Who::User(name) => User::named(&name).authenticated(),
        Who::Group(name) => User::new("", &[&name]).authenticated(),
    })
}

/// What else gives somebody all that a rule does: another binding whose own is kept.
fn other(binding: &Binding, at: usize, rule: &PolicyRule, grants: &[Grant<'_>]) -> Option<String> {
    let place = |of: &Binding, at: usize| (of.namespace.clone(), of.name.clone(), at);
    for grant in grants {
        let own = grant.binding.namespace == binding.namespace && grant.binding.name == binding.name;
        // What is given in the whole cluster is more than the same in a namespace.
        let wider = grant.binding.namespace.is_empty() && !binding.namespace.is_empty();
        let rules = grant.rules.unwrap_or_default().iter().enumerate().filter(|_| !own);
        let kept = |(other, held): &(usize, &PolicyRule)| match wider {
            true => covers(held, rule),
            false => is_kept(held, place(grant.binding, *other), rule, place(binding, at)),
        };
        if let Some((other, _)) = { rules }.find(kept) {
            let Binding { role_ref, name, .. } = grant.binding;
            let text = format!(
                "rule {} of {} {} ({} {name})",
                other + 1,
                role_ref.kind,
                role_ref.name,
                grant.binding.kind()
            );
            return Some(text);
        }
    }
    None
}
