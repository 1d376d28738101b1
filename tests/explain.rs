//! `explain -f`: what a dump says to a question, as a person reads it.

use std::process::Command;

const DUMP: &str = "\
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: pods, namespace: shop}
  rules:
  - apiGroups: ['']
    resources: [pods]
    verbs: [get, list]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: ci-pods, namespace: shop}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pods}
  subjects:
  - {kind: ServiceAccount, name: ci, namespace: build}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: dangling, namespace: shop}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: nowhere}
  subjects:
  - {kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}
";

/// Runs `explain` on the dump; the exit code and what it wrote.
fn explain(arguments: &[&str]) -> (i32, String) {
    let folder = tempfile(DUMP);
    let output = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .arg("explain")
        .args(["-f", "dump.yaml"])
        .args(arguments)
        .current_dir(&folder)
        .output()
        .expect("it runs");
    std::fs::remove_dir_all(folder).expect("it was made");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("it ended"), String::from_utf8(text).expect("it is text"))
}

fn tempfile(text: &str) -> std::path::PathBuf {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("kubeverdict-explain-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    std::fs::write(folder.join("dump.yaml"), text).expect("a file can be written");
    folder
}

#[test]
fn answers_name_the_rule_and_its_line_or_what_came_nearest() {
    for (who, question, held) in [
        (
            "system:serviceaccount:build:ci",
            "list pods -n shop",
            &[
                "-> 200",
                "by RoleBinding shop/ci-pods: Role pods to ServiceAccount build/ci",
                "rule 1 (dump.yaml:8)",
            ][..],
        ),
        (
            "system:serviceaccount:build:ci",
            "get pods/log -n shop",
            &[
                "-> 403 Forbidden",
                "resource: its nearest rule is for pods, not pods/log",
                "cure 1: a role and a binding for just this (proven on a fork: 200)",
                "$ kubectl create role get-pods-log -n shop --verb=get --resource=pods/log",
                "opens for service account build/ci in namespace shop: get pods/log",
                "one more rule in Role pods",
            ],
        ),
        (
            "system:serviceaccount:build:ci",
            "list pods -n other",
            &[
                "namespace: only shop, not other",
                "ask in namespace shop, where a binding allows it",
            ],
        ),
        (
            "bob",
            "get secrets -n shop",
            &["role: Role nowhere does not exist", "make the Role nowhere", "mind: who reads secrets"],
        ),
        (
            "bob",
            "list pods -n shop",
            &[
                "bind the Role pods, which is there",
                "no binding gives it, and none comes near",
            ],
        ),
        ("bob", "list widgets.example.com -n shop", &["-> 403", "create role list-widgets -n shop"]),
        ("bob", "get /metrics", &["-> 403", "--non-resource-url=/metrics"]),
        ("kubernetes-admin", "get nodes", &["-> 403"]),
    ] {
        let (code, text) = explain(&["--as", who, question]);
        assert_eq!(code, 0, "{text}");
        for part in held {
            assert!(text.contains(part), "{who} {question}: no `{part}` in:\n{text}");
        }
    }
    let (_, text) = explain(&["--as", "eve", "--as-group", "system:masters", "delete nodes"]);
    assert!(text.contains("system:masters lets it through"), "{text}");
}

#[test]
fn bad_input_is_told_with_a_hint() {
    for (arguments, held) in [
        (&["--as", "bob", "get podz -n a"][..], "did you mean `pods`?"),
        (&["get pods -n a"], "hint: say it with --as USER"),
        (&["--as", "bob", "get", "pods"], "hint: quote it"),
        (&["--as", "bob", "--version", "2.0", "get pods"], "error:"),
    ] {
        let (code, text) = explain(arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains(held), "{arguments:?}: {text}");
    }
}
