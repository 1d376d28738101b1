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
    for written in ["ServiceAccount build/ci", "serviceaccount:build:ci"] {
        let line = ["what-can", "-f", "rbac.yaml", written, "-n", "shop"];
        assert_eq!(run_beside(&[("rbac.yaml", DUMP)], &line), short, "{written}");
    }
    let (_, text) = run("what-can -f rbac.yaml build/cii");
    let near = "note: system:serviceaccount:build:cii is in no binding but those of everybody; did you mean `system:serviceaccount:build:ci`?\n";
    assert!(text.ends_with(near), "{text}");
    assert_eq!(
        run("least audit.log -f rbac.yaml --user build/ci"),
        run("least audit.log -f rbac.yaml --user system:serviceaccount:build:ci")
    );
    assert!(!run("what-can -f rbac.yaml build/ci -n other").1.contains("secrets"));
    // Somebody has this name.
    assert!(run("what-can -f rbac.yaml shop/cart").1.contains(" to shop/cart: rule 1"));
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
        ("GET /healthz/x", "no\n"),
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

const ROLE: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pods, namespace: shop}
rules:
- apiGroups: ['']
  resources: [pods]
  verbs: [get]
";

/// What no server stores is told with its line, and counts for nothing.
#[test]
fn a_manifest_that_no_server_takes_is_told() {
    let with = |from: &str, to: &str| ROLE.replace(from, to);
    let template = with("{name: pods, namespace: shop}", "\n  name: {{ .Values.name }}");
    for (text, told) in [
        (
            with("[get]", "get"),
            "error: m.yaml:7:1: Role shop/pods: rules[0].verbs is a text, and takes a list\n\
             hint: no server reads it; one word is a list of one: `[get]`\n",
        ),
        (
            with("name: pods", "name: 1"),
            "error: m.yaml:3:1: Role shop/: metadata.name is a number, and takes a text\n\
             hint: no server reads it; what YAML takes for something else is written in quotes\n",
        ),
        (
            with("name: pods, ", ""),
            "error: m.yaml:3:1: this Role has no name, and no server stores it\nhint: it is metadata.name\n",
        ),
        (
            template,
            "error: m.yaml:4:1: this is a template of Helm's that is not rendered\n\
             hint: render the chart first: helm template . | kubeverdict … -f -\n",
        ),
        (
            with("[pods]", "['{{ .Values.resource }}']"),
            "error: m.yaml:1:1: this is a template of Helm's that is not rendered\n\
             hint: render the chart first: helm template . | kubeverdict … -f -\n",
        ),
        (
            with("rules:", "rule:"),
            "error: m.yaml:4:1: Role shop/pods: there is no field rule\nhint: did you mean `rules`?\n",
        ),
        (
            with("resources:", "resource:"),
            "error: m.yaml:6:1: Role shop/pods: there is no field rules[0].resource\nhint: did you mean `resources`?\n",
        ),
        (
            format!("{ROLE}aggregationRule: {{clusterRoleSelectors: [{{}}]}}\n"),
            "error: m.yaml:8:1: Role shop/pods: there is no field aggregationRule\n\
             hint: `kubectl explain role` says which there are\n",
        ),
        (
            with("/v1", "/v1beta1"),
            "error: m.yaml:1:1: Role shop/pods: Kubernetes 1.36 serves no Role of rbac.authorization.k8s.io/v1beta1\n\
             hint: write `rbac.authorization.k8s.io/v1`, or ask a release that serves it: 1.21 does\n",
        ),
        (
            with("/v1", "/v2"),
            "error: m.yaml:1:1: Role shop/pods: Kubernetes 1.36 serves no Role of rbac.authorization.k8s.io/v2\n\
             hint: did you mean `rbac.authorization.k8s.io/v1`?\n",
        ),
    ] {
        let said = run_beside(&[("m.yaml", &text)], &["never-matches", "-f", "m.yaml"]);
        assert_eq!(said, (2, told.to_owned()), "{text}");
    }
    // A release answers in which it is served.
    let older = [("m.yaml", &*with("/v1", "/v1beta1"))];
    assert_eq!(run_beside(&older, &["never-matches", "-f", "m.yaml", "--version", "1.21"]).0, 0);
    // What is not asked about may be of another release, as a field that there was.
    let ingress = "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: a, namespace: a, clusterName: b}\n";
    let (code, text) = run_beside(&[("m.yaml", ingress)], &["never-matches", "-f", "m.yaml"]);
    let told = "note: 1 of kind `Ingress` taken as written in networking.k8s.io/v1beta1, which Kubernetes 1.36 does not serve";
    assert!(code == 0 && text.contains(told), "{text}");
    // A program's own braces are none of Helm's, and a name may be made when the object is.
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alerts}\ndata: {a: '{{ $labels.pod }}'}\n---\n\
                  apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: once-}\n";
    let (code, text) = run_beside(&[("m.yaml", config)], &["never-matches", "-f", "m.yaml", "-n", "shop"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("note: 1 of the objects left out, which have a generateName"), "{text}");
}

