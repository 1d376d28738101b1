//! `who-can -f`: whom a dump allows something.

#[path = "support/beside.rs"]
mod beside;

use beside::run_beside;
use serde_json::Value;
use std::process::Command;

const DUMP: &str = "\
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: reader}
  rules:
  - {apiGroups: [apps], resources: [deployments], verbs: [get]}
  - {apiGroups: [''], resources: [secrets], verbs: [get, list]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: ci, namespace: shop}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
  subjects:
  - {kind: ServiceAccount, name: ci, namespace: build}
  - {kind: User, name: jo, apiGroup: rbac.authorization.k8s.io}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: ops}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
  subjects:
  - {kind: Group, name: ops, apiGroup: rbac.authorization.k8s.io}
";

fn who_can(arguments: &[&str]) -> (i32, String) {
    run_beside(&[("dump.yaml", DUMP)], &[&["who-can"], arguments].concat())
}

/// The lines of the dump's own bindings, their words apart by one blank.
fn own(text: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(words).filter(|line| line.contains("reader")).collect()
}

#[test]
fn holders_are_told_with_their_rule_and_its_line() {
    let (code, text) = who_can(&["-f", "dump.yaml", "get", "secrets", "-n", "shop"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(
        own(&text),
        [
            "group ops whole cluster ClusterRoleBinding ops ClusterRole reader dump.yaml:9",
            "system:serviceaccount:build:ci shop RoleBinding ci ClusterRole reader dump.yaml:9",
            "jo shop RoleBinding ci ClusterRole reader dump.yaml:9",
        ]
    );
    assert!(text.starts_with("WHO ") && text.contains("\ngroup system:masters "), "{text}");
}

#[test]
fn a_namespace_counts_unless_any_will_do() {
    let lines = |place: &[&str]| {
        let (_, text) = who_can(&[&["-f", "dump.yaml", "get", "deployments"][..], place].concat());
        own(&text).len()
    };
    assert_eq!(lines(&["-n", "other"]), 1);
    assert_eq!(lines(&["-A"]), 3);
    let (_, text) = who_can(&["-f", "dump.yaml", "approve", "signers.certificates.k8s.io/own"]);
    assert!(text.contains("group system:masters"), "{text}");
}

#[test]
fn json_is_as_its_schema_says() {
    let (code, text) = who_can(&["-f", "dump.yaml", "--json", "get", "secrets", "-n", "shop"]);
    assert_eq!(code, 0, "{text}");
    let told: Value = serde_json::from_str(&text).expect("JSON");
    let schema = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(["schema", "who-can"])
        .output()
        .expect("it runs");
    let schema: Value = serde_json::from_slice(&schema.stdout).expect("JSON");
    jsonschema::validate(&schema, &told).expect("as the schema says");
    assert_eq!(told[0]["source"], Value::Null, "{told}");
}

#[test]
fn bad_input_is_told() {
    for (arguments, told) in [
        (&["get", "pods"][..], "hint: give its objects with -f DUMP"),
        (&["-f", "dump.yaml", "get", "podz"], "did you mean `pods`?"),
        (&["-f", "nowhere.yaml", "get", "pods"], "nowhere.yaml"),
    ] {
        let (code, text) = who_can(arguments);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(told), "{text}");
    }
}
