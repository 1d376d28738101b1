//! `explain -f`: what a dump says to a question, as a person reads it.

#[path = "support/beside.rs"]
mod beside;

use beside::run_beside;
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
    explain_dump(DUMP, arguments)
}

fn explain_dump(dump: &str, arguments: &[&str]) -> (i32, String) {
    run_beside(&[("dump.yaml", dump)], &[&["explain", "-f", "dump.yaml"], arguments].concat())
}

#[test]
fn answers_name_the_rule_and_its_line_or_what_came_nearest() {
    for (who, question, held) in [
        (
            "system:serviceaccount:build:ci",
            "list pods -n shop",
            &[
                "-> 200",
                "by RoleBinding shop/ci-pods: Role pods to system:serviceaccount:build:ci",
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
            &["nothing here is in namespace other", "ask in namespace shop, where a binding allows it"],
        ),
        (
            "bob",
            "get secrets -n shop",
            &["role: Role nowhere does not exist", "make the Role nowhere", "mind: who reads secrets"],
        ),
        (
            "bob",
            "list pods -n shop",
            &["bind the Role pods, which is there", "role: Role nowhere does not exist"],
        ),
        ("bob", "list widgets.example.com -n shop", &["-> 403", "create role list-widgets -n shop"]),
        ("bob", "get /metrics", &["-> 403", "--non-resource-url=/metrics"]),
        ("kubernetes-admin", "get nodes", &["-> 403"]),
        ("system:anonymous", "get nodes", &["in groups system:unauthenticated", "this is for everybody"]),
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
fn a_question_is_taken_as_people_have_it() {
    let quoted = explain(&["--as", "bob", "get secrets -n shop"]);
    assert_eq!(explain(&["--as", "bob", "get", "secrets", "-n", "shop"]), quoted);
    for (asked, told) in [
        (
            r#"Error from server (Forbidden): secrets is forbidden: User "bob" cannot get resource "secrets" in API group "" in the namespace "shop""#,
            "asks:  kubectl auth can-i get secrets -n shop --as=bob",
        ),
        ("GET /api/v1/namespaces/shop/secrets", "asks:  kubectl auth can-i list secrets -n shop --as=bob"),
        ("get secrets/db -n shop", "asks:  kubectl auth can-i get secrets/db -n shop --as=bob"),
        ("impersonate users jo", "asks:  kubectl auth can-i impersonate users/jo -A --as=bob"),
    ] {
        let (code, text) = explain(&["--as", "bob", asked]);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("403") && text.contains(told), "{asked}: {text}");
    }
}

/// A pod is looked up, and only then is a stream opened to it: who may do neither is told of both.
#[test]
fn a_line_of_kubectl_is_cured_of_all_that_it_is_refused() {
    let pod = "- {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: c, image: i}]}}\n";
    let dump = format!("{DUMP}{pod}");
    let (code, text) = explain_dump(&dump, &["--as", "bob", "kubectl exec web -n shop -- ls"]);
    assert_eq!(code, 0, "{text}");
    for told in [
        "`kubectl exec web -n shop -- ls` takes all of these 2:\n\nget pods web in shop -> 403 Forbidden\n",
        "$ kubectl create role get-pods -n shop --verb=get --resource=pods --resource-name=web\n",
        "\n\ncreate pods/exec web in shop -> 403 Forbidden\n",
        "$ kubectl create role create-pods-exec -n shop --verb=create --resource=pods/exec --resource-name=web\n",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    // Who may look it up is told of the rest alone, and under the line as it is typed.
    let ci = "system:serviceaccount:build:ci";
    let (_, text) = explain_dump(&dump, &["--as", ci, "kubectl exec web -n shop -- ls"]);
    assert!(text.starts_with("kubectl exec web -n shop -- ls -> 403 Forbidden\n"), "{text}");
    assert!(text.contains("--verb=create --resource=pods/exec"), "{text}");
    // What is not there is stood in for, and said so.
    let (code, text) = explain(&["--as", "bob", "kubectl exec web -n shop -- ls"]);
    assert!(code == 0 && text.contains("` takes all of these 2:"), "{text}");
    assert!(text.contains("note: the dump holds no pods `web`: it is asked as if it were there"), "{text}");
    // What nothing can stand in for leaves the rest unknown.
    let (code, text) = explain(&["--as", "bob", "kubectl certificate approve x"]);
    let unknown = "what else it takes is not known: the dump does not hold certificatesigningrequests `x`";
    assert!(code == 0 && text.contains(unknown), "{text}");
}

#[test]
fn bad_input_is_told_with_a_hint() {
    for (arguments, held) in [
        (&["--as", "bob", "get podz -n a"][..], "did you mean `pods`?"),
        (&["get pods -n a"], "hint: say it with --as USER"),
        (&["--as", "bob", "get", "pods", "x", "y"], "a question is VERB RESOURCE [NAME]"),
        (&["--as", "bob", "get pods x/log"], "did you mean `pods/log x`?"),
        (
            &["pods \"p\" is forbidden: exceeded quota: q"],
            "ResourceQuota refused it; see `kubectl describe quota`",
        ),
        (&["--as", "bob", "--version", "2.0", "get pods"], "error:"),
    ] {
        let (code, text) = explain(arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains(held), "{arguments:?}: {text}");
    }
}

/// What people get wrong most, in the words of the mistake.
#[test]
fn a_mistake_is_named_before_what_is_merely_near() {
    let dump = "\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: view, namespace: shop}
  rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: app-view, namespace: shop}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: view}
  subjects:
  - {kind: ServiceAccount, name: app, namespace: default}
  - {kind: User, name: web, apiGroup: rbac.authorization.k8s.io}
  - {kind: User, name: alice, apiGroup: rbac.authorization.k8s.io}
";
    let account = |name: &str| format!("system:serviceaccount:shop:{name}");
    for (who, question, held) in [
        (
            account("app"),
            "list pods -n shop",
            &["its subject is ServiceAccount default/app: the same name in another namespace"][..],
        ),
        (
            account("web"),
            "list pods -n shop",
            &["its subject is User web: the same name as another kind", "shop:web is in no binding"],
        ),
        ("alcie".to_owned(), "list pods -n shop", &["its subject is User alice: nearly the same name"]),
        (account("c1"), "list pods -n shop", &["system:serviceaccount:shop:c1 is in no binding"]),
        (
            "shop/app".to_owned(),
            "list pods -n shop",
            &["a service account is a user of the name system:serviceaccount:shop:app"],
        ),
        (
            "alice".to_owned(),
            "gte pods -n shop",
            &["there is no verb gte; did you mean get?", "cure 1: ask for the verb get"],
        ),
        ("alice".to_owned(), "list pods -n shpo", &["there is no namespace shpo; did you mean shop?"]),
    ] {
        let (_, text) = explain_dump(dump, &["--as", &who, question]);
        for part in held {
            assert!(text.contains(part), "{who} {question}: no `{part}` in:\n{text}");
        }
        assert!(!text.contains("system:controller:"), "{who} {question}: noise in:\n{text}");
    }
}

/// The JSON that is printed keeps to the schema that is printed.
#[test]
fn json_is_as_its_schema_says() {
    let schema = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(["schema", "explain"])
        .output()
        .expect("it runs");
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/lizhe.yaml");
    let of_step = ["explain", "--json", scenario, "at once"];
    for arguments in [
        &of_step[..],
        &["explain", "--json", "-f", "-", "--as", "bob", "list pods -n shop"],
        &["explain", "--json", "-f", "-", "--as", "system:serviceaccount:build:ci", "list pods -n shop"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
            .args(arguments)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("it runs");
        use std::io::Write;
        let _ = child.stdin.take().expect("a pipe").write_all(DUMP.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        let wrong: Vec<String> = schema.iter_errors(&printed).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{arguments:?}: {wrong:?}\n{printed}");
        assert!(printed[0]["requests"][0]["told"][0]["by"].is_string(), "{printed}");
    }
}

/// Where several namespaces have it, the cure that works where it was asked comes first, and they take one place together.
#[test]
fn a_cure_elsewhere_hides_none_that_works_here() {
    let mut dump = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [''], resources: [pods], verbs: [list]}]
"
    .to_owned();
    for namespace in ["default", "kube-system", "monitoring"] {
        dump.push_str(&format!(
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: reader, namespace: {namespace}}}\n\
             roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}}\n\
             subjects: [{{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}}]\n"
        ));
    }
    let (_, text) = explain_dump(&dump, &["--as", "bob", "list pods -n shop"]);
    let cures: Vec<&str> = text.lines().filter(|line| line.starts_with("  cure ")).collect();
    assert!(cures[0].contains("a role and a binding for just this"), "{text}");
    let elsewhere: Vec<&&str> = cures.iter().filter(|cure| cure.contains("ask in namespace")).collect();
    assert_eq!(elsewhere.len(), 1, "{text}");
    assert!(elsewhere[0].contains("(also in kube-system, monitoring)"), "{text}");
}

/// The first story: the binding is stored, and the authorizer has not learned of it.
#[test]
fn what_is_stored_and_not_known_yet_is_said_and_waited_for() {
    let output = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(["explain", concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/lizhe.yaml"), "at once"])
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("it is text");
    for part in [
        "ClusterRoleBinding permissive-binding: ClusterRole cluster-admin to group system:serviceaccounts:lizhe is stored \
         and allows it; the authorizer has not seen that yet",
        "cure 1: wait until RBAC has seen ClusterRoleBinding \"permissive-binding\" (proven on a fork: 200)",
        "opens nothing else",
    ] {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
    for part in ["no binding gives it", "cure 2", "opens for"] {
        assert!(!text.contains(part), "`{part}` in:\n{text}");
    }
}
