//! `what-can`, `never-matches`, `unused` and `least`, as somebody runs them.

#[path = "support/beside.rs"]
mod beside;

use beside::run_beside;
use serde_json::Value;
use std::process::Command;

const DUMP: &str = include_str!("../examples/rights/rbac.yaml");
const LOG: &str = include_str!("../examples/rights/audit.log");

/// Runs a command beside the example; the exit code and what it wrote.
fn run(arguments: &str) -> (i32, String) {
    let files = [
        ("rbac.yaml", DUMP),
        ("audit.log", LOG),
        ("empty.yaml", ""),
        ("broken.log", "{\"kind\":\"Event\"}\nx\n"),
    ];
    run_beside(&files, &arguments.split(' ').collect::<Vec<_>>())
}

#[test]
fn json_is_as_its_schema_says() {
    for command in [
        "what-can -f rbac.yaml build/ci",
        "never-matches -f rbac.yaml",
        "unused -f rbac.yaml",
        "can-i -f rbac.yaml --as jo get pods",
        "who-can -f rbac.yaml get pods -n shop",
    ] {
        let (_, text) = run(&format!("{command} -o json"));
        let told: Value = serde_json::from_str(&text).expect(command);
        let name = command.split(' ').next().expect("a command");
        let schema =
            Command::new(env!("CARGO_BIN_EXE_kubeverdict")).args(["schema", name]).output().expect("it runs");
        let schema: Value = serde_json::from_slice(&schema.stdout).expect("JSON");
        jsonschema::validate(&schema, &told).expect(command);
        assert_eq!(run(&format!("{command} --json")).1, text);
    }
    let (_, text) = run("never-matches -f rbac.yaml --json");
    let told: Value = serde_json::from_str(&text).expect("JSON");
    let first = &told[0];
    assert_eq!(
        (&first["path"], &first["line"], &first["rule"]),
        (&"rbac.yaml".into(), &10.into(), &2.into())
    );
    assert_eq!((&first["check"], &first["sort"]), (&"singular".into(), &"never".into()));
}

/// What `least` prints is what `kubectl apply` takes, and allows what was seen.
#[test]
fn what_least_prints_allows_what_was_seen() {
    let (_, text) = run("least audit.log -f rbac.yaml");
    let yaml = text.split("note: ").next().expect("YAML");
    let files = [("rbac.yaml", DUMP), ("least.yaml", yaml)];
    for (question, code) in
        [("get deployments/web", 0), ("patch deployments/other", 0), ("delete deployments/web", 1)]
    {
        let line = format!(
            "can-i -f rbac.yaml -f least.yaml --as system:serviceaccount:build:ci -n shop {question}"
        );
        assert_eq!(run_beside(&files, &line.split(' ').collect::<Vec<_>>()).0, code, "{question}");
    }
    let (code, text) = run("least audit.log -f rbac.yaml -o json");
    assert_eq!(code, 0, "{text}");
    let list: Value = serde_json::from_str(text.split("note: ").next().expect("JSON")).expect("JSON");
    assert_eq!((&list["kind"], list["items"].as_array().map(Vec::len)), (&"List".into(), Some(2)));
    assert!(
        text.ends_with("note: system:serviceaccount:build:ci: 3 asked for, 1 held already; 2 given here\n"),
        "{text}"
    );
}

#[test]
fn a_subject_is_understood_as_people_write_it() {
    let account = run("what-can -f rbac.yaml system:serviceaccount:build:ci -n shop");
    let short = run("what-can -f rbac.yaml build/ci -n shop");
    assert_eq!(account, short);
    assert!(!run("what-can -f rbac.yaml build/ci -n other").1.contains("secrets"));
    // Somebody has this name.
    assert!(run("what-can -f rbac.yaml shop/cart").1.contains("User shop/cart: rule 1"));
    let (code, text) = run("what-can -f rbac.yaml system:serviceaccount:build");
    assert!(
        code == 0
            && text.contains("warning: a service account is called system:serviceaccount:NAMESPACE:NAME"),
        "{text}"
    );
    let (code, text) = run("what-can -f rbac.yaml jo");
    assert!(code == 0 && text.ends_with("note: jo is in no binding but those of everybody\n"), "{text}");
    let (_, text) = run("what-can -f rbac.yaml --as-group system:masters");
    assert!(text.ends_with("anything, before anybody looks at a rule: the group system:masters\n"), "{text}");
}

#[test]
fn can_i_warns_in_kubectls_words() {
    for (question, told) in [
        (
            "get podz",
            "no\nWarning: the server doesn't have a resource type 'podz'\n\nhint: unknown resource `podz`; did you mean `pods`?\n",
        ),
        (
            "get podz.apps",
            "no\nWarning: the server doesn't have a resource type 'podz' in group 'apps'\n\nhint: unknown resource `podz.apps`; a custom one is written with its group: `widgets.example.com`\n",
        ),
        ("exec pods", "no\nWarning: verb 'exec' is not a known verb\n\n"),
        ("get nodes", "no\nWarning: resource 'nodes' is not namespace scoped\n\n"),
        (
            "get clusterroles",
            "no\nWarning: resource 'clusterroles' is not namespace scoped in group 'rbac.authorization.k8s.io'\n\n",
        ),
        ("get nodes -A", "no\n"),
        ("list /healthz", "no\nWarning: verb 'list' is not a known verb\n\n"),
        ("get pods", "no\n"),
    ] {
        assert_eq!(
            run(&format!("can-i -f rbac.yaml --as jo {question}")),
            (1, told.to_owned()),
            "{question}"
        );
    }
}

#[test]
fn bad_input_is_told() {
    for (command, told) in [
        ("never-matches", "hint: give its objects with -f DUMP"),
        ("never-matches -f nowhere.yaml", "nowhere.yaml"),
        ("unused -f empty.yaml", "there is no object in these files"),
        ("what-can -f rbac.yaml", "<SUBJECT>"),
        ("least -f rbac.yaml", "<AUDIT-LOG>"),
        ("least nowhere.log -f rbac.yaml", "nowhere.log"),
        ("least broken.log -f rbac.yaml", "broken.log:2:1: this is no audit event"),
        ("least rbac.yaml -f rbac.yaml", "hint: an audit log has an event of audit.k8s.io/v1 on each line"),
        (
            "least audit.log -f rbac.yaml --user system:serviceaccount:build:c",
            "did you mean `system:serviceaccount:build:ci`?",
        ),
    ] {
        let (code, text) = run(command);
        assert_eq!(code, 2, "{command}: {text}");
        assert!(text.contains(told), "{command}: {text}");
    }
}
