//! What one index lets people do that another one does not, whoever grants it there: a right that only comes by another rule
//! is none that was gained.
//!
//! Somebody has what the bindings give that name them, and those that name a group in which everybody of their name is: all who
//! are known are in `system:authenticated`, and accounts in the groups of accounts. What a group gains is told of the group
//! alone, and what is gained in the whole cluster is not told of a namespace besides.

use super::cover::{self, TooMany};
use super::index::Index;
use super::near;
use super::rule::{covers_resource, url_matches};
use crate::api::fact::Grounds;
use crate::api::rbac::{Binding, PolicyRule, Subject, Who};
use crate::api::{RequestInfo, User};
use std::collections::BTreeMap;

/// What somebody gained by a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gain {
    /// Who.
    pub(crate) who: Who,
    /// By which rule of which binding's role; in the binding's namespace, or in the whole cluster.
    pub(crate) by: Grounds,
    /// What of the rule is new: on one thing each, with all new verbs.
    pub(crate) new: Vec<PolicyRule>,
    /// Whether the binding bound them to the role before.
    pub(crate) was_bound: bool,
}

/// Bindings by whom and where they reach, each with the first subject that does.
type Reached<'a> = BTreeMap<Who, BTreeMap<&'a str, Vec<(&'a Binding, &'a Subject)>>>;

/// Whom bindings reach.
fn reached<'a>(bindings: Vec<&'a Binding>) -> Reached<'a> {
    let mut reached = Reached::new();
    for binding in bindings {
        for subject in &binding.subjects {
            let Some(who) = subject.who(&binding.namespace) else { continue };
            let known = reached.entry(who).or_default().entry(&binding.namespace).or_default();
            if known.last().is_none_or(|(last, _)| !std::ptr::eq(*last, binding)) {
                known.push((binding, subject));
            }
        }
    }
    reached
}

/// What is gained from one index to another: by user, then by group, the whole cluster first; each right by the first rule that
/// gives it.
pub(crate) fn gains(before: &Index, after: &Index) -> Vec<Gain> {
    let mut gains = Vec::new();
    for (who, places) in &reached(after.changed(before)) {
        let mut everywhere = Vec::new();
        for (namespace, bindings) in places {
            let mut held = held(before, who, namespace);
            held.extend_from_slice(&everywhere);
            for (binding, subject) in bindings {
                let earlier = before.bindings.get(&(binding.namespace.clone(), binding.name.clone()));
                let was_bound = earlier.is_some_and(|earlier| {
                    earlier.role_ref == binding.role_ref && earlier.reach().any(|(one, _)| one == *who)
                });
                let rules = after.role(&binding.role_ref, namespace).unwrap_or_default();
                for (place, rule) in rules.iter().enumerate() {
                    let counts = in_force(rule, namespace);
                    let new = cover::lacking(&held, std::slice::from_ref(&counts))
                        .unwrap_or_else(|TooMany| vec![counts.clone()]);
                    if new.is_empty() {
                        continue;
                    }
                    let by = near::grounds(binding, Some(subject), Some((place, rule)));
                    gains.push(Gain { who: who.clone(), by, new, was_bound });
                    if namespace.is_empty() {
                        everywhere.push(counts.clone());
                    }
                    held.push(counts);
                }
            }
        }
    }
    gains
}

/// Whether something of what somebody gained is about a question; `*` as its verb or resource stands for any, and as resource and
/// group for a right to `*`. Of a right to everything that is only what they had not before.
pub(crate) fn are_about(
    gained: &[PolicyRule],
    before: &Index,
    who: &Who,
    namespace: &str,
    asked: &RequestInfo,
) -> bool {
    let narrow: Vec<PolicyRule> = gained.iter().filter_map(|rule| narrowed(rule, asked)).collect();
    let new = cover::lacking(&held(before, who, namespace), &narrow);
    new.map_or(!narrow.is_empty(), |new| !new.is_empty())
}

/// What of a rule a question is about.
fn narrowed(rule: &PolicyRule, asked: &RequestInfo) -> Option<PolicyRule> {
    let verbs = match asked.verb.as_str() {
        "*" => rule.verbs.clone(),
        verb => vec![rule.verbs.iter().find(|held| *held == "*" || *held == verb).map(|_| verb.to_owned())?],
    };
    if !asked.is_resource {
        let covers = rule.non_resource_urls.iter().any(|url| url_matches(url, &asked.path));
        let non_resource_urls = vec![asked.path.clone()];
        return covers.then(|| PolicyRule { verbs, non_resource_urls, ..PolicyRule::default() });
    }
    let (groups, resources) = match (asked.resource.as_str(), asked.group.as_str()) {
        ("*", "*") => {
            let has_star = rule.resources.iter().any(|held| held == "*");
            (has_star.then(|| rule.api_groups.clone())?, vec!["*".to_owned()])
        }
        ("*", _) if rule.resources.is_empty() => return None,
        ("*", _) => (rule.api_groups.clone(), rule.resources.clone()),
        _ => {
            let of_group = rule.api_groups.iter().any(|held| held == "*" || *held == asked.group);
            let covers = rule.resources.iter().any(|held| covers_resource(held, asked));
            let part =
                if asked.subresource.is_empty() { String::new() } else { format!("/{}", asked.subresource) };
            let resource = format!("{}{part}", asked.resource);
            (vec![(of_group && covers).then(|| asked.group.clone())?], vec![resource])
        }
    };
    let names = match (asked.name.as_str(), rule.resource_names.as_slice()) {
        ("", held) => held.to_vec(),
        (name, []) => vec![name.to_owned()],
        (name, held) => vec![held.iter().find(|held| *held == name)?.clone()],
    };
    Some(PolicyRule {
        verbs,
        api_groups: groups,
        resources,
        resource_names: names,
        non_resource_urls: Vec::new(),
    })
}

/// What of a rule counts where it is bound: paths are in no namespace.
fn in_force(rule: &PolicyRule, namespace: &str) -> PolicyRule {
    let mut rule = rule.clone();
    if !namespace.is_empty() {
        rule.non_resource_urls.clear();
    }
    rule
}

/// What somebody of that name has in a namespace, whoever else they may be.
fn held(index: &Index, who: &Who, namespace: &str) -> Vec<PolicyRule> {
    let user = anybody(who);
    if user.in_group("system:masters") {
        return PolicyRule::everything().to_vec();
    }
    let (rules, _) = super::rules_for(index, &user, namespace);
    rules.iter().map(|rule| in_force(rule, namespace)).collect()
}

/// Somebody of whom no more than that is known, with the groups that follow from it.
pub(crate) fn anybody(who: &Who) -> User {
    let user = match who {
        Who::User(name) => User::named(name),
        Who::Group(name) if name.starts_with("system:serviceaccounts:") => {
            User::new("", &[name, "system:serviceaccounts"])
        }
        Who::Group(name) => User::new("", &[name]),
    };
    user.authenticated()
}
