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
