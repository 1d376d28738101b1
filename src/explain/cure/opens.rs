//! What a change opens: the verb-resource pairs that are new, and for whom.

use super::super::place;
use super::{Granted, Opened};
use crate::api::rbac::typed;
use crate::api::{User, service_account};
use crate::authorize::rbac::{self, Index, PolicyRule, Subject, Who, cover};
use std::collections::BTreeMap;

/// What the second index grants that the first one doesn't, and how much that is, for comparing cures.
pub(super) fn opens(before: &Index, after: &Index) -> (Vec<Opened>, usize) {
    let mut gained: BTreeMap<(Who, String), Vec<PolicyRule>> = BTreeMap::new();
    for binding in after.changed(before) {
        let rules = after.role(&binding.role_ref, &binding.namespace).unwrap_or_default();
        for reached in binding.reach() {
            gained.entry(reached).or_default().extend_from_slice(rules);
        }
    }
    let mut opened = Vec::new();
    let mut much = 0;
    for ((who, namespace), rules) in gained {
        let new = cover::missing(&held(before, &who, &namespace), &rules);
        much += new.iter().map(weight).sum::<usize>() * if matches!(who, Who::Group(_)) { 10 } else { 1 };
        if !new.is_empty() {
            let granted =
                Granted { subject: subject(&who), namespace: namespace.clone(), rules: new.clone() };
            opened.push(Opened {
                who: name(&who),
                place: place(&namespace),
                rules: words(new),
                granted: Some(granted),
            });
        }
    }
    (opened, much)
}

/// What a subject holds in a namespace by itself, the groups of every account included.
fn held(index: &Index, who: &Who, namespace: &str) -> Vec<PolicyRule> {
    let user = match who {
        Who::Group(group) => User::new("", &[group]),
        Who::User(name) if service_account(name).is_some() => User::named(name).authenticated(),
        Who::User(name) => User::new(name, &[]),
    };
    rbac::rules_for(index, &user, namespace).0
}

/// How much a rule of one verb on one thing opens: a wildcard is worth many words.
fn weight(rule: &PolicyRule) -> usize {
    let of = |words: &[String], all: usize| if words.iter().any(|word| word == "*") { all } else { 1 };
    let named = if rule.resource_names.is_empty() { 4 } else { 1 };
    of(&rule.verbs, 10) * of(&rule.api_groups, 10) * of(&rule.resources, 50) * named
}

fn subject(who: &Who) -> Subject {
    let (kind, name) = match who {
        Who::User(name) => ("User", name),
        Who::Group(name) => ("Group", name),
    };
    Subject { kind: kind.to_owned(), name: name.clone(), ..Subject::default() }
}

fn name(who: &Who) -> String {
    match who {
        Who::Group(name) => format!("group {name}"),
        Who::User(name) => match service_account(name) {
            Some((namespace, account)) => format!("service account {namespace}/{account}"),
            None => format!("user {name}"),
        },
    }
}

/// Rules of one verb each in words, with all verbs on one thing and all things of the same verbs together:
/// `get, list pods, services, deployments.apps`.
fn words(rules: Vec<PolicyRule>) -> Vec<String> {
    let mut verbs: Vec<(String, Vec<String>)> = Vec::new();
    for rule in rules {
        let thing = thing(&rule);
        match verbs.iter_mut().find(|(known, _)| *known == thing) {
            Some((_, list)) => {
                list.extend(rule.verbs.into_iter().filter(|verb| !list.contains(verb)).collect::<Vec<_>>())
            }
            None => verbs.push((thing, rule.verbs)),
        }
    }
    let mut things: Vec<(String, Vec<String>)> = Vec::new();
    for (thing, verbs) in verbs {
        let verbs = verbs.join(", ");
        match things.iter_mut().find(|(known, _)| *known == verbs) {
            Some((_, list)) => list.push(thing),
            None => things.push((verbs, vec![thing])),
        }
    }
    things.into_iter().map(|(verbs, things)| format!("{verbs} {}", things.join(", "))).collect()
}

fn thing(rule: &PolicyRule) -> String {
    if !rule.non_resource_urls.is_empty() {
        return rule.non_resource_urls.join(", ");
    }
    let group = rule.api_groups.first().map_or("", String::as_str);
    let resource = typed(&rule.resources.join(", "), group);
    let names = if rule.resource_names.is_empty() {
        String::new()
    } else {
        format!(" named {}", rule.resource_names.join(", "))
    };
    format!("{resource}{names}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn only_what_is_new_is_told() {
        let role = |verbs: &[&str]| json!({"rules": [{"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": verbs}]});
        let binding = |role: &str, subject: crate::json::Value| json!({"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role}, "subjects": [subject]});
        let alice = json!({"kind": "User", "name": "alice"});
        let account = json!({"kind": "ServiceAccount", "name": "x"});
        let (get, more) = (role(&["get"]), role(&["get", "list"]));
        let (one, two) = (binding("r", alice), binding("r", account));
        let before = Index::rebuild([("roles", "a", "r", &get), ("rolebindings", "a", "one", &one)]);
        let after = Index::rebuild([
            ("roles", "a", "r", &more),
            ("rolebindings", "a", "one", &one),
            ("rolebindings", "a", "two", &two),
        ]);
        let (opened, _) = opens(&before, &after);
        let told: Vec<String> =
            opened.iter().map(|o| format!("{} in {}: {}", o.who, o.place, o.rules.join("; "))).collect();
        assert_eq!(
            told,
            [
                "user alice in namespace a: list pods, pods/log",
                "service account a/x in namespace a: get, list pods, pods/log",
            ]
        );
        assert_eq!(opens(&after, &after), (Vec::new(), 0));
    }
}
