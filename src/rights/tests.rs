//! Each check has a manifest in which it finds something, and one near it in which it doesn't.

mod least;
mod manifests;

use super::*;
use crate::api::rbac::PolicyRule;
use crate::api::{Dig, Version};
use crate::authorize::rbac::matching::Known;
use crate::explain::dump::Dump;
use crate::explain::source;
use crate::store::Key;
use manifests::{RULES, bindings, role};

/// A cluster of these manifests.
fn dump(text: &str) -> Dump {
    let written = source::read("m.yaml", text.to_owned()).expect("manifests");
    Dump::new(Version::DEFAULT, written, Some("shop")).expect("a cluster")
}

/// `check (line, field): text`, a line each.
fn told(found: &[Found]) -> String {
    let one =
        |found: &Found| format!("{} ({}, {}): {}", found.check, found.place.line, found.field, found.text);
    found.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_never_matches_is_found_and_what_is_near_it_not() {
    let rules = RULES.iter().map(|[check, wrong, text, near]| {
        (*check, role("ClusterRole", wrong), *text, role("ClusterRole", near))
    });
    let mut seen = Vec::new();
    for (check, wrong, text, near) in rules.chain(bindings()) {
        let first = check.split(' ').next().unwrap_or_default();
        assert_eq!(told(&never_matches(&dump(&wrong))), format!("{first} ({text}"), "{wrong}");
        assert_eq!(told(&never_matches(&dump(&near))), "", "{near}");
        seen.extend(check.split(' '));
    }
    for check in CHECKS.iter().filter(|check| check.sort != Sort::Unused) {
        assert!(seen.contains(&check.name), "{} has no manifest", check.name);
    }
}

/// What Kubernetes itself gives does match, but for what is left of older releases.
#[test]
fn the_roles_of_every_release_match() {
    const LEFT: [&str; 5] = [
        "bindings has none of the verbs get, list, watch; it has create",
        "`proxy` is no verb but a subresource: `nodes/proxy` has create, delete, get, patch, update",
        "deployments has no subresource rollback",
        "`list` is no verb of resourceclaims/status",
        "`watch` is no verb of resourceclaims/status",
    ];
    let mut wrong = std::collections::BTreeSet::new();
    for version in Version::all() {
        let dump = Dump::new(version, Vec::new(), None).expect("a cluster");
        let known = Known::of(dump.cluster.resources());
        let objects = dump.cluster.store().objects();
        for resource in ["clusterroles.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io"] {
            for role in objects.all(resource) {
                let text = serde_json::to_string(&**role).expect("JSON");
                let written = source::read("role.json", text).expect("a role");
                let key = Key::new(resource, role.namespace(), role.name());
                let mut findings = Findings::about(Stored { key: &key, object: role, written: &written[0] });
                for (at, rule) in PolicyRule::list(role).iter().enumerate() {
                    never::rule(&known, at, rule, &mut findings);
                }
                let never = findings.found.into_iter().filter(|found| found.sort == Sort::Never);
                wrong.extend(never.map(|found| (found.text, format!("{version} {}", found.place.name))));
            }
        }
    }
    wrong.retain(|(text, _)| !LEFT.contains(&text.as_str()));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const UNUSED: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: idle}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: part, labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}}
rules: [{apiGroups: [example.com], resources: [widgets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pods}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get]}
- {apiGroups: [''], resources: [pods, services], verbs: [get, list]}
- {apiGroups: [''], resources: [secrets], resourceNames: [a], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: pods}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pods}
subjects: [{kind: User, name: jo}, {kind: User, name: al}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: again}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pods}
subjects: [{kind: User, name: jo}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: nobody}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: secrets}
rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: secrets}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: secrets}
subjects: [{kind: User, name: jo}, {kind: User, name: al}]
";

/// What never matches is nothing that somebody loses, and `never-matches` tells of it.
#[test]
fn what_never_matches_covers_nothing_and_is_not_told_twice() {
    let rules = "rules:\n- {apiGroups: ['', apps], resources: [pods, deployments], verbs: [get]}\n\
                 - {apiGroups: [''], resources: [pods, podz], verbs: [get]}\n\
                 - {apiGroups: [''], resources: [podz], verbs: [get]}\n";
    let whole = role("Role", "X").replace("rules:\n- X\n", rules);
    assert_eq!(
        told(&unused(&dump(&whole))),
        "covered-rule (6, rules[1]): rule 1 of the same role gives all of it"
    );
}

#[test]
fn what_somebody_may_is_what_can_match() {
    let text =
        role("Role", "{apiGroups: ['', apps], resources: [pods, deployments, nodes, po], verbs: [get, lst]}");
    let rights = what_can(&dump(&text), &crate::api::User::named("jo"), Some("shop"));
    let told: Vec<String> =
        rights.rights.iter().map(|right| format!("{} {:?}", right.resource, right.verbs)).collect();
    assert_eq!(
        told,
        ["deployments [Held { verb: \"get\", by: [1] }]", "pods [Held { verb: \"get\", by: [1] }]"]
    );
}

#[test]
fn what_nobody_has_anything_of_is_found() {
    let found = told(&unused(&dump(UNUSED)));
    let expected = [
        "unbound-role (1, ): no binding refers to it",
        "covered-rule (15, rules[0]): rule 2 of the same role gives all of it",
        // `again` gives jo the second rule, and comes first; al has it by nothing but `pods`.
        "covered-rule (22, roleRef.name): rule 3 of Role pods gives its subjects nothing that they don't have by rule 1 of ClusterRole secrets (ClusterRoleBinding secrets)",
        "covered-rule (28, roleRef.name): rule 3 of Role pods gives its subjects nothing that they don't have by rule 1 of ClusterRole secrets (ClusterRoleBinding secrets)",
        "empty-binding (31, ): it has no subjects",
    ];
    assert_eq!(found, expected.join("\n"));
}
