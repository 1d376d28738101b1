//! Goal: what a step saved is filled into whatever names it.
//! Method: scenarios as text, replayed.

use super::report::Report;
use super::{load, run};
use crate::clients::NoFiles;

fn replay(text: &str) -> Report {
    let scenario = load::parse("a.yaml", text).unwrap();
    let version = run::versions(&scenario)[0];
    run::replay(&scenario, version, run::Options::default(), &NoFiles).unwrap()
}

#[test]
fn what_was_saved_fills_tokens_paths_and_bodies() {
    let report = replay(
        r#"
scenario: fill
about: a
steps:
- kubectl create serviceaccount robot
- {run: kubectl create token robot, save: A}
- {run: kubectl create token robot --audience vault, save: AB}
- {run: "kubectl get serviceaccount robot -o jsonpath={.metadata.name}", save: NAME}
- {as: {token: $A}, request: {do: POST /apis/authentication.k8s.io/v1/selfsubjectreviews,
   body: {apiVersion: authentication.k8s.io/v1, kind: SelfSubjectReview}}, expect: 201}
- {request: {as: {token: $AB}, do: GET /api}, expect: 401}
- {request: {do: GET /api/v1/namespaces/default/serviceaccounts/$NAME},
   expect: {answer: {metadata.name: $NAME, metadata.deletionTimestamp: null}}, save: {OF: metadata.namespace}}
- {run: "kubectl get namespace $OF", expect: {prints: default}}
- {request: {do: POST /api/v1/namespaces/default/configmaps,
   body: {apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {token: $AB}}}, expect: 201}
- {run: "kubectl get configmap m -o jsonpath={.data.token}", expect: {prints: $AB}}
"#,
    );
    let failures: Vec<&String> = report.all().into_iter().flat_map(|step| &step.failures).collect();
    assert!(failures.is_empty(), "{failures:?}");
}

/// How properties of a scenario are broken, by step.
fn broken(properties: &str) -> Vec<(String, String)> {
    let report = replay(&format!(
        "
scenario: properties
steps:
- kubectl create configmap a --from-literal=k=v
- {{as: alice, run: kubectl get configmaps, expect: 403}}
- kubectl create clusterrolebinding alice --clusterrole=view --user=alice
- {{as: alice, run: kubectl get configmaps, expect: 200}}
{properties}
"
    ));
    let steps = report.steps.iter();
    steps.flat_map(|step| step.broken.iter().map(|broken| (step.number.clone(), broken.clone()))).collect()
}

#[test]
fn properties_that_hold_say_nothing() {
    for holds in [
        "never: [{who: bob, can: list configmaps}]",
        "never: [{who: alice, can: list configmaps, when: {missing: clusterrolebindings/alice}}]",
        "never: [{who: alice, asks: list configmaps, code: 403, when: {stored: clusterrolebindings/alice, caught-up: true}}]",
        "never: [{who: alice, code: 500}]",
        "never: [{object: configmaps/a, fields: {data.k: w}}]",
        "always: [{who: alice, can: list configmaps, when: {stored: clusterrolebindings/alice}}]",
        "always: [{object: configmaps/a, fields: {data.k: v}, when: {stored: configmaps/a}}]",
        "always: [{who: alice, asks: list configmaps, code: 403, when: {missing: clusterrolebindings/alice}}]",
        "eventually: [{who: alice, can: list configmaps}]",
        "eventually: [{who: alice, asks: list configmaps, code: 200}]",
        "eventually: [{object: configmaps/a}]",
    ] {
        assert_eq!(broken(holds), [], "{holds}");
    }
}

#[test]
fn properties_that_are_broken_say_where_and_how() {
    let request = "GET /api/v1/namespaces/default/configmaps?limit=500 by alice is answered";
    let can = "alice can list configmaps (RBAC: allowed by ClusterRoleBinding \"alice\" of ClusterRole \"view\" to User \"alice\")";
    for (property, step, told) in [
        ("never: [{who: alice, can: list configmaps}]", "3", format!("never: {can}")),
        ("never: [{who: alice, asks: list configmaps, code: 403}]", "2", format!("never: {request} 403")),
        ("never: [{object: configmaps/a}]", "1", "never: configmaps/a is stored".to_owned()),
        (
            "always: [{who: alice, can: list configmaps}]",
            "1",
            "always: alice cannot list configmaps".to_owned(),
        ),
        ("always: [{who: alice, code: 200}]", "2", format!("always: {request} 403")),
        (
            "always: [{object: configmaps/a, fields: {data.k: w}, when: {stored: configmaps/a}}]",
            "1",
            "always: configmaps/a is stored with \"v\" at `data.k`".to_owned(),
        ),
        (
            "eventually: [{who: bob, can: list configmaps}]",
            "4",
            "eventually: bob cannot list configmaps".to_owned(),
        ),
        (
            "eventually: [{who: alice, code: 500}]",
            "4",
            "eventually: no such request is answered 500".to_owned(),
        ),
        ("eventually: [{object: configmaps/b}]", "4", "eventually: configmaps/b is not stored".to_owned()),
    ] {
        let broken = broken(property);
        assert_eq!(broken.first(), Some(&(step.to_owned(), told)), "{property}: {broken:?}");
    }
}