/// What validation refuses is in no cluster that can be asked; `never-matches` tells all of it.
#[test]
fn what_validation_refuses_is_told() {
    let text = ROLE.replace("name: pods", "name: a/b").replace("  verbs", "  nonResourceURLs: [/x]\n  verbs");
    let files = [("m.yaml", text.as_str())];
    let told = "error: m.yaml:3:1: Role shop/a/b: metadata.name: Invalid value: \"a/b\": may not contain '/'\n\
                hint: no server stores it; `never-matches` tells all that is wrong with roles and bindings\n";
    for line in [
        "can-i -f m.yaml --as jo get pods",
        "explain -f m.yaml --as jo get pods",
        "who-can -f m.yaml get pods",
        "what-can -f m.yaml jo",
        "unused -f m.yaml",
        "audit -f m.yaml",
        "paths -f m.yaml",
        "diff m.yaml m.yaml",
    ] {
        let said = run_beside(&files, &line.split(' ').collect::<Vec<_>>());
        assert_eq!(said, (2, told.to_owned()), "{line}");
    }
    let (code, text) = run_beside(&files, &["never-matches", "-f", "m.yaml"]);
    assert_eq!((code, text.lines().count()), (1, 3), "{text}");
    assert!(
        text.contains("may not contain '/' (invalid)\n") && text.contains("(url-in-namespace)\n"),
        "{text}"
    );
}

#[test]
fn an_object_that_is_written_twice_is_told() {
    let files = [("a.yaml", ROLE), ("b.yaml", ROLE)];
    let (code, text) = run_beside(&files, &["never-matches", "-f", "a.yaml", "-f", "b.yaml"]);
    let told = "note: Role shop/pods is written more than once: b.yaml:1 counts, a.yaml:1 does not\n";
    assert!(code == 0 && text.ends_with(told), "{text}");
}

/// `<(…)` is a pipe without a name, which is read once.
#[test]
fn a_pipe_is_read() {
    let folder = std::env::temp_dir().join(format!("kubeverdict-pipe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    std::fs::write(folder.join("a.yaml"), ROLE).expect("a file can be written");
    let script = "\"$0\" diff <(cat a.yaml) <(sed s/pods/secrets/ a.yaml)";
    let output = Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_kubeverdict")])
        .current_dir(&folder)
        .output()
        .expect("a shell runs");
    std::fs::remove_dir_all(&folder).expect("it was made");
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
    assert!(
        text.starts_with("From /dev/fd/") && text.ends_with(": nobody gained or lost a right\n"),
        "{text}"
    );
    let (code, text) = run("diff - -");
    assert!(code == 2 && text.starts_with("error: standard input is named twice"), "{text}");
}

/// `-n` tells of what is in a namespace, as kubectl's does, and says how much else there is.
#[test]
fn a_namespace_is_told_of_alone() {
    let role = |kind: &str, place: &str| {
        let text = ROLE.replace("kind: Role", &format!("kind: {kind}")).replace("[pods]", "[podz]");
        text.replace(", namespace: shop", place)
    };
    let homeless = role("Role", "").replace("name: pods", "name: homeless");
    let whole = [role("Role", ", namespace: shop"), homeless, role("ClusterRole", "")].join("---\n");
    let tell = |command: &str, flags: &str| {
        let line = format!("{command} -f m.yaml{flags}");
        run_beside(&[("m.yaml", &whole)], &line.split(' ').collect::<Vec<_>>())
    };
    // What names no namespace is in the one of -n.
    for (command, flags, lines, others) in [
        ("never-matches", "", 3, None),
        (
            "never-matches",
            " -n shop",
            2,
            Some("note: 1 more outside of the namespace shop, which -A tells, too"),
        ),
        ("never-matches", " -n other", 1, Some("note: 2 more outside of the namespace other")),
        ("never-matches", " -n other -A", 3, None),
        ("unused", " -n shop", 2, Some("note: 1 more")),
        ("audit", " -n shop --fail-on low", 4, Some("note: 2 more")),
        ("audit", " -n nowhere --fail-on low", 2, Some("note: 4 more")),
    ] {
        let (_, text) = tell(command, flags);
        let found = text.lines().filter(|line| line.starts_with("m.yaml:")).count();
        assert_eq!(found, lines, "{command}{flags}: {text}");
        assert_eq!(text.contains(" more "), others.is_some(), "{command}{flags}: {text}");
        assert!(others.is_none_or(|others| text.contains(others)), "{command}{flags}: {text}");
    }
    assert_eq!(tell("audit", " -n shop --fail-on low").0, 1);
    let (_, text) = run("least audit.log -f rbac.yaml -n nowhere");
    assert!(!text.contains("kind: Role") && text.contains("outside of the namespace nowhere"), "{text}");
}
