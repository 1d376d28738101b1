//! `who-can -f`: whom a dump allows something.

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

fn who_can(name: &str, arguments: &[&str]) -> (i32, String) {
    let folder = std::env::temp_dir().join(format!("kubeverdict-who-can-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("dump.yaml"), DUMP).expect("a dump");
    let output = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .arg("who-can")
        .args(arguments)
        .current_dir(&folder)
        .output()
        .expect("it runs");
    std::fs::remove_dir_all(folder).expect("it was made");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("it ended"), String::from_utf8(text).expect("it is text"))
}

/// The lines of the dump's own bindings, their words apart by one blank.
fn own(text: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(words).filter(|line| line.contains("reader")).collect()
}

#[test]
fn holders_are_told_with_their_rule_and_its_line() {
    let (code, text) = who_can("line", &["-f", "dump.yaml", "get", "secrets", "-n", "shop"]);
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
    let lines = |name, place: &[&str]| {
        let (_, text) = who_can(name, &[&["-f", "dump.yaml", "get", "deployments"][..], place].concat());
        own(&text).len()
    };
    assert_eq!(lines("other", &["-n", "other"]), 1);
    assert_eq!(lines("any", &["-A"]), 3);
    let (_, text) = who_can("nobody", &["-f", "dump.yaml", "approve", "signers.certificates.k8s.io/own"]);
    assert!(text.contains("group system:masters"), "{text}");
}

#[test]
fn json_is_as_its_schema_says() {
    let (code, text) = who_can("json", &["-f", "dump.yaml", "--json", "get", "secrets", "-n", "shop"]);
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
    for (name, arguments, told) in [
        ("no-dump", &["get", "pods"][..], "hint: give its objects with -f DUMP"),
        ("no-such", &["-f", "dump.yaml", "get", "podz"], "did you mean `pods`?"),
        ("no-file", &["-f", "nowhere.yaml", "get", "pods"], "nowhere.yaml"),
    ] {
        let (code, text) = who_can(name, arguments);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(told), "{text}");
    }
}
