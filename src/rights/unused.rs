//! Roles, bindings and rules that nobody has anything of.

use super::never::own_rules;
use super::{Findings, Found, checks, listed};
use crate::api::labels::selects;
use crate::api::rbac::{Binding, GROUP, PolicyRule, Subject, Who};
use crate::api::{Dig, User};
use crate::authorize::rbac::matching::Known;
use crate::authorize::rbac::{Grant, Index, cover};
use crate::explain::dump::{Dump, Stored};
use crate::json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What of a dump's own roles and bindings could be taken away and nobody would lose a right, in the order in which they are
/// written: roles that are neither bound nor gathered, bindings without subjects, rules that others of the same holder cover.
///
/// Of rules that give the same, the first is kept: whoever takes away all that is told loses nothing. What of a rule never matches
/// is nothing that anybody could lose, and is not told again.
pub fn unused(dump: &Dump) -> Vec<Found> {
    let index = dump.cluster.knowledge().rbac();
    let known = Known::of(dump.cluster.resources());
    let bound = Bound::of(index, &known);
    let roles = dump.cluster.store().objects().all("clusterroles.rbac.authorization.k8s.io");
    let selectors: Vec<&Value> =
        roles.flat_map(|role| role.list("aggregationRule.clusterRoleSelectors")).collect();
    let mut found = Vec::new();
    for stored in dump.rbac() {
        let mut findings = Findings::about(stored);
        let Stored { key, object, .. } = stored;
        if key.resource.strip_suffix(GROUP).is_some_and(|resource| resource.ends_with("bindings.")) {
            bound.check(&Binding::read(&key.namespace, &key.name, object), &mut findings);
        } else {
            let gathered =
                || key.namespace.is_empty() && selectors.iter().any(|selector| selects(selector, object));
            if !bound.roles.contains_key(&(&*key.namespace, &*key.name)) && !gathered() {
                findings.add(&checks::UNBOUND_ROLE, "", "no binding refers to it".to_owned());
            }
            let rules: Vec<(usize, Rule)> = own_rules(dump, &stored)
                .map(|(at, rule)| (at, Rule::of(&known, rule, &key.namespace)))
                .collect();
            within(&rules, &mut findings);
        }
        found.append(&mut findings.found);
    }
    found
}

/// A rule, and what of it can match.
struct Rule {
    rule: PolicyRule,
    counts: Vec<PolicyRule>,
}

impl Rule {
    /// A rule of a role in that namespace; the empty one is the whole cluster.
    fn of(known: &Known<'_>, rule: PolicyRule, namespace: &str) -> Rule {
        Rule { counts: known.in_force(&rule, namespace), rule }
    }

    /// Whether this one gives all that another does; that its verbs are too few is seen at once.
    fn covers(&self, other: &Rule) -> bool {
        let has = |verb: &String| self.rule.verbs.contains(verb);
        let verbs = || other.counts.iter().flat_map(|rule| &rule.verbs);
        (self.rule.verbs.iter().any(|verb| verb == "*") || verbs().all(has))
            && cover::lacking(std::slice::from_ref(&self.rule), &other.counts)
                .is_ok_and(|lacking| lacking.is_empty())
    }

    /// Whether this one covers another and is kept for it: it gives more, or the same and comes first.
    fn is_kept_for<P: Ord>(&self, place: P, other: &Rule, of_other: P) -> bool {
        !other.counts.is_empty() && self.covers(other) && (place < of_other || !other.covers(self))
    }
}

/// Rules that others of the same role cover.
fn within(rules: &[(usize, Rule)], findings: &mut Findings<'_>) {
    for (at, rule) in rules {
        let other = rules.iter().find(|(other, held)| other != at && held.is_kept_for(*other, rule, *at));
        if let Some((other, _)) = other {
            let text = format!("rule {} of the same role gives all of it", other + 1);
            findings.add_to_rule(&checks::COVERED_RULE, *at, "", text);
        }
    }
}

/// All bindings, and the rules of the roles that they refer to.
struct Bound<'a> {
    index: &'a Index,
    /// By the roles' namespaces and names.
    roles: BTreeMap<(&'a str, &'a str), Vec<Rule>>,
}

impl<'a> Bound<'a> {
    fn of(index: &'a Index, known: &Known<'_>) -> Bound<'a> {
        let mut roles = BTreeMap::new();
        for binding in index.bindings() {
            let key = referred(binding);
            roles.entry(key).or_insert_with(|| {
                let rules = index.role(&binding.role_ref, &binding.namespace).unwrap_or_default();
                rules.iter().map(|rule| Rule::of(known, rule.clone(), key.0)).collect()
            });
        }
        Bound { index, roles }
    }

    fn rules<'b>(&'b self, binding: &'b Binding) -> &'b [Rule] {
        self.roles.get(&referred(binding)).map(Vec::as_slice).unwrap_or_default()
    }

    /// A binding without subjects, and the rules that all of its subjects hold by others.
    fn check(&self, binding: &Binding, findings: &mut Findings<'_>) {
        if binding.subjects.is_empty() {
            return findings.add(&checks::EMPTY_BINDING, "", "it has no subjects".to_owned());
        }
        let holders: Vec<User> =
            binding.subjects.iter().filter_map(|subject| holder(subject, &binding.namespace)).collect();
        // Of a subject that nobody is, nothing is known.
        if holders.len() != binding.subjects.len() {
            return;
        }
        let grants: Vec<Vec<Grant<'_>>> =
            holders.iter().map(|user| self.index.grants(user, &binding.namespace)).collect();
        let rules = self.rules(binding);
        for (at, rule) in rules.iter().enumerate() {
            // What another rule of the role gives is told of the role.
            if rules.iter().enumerate().any(|(other, held)| other != at && held.is_kept_for(other, rule, at))
            {
                continue;
            }
            let by: Option<BTreeSet<String>> =
                grants.iter().map(|grants| self.other(binding, at, rule, grants)).collect();
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

    /// What else gives somebody all that a rule does: another binding whose own is kept.
    fn other(&self, binding: &Binding, at: usize, rule: &Rule, grants: &[Grant<'_>]) -> Option<String> {
        let place = |of: &Binding, at: usize| (of.namespace.clone(), of.name.clone(), at);
        for grant in grants {
            let own = grant.binding.namespace == binding.namespace && grant.binding.name == binding.name;
            // What is given in the whole cluster is more than the same in a namespace.
            let wider = grant.binding.namespace.is_empty() && !binding.namespace.is_empty();
            let rules = self.rules(grant.binding).iter().enumerate().filter(|_| !own);
            let kept = |(other, held): &(usize, &Rule)| match wider {
                true => !rule.counts.is_empty() && held.covers(rule),
                false => held.is_kept_for(place(grant.binding, *other), rule, place(binding, at)),
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
}

/// The namespace and the name of the role that a binding refers to; a cluster role is in none.
fn referred(binding: &Binding) -> (&str, &str) {
    match binding.role_ref.kind.as_str() {
        "Role" => (&binding.namespace, &binding.role_ref.name),
        _ => ("", &binding.role_ref.name),
    }
}

/// Whoever a subject is, with no group but those that come with the name.
fn holder(subject: &Subject, namespace: &str) -> Option<User> {
    Some(match subject.who(namespace)? {
        Who::User(name) => User::named(&name).authenticated(),
        Who::Group(name) => User::new("", &[&name]).authenticated(),
    })
}
