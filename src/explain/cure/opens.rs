//! What a change opens: the verb-resource pairs that are new, and for whom.

use super::super::place;
use super::super::words::of_rules;
use super::{Granted, Opened};
use crate::api::service_account;
use crate::authorize::rbac::gains::{Gain, gains};
use crate::authorize::rbac::{Index, PolicyRule, Subject, Who, cover};
use std::collections::BTreeMap;

/// What the second index grants that the first one doesn't, and how much that is, for comparing cures.
pub(super) fn opens(before: &Index, after: &Index) -> (Vec<Opened>, usize) {
    let mut gained: BTreeMap<(Who, String), Vec<PolicyRule>> = BTreeMap::new();
    for Gain { who, by, new, .. } in gains(before, after) {
        gained.entry((who, by.namespace)).or_default().extend(cover::by_verb(&new));
    }
    let mut opened = Vec::new();
    let mut much = 0;
    for ((who, namespace), new) in gained {
        much += new.iter().map(weight).sum::<usize>() * if matches!(who, Who::Group(_)) { 10 } else { 1 };
        let place = place(&namespace);
        let granted = Granted { subject: subject(&who), namespace, rules: new.clone() };
        opened.push(Opened { who: name(&who), place, rules: of_rules(new), granted: Some(granted) });
    }
    (opened, much)
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
