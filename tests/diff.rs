//! `diff`: who gained and who lost what.

#[path = "support/beside.rs"]
mod beside;
#[path = "support/repository.rs"]
mod repository;

use beside::run_beside;
use repository::Repository;
use serde_json::Value;

const OLD: &str = "\
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: reader}
  rules:
  - {apiGroups: [''], resources: [pods], verbs: [get, list]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: ci, namespace: shop}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
  subjects:
  - {kind: ServiceAccount, name: ci, namespace: build}
  - {kind: User, name: jo, apiGroup: rbac.authorization.k8s.io}
";

/// The account lists pods by another role now, jo no more; both read secrets, and there is a new binding.
const NEW: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get]}
- {apiGroups: [''], resources: [secrets], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: lister, namespace: shop}
rules: [{apiGroups: [''], resources: [pods], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects:
- {kind: ServiceAccount, name: ci, namespace: build}
- {kind: User, name: jo, apiGroup: rbac.authorization.k8s.io}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: lister, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: lister}
subjects: [{kind: ServiceAccount, name: ci, namespace: build}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ops}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: Group, name: ops, apiGroup: rbac.authorization.k8s.io}]
";

const TEXT: &str = "\
+ jo in namespace shop
    gained get, list secrets
      by RoleBinding shop/ci: ClusterRole reader to jo (new.yaml:6)
+ system:serviceaccount:build:ci in namespace shop
    gained get, list secrets
      by RoleBinding shop/ci: ClusterRole reader to system:serviceaccount:build:ci (new.yaml:6)
+ group ops in the whole cluster
    gained get pods
      by ClusterRoleBinding ops: ClusterRole reader to group ops (new.yaml:5), bound in new.yaml:27
    gained get, list secrets
      by ClusterRoleBinding ops: ClusterRole reader to group ops (new.yaml:6), bound in new.yaml:27
- jo in namespace shop
    lost list pods
      by RoleBinding shop/ci: ClusterRole reader to jo (old.yaml:8)

From old.yaml to new.yaml: 7 rights gained, 1 lost
";

fn diff(arguments: &[&str]) -> (i32, String) {
    run_beside(&[("old.yaml", OLD), ("new.yaml", NEW), ("none.yaml", "")], &[&["diff"], arguments].concat())
}

#[test]
fn what_somebody_may_do_counts_and_not_how_it_is_written() {
    assert_eq!(diff(&["old.yaml", "new.yaml"]), (0, TEXT.to_owned()));
    let same = "From new.yaml to new.yaml: nobody gained or lost a right\n";
    assert_eq!(diff(&["new.yaml", "new.yaml"]), (0, same.to_owned()));
}

#[test]
fn conditions_fail() {
    for (condition, expected) in [
        ("gained", 1),
        ("lost", 1),
        ("gained:secrets", 1),
        ("gained:secret", 1),
        ("gained:list:secrets", 1),
        ("gained:delete:secrets", 0),
        ("gained:configmaps", 0),
        ("gained:widgets.example.com", 0),
        ("gained:*", 1),
        ("gained:*:*", 1),
        ("gained:*:secrets", 1),
        ("gained:get:*", 1),
        ("gained:delete:*", 0),
        ("gained:*.*", 0),
        ("lost:pods", 1),
        ("lost:get:pods", 0),
        ("lost:pods/log", 0),
        ("gained:/healthz", 0),
        ("gained:sekrets", 2),
        ("gone", 2),
    ] {
        let (code, text) = diff(&["old.yaml", "new.yaml", "--fail-on", condition]);
        assert_eq!(code, expected, "{condition}: {text}");
    }
    let (code, text) = diff(&["old.yaml", "new.yaml", "--fail-on", "gained:watch:pods", "--fail-on", "lost"]);
    assert_eq!((code, text.matches("(fails)").count()), (1, 1), "{text}");
    assert_eq!(diff(&["new.yaml", "new.yaml", "--fail-on", "gained", "--fail-on", "lost"]).0, 0);
}

#[test]
fn a_right_to_everything_is_about_what_of_it_is_new() {
    let role = |verbs: &str| {
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: rbac.authorization.k8s.io/v1\n  kind: ClusterRole\n  \
             metadata: {{name: r}}\n  rules: [{{apiGroups: ['*'], resources: ['*'], verbs: {verbs}}}]\n\
             - apiVersion: rbac.authorization.k8s.io/v1\n  kind: ClusterRoleBinding\n  metadata: {{name: r}}\n  \
             roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}}\n  \
             subjects: [{{kind: User, name: jo}}]\n"
        )
    };
    let (old, new) = (role("[get, list]"), role("['*']"));
    for (condition, expected) in [
        ("gained:get:secrets", 0),
        ("gained:create:pods/exec", 1),
        ("gained:*", 1),
        ("gained:*.*", 1),
        ("gained:get:*", 0),
        ("gained:create:*", 1),
    ] {
        let files = [("a.yaml", old.as_str()), ("b.yaml", &new)];
        let (code, text) = run_beside(&files, &["diff", "a.yaml", "b.yaml", "--fail-on", condition]);
        assert_eq!(code, expected, "{condition}: {text}");
    }
}

/// A rule that no request can match gives nobody anything.
#[test]
fn what_never_matches_is_no_right() {
    let role = |resources: &str| OLD.replace("resources: [pods]", &format!("resources: [{resources}]"));
    let with = |name: &str, groups: &str, resources: &str| {
        let text = role(resources).replace("apiGroups: ['']", &format!("apiGroups: [{groups}]"));
        let files = [("old.yaml", OLD.to_owned()), (name, text)];
        let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        run_beside(&files, &["diff", "old.yaml", name, "--fail-on", "gained"])
    };
    // Wrong words and groups, what is in no namespace, and what another server may have.
    for (groups, resources, code) in [
        ("''", "pods, podz, po, pods/logs", 0),
        ("'', apps", "pods, configmaps.v1", 0),
        ("'', apps/v1", "pods", 0),
        ("''", "pods, nodes", 0),
        ("''", "pods, secrets", 1),
        ("'', example.com", "pods", 1),
    ] {
        let (ended, text) = with("new.yaml", groups, resources);
        assert_eq!(ended, code, "{groups} {resources}: {text}");
        assert_eq!(text.contains("nobody gained or lost a right"), code == 0, "{text}");
    }
}

#[test]
fn json_is_as_its_schema_says() {
    let (code, text) = diff(&["old.yaml", "new.yaml", "-o", "json", "--fail-on", "lost"]);
    assert_eq!(code, 1, "{text}");
    assert_eq!(diff(&["old.yaml", "new.yaml", "--json", "--fail-on", "lost"]).1, text);
    let told: Value = serde_json::from_str(&text).expect("JSON");
    let schema = run_beside(&[], &["schema", "diff"]).1;
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    jsonschema::validate(&schema, &told).expect("as the schema says");
    assert_eq!(
        (&told["gained"][2]["at"]["line"], &told["gained"][2]["who"]),
        (&27.into(), &"group ops".into())
    );
    assert_eq!((&told["lost"][0]["fails"], &told["gained"][0]["fails"]), (&true.into(), &false.into()));
}

#[test]
fn sarif_and_markdown_hold_every_right() {
    let (_, text) = diff(&["old.yaml", "new.yaml", "-o", "sarif", "--fail-on", "gained:secrets"]);
    let told: Value = serde_json::from_str(&text).expect("JSON");
    let results = told["runs"][0]["results"].as_array().expect("results");
    let line = |result: &Value| result.pointer("/locations/0/physicalLocation/region/startLine").cloned();
    let shown: Vec<_> =
        results.iter().map(|result| (result["level"].as_str().unwrap(), line(result).unwrap())).collect();
    let expected = [("error", 6), ("error", 6), ("warning", 27), ("error", 27), ("note", 8)];
    assert_eq!(shown, expected.map(|(level, line)| (level, line.into())));
    let (_, text) = diff(&["old.yaml", "new.yaml", "-o", "markdown"]);
    assert!(text.starts_with("### Rights: 7 rights gained, 1 lost\n"), "{text}");
    let row = "| lost | `jo` | `list pods` | `namespace shop` | `RoleBinding ci, ClusterRole reader`<br>`old.yaml:8` |";
    assert!(text.contains(row), "{text}");
}

#[test]
fn bad_input_is_told() {
    for (arguments, told) in [
        (&["main..new"][..], "error: git: not a git repository"),
        (&["old.yaml"], "hint: give two files or folders, or a revision of git"),
        (&["old.yaml", "nowhere.yaml"], "no such file or folder: `nowhere.yaml`"),
        (&["none.yaml", "none.yaml"], "there is no object in `none.yaml`"),
        (&[], "required"),
        (&["old.yaml", "new.yaml", "--fail-on", "gained:creat:pods"], "did you mean `create`?"),
    ] {
        let (code, text) = diff(arguments);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn revisions_are_compared() {
    let repository = Repository::new();
    let (git, diff) = (
        |words: &[&str]| repository.git(words),
        |words: &[&str]| repository.run(&[&["diff"], words].concat()),
    );
    let write = |name: &str, text: &str| repository.write(&format!("deploy/{name}"), text);
    write("rbac.yaml", OLD);
    write("values.yaml", "replicas: 3\n");
    git(&["add", "."]);
    git(&["commit", "-qm", "old"]);
    git(&["checkout", "-qb", "new"]);
    write("rbac.yaml", NEW);
    git(&["commit", "-qam", "new"]);
    for sides in ["main..new", "main...new", "main..", "main...HEAD"] {
        let (code, text, notes) = diff(&[sides, "--", "deploy"]);
        assert_eq!(code, 0, "{text}{notes}");
        assert!(
            text.contains("(deploy/rbac.yaml:6)\n") && text.ends_with("7 rights gained, 1 lost\n"),
            "{text}"
        );
        assert!(
            notes.contains("note: deploy/values.yaml left out: it holds no Kubernetes object"),
            "{notes}"
        );
    }
    // What others did meanwhile is theirs.
    git(&["checkout", "-q", "main"]);
    write("rbac.yaml", NEW);
    git(&["commit", "-qam", "the same"]);
    assert!(diff(&["main..new"]).1.contains("nobody gained"));
    assert!(diff(&["main...new"]).1.contains("7 rights gained"));
    assert!(diff(&["main", "new", "--", "deploy/rbac.yaml"]).1.contains("nobody gained"));
    // One revision, and the files as they are.
    write("rbac.yaml", OLD);
    let (code, text, _) = diff(&["HEAD", "--fail-on", "lost:secrets", "--", "deploy"]);
    assert!(code == 1 && text.ends_with("From HEAD to the working tree: 1 right gained, 7 lost\n"), "{text}");
    for (arguments, told) in [
        (&["nope..new"][..], "git knows no revision `nope` here\nhint: "),
        (&["new", "nope"], "no such file or folder: `nope`; git knows no revision `nope` here"),
        (&["main..new", "--", "deplyo"], "there is no object in `main`, and none in `new`"),
        (&["main..new", "--", "deploy", "deplyo"], "`deplyo` holds no object"),
        (&["main..new", "--", "deploy", "--fail-on", "gained"], "flags come before it"),
        (&["--output=x..new"], "invalid value 'x..new' for '--output <FORMAT>'"),
    ] {
        let (code, _, error) = diff(arguments);
        assert!(code == 2 && error.contains(told), "{error}");
    }
    git(&["checkout", "-qb", "broken"]);
    write("rbac.yaml", "kind: [\n");
    git(&["commit", "-qam", "broken"]);
    let (code, _, error) = diff(&["main..broken", "--", "deploy"]);
    assert!(code == 2 && error.contains("error: broken:deploy/rbac.yaml:"), "{error}");
}

/// A binding to the role of everything behind a token that others read: they get there, too.
const CLIMB: &str = "\
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: deployer, namespace: shop}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: deployer-token, namespace: shop, annotations: {kubernetes.io/service-account.name: deployer}}
data: {token: dG9rZW4=}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: deployer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: deployer, namespace: shop}]
";

#[test]
fn paths_that_open_and_close_are_told() {
    let climb = format!("{NEW}{CLIMB}");
    let diff = |arguments: &[&str]| {
        run_beside(&[("new.yaml", NEW), ("climb.yaml", climb.as_str())], &[&["diff"], arguments].concat())
    };
    let (code, text) = diff(&["new.yaml", "climb.yaml", "--fail-on", "opened"]);
    assert_eq!((code, text.matches("! opened to cluster-admin: ").count()), (1, 4), "{text}");
    let ci = "! opened to cluster-admin: system:serviceaccount:build:ci -> read-secrets -> \
              system:serviceaccount:shop:deployer (climb.yaml:6) (fails)\n";
    assert!(text.contains(ci) && text.contains(", 4 paths to cluster-admin opened\n"), "{text}");
    let (code, text) = diff(&["climb.yaml", "new.yaml", "--fail-on", "opened"]);
    assert_eq!((code, text.matches("  closed to cluster-admin: ").count()), (0, 4), "{text}");
    let (_, text) = diff(&["new.yaml", "climb.yaml", "-o", "markdown"]);
    assert!(text.contains("\n- **opened**: `jo -> read-secrets -> "), "{text}");
    let (_, text) = diff(&["new.yaml", "climb.yaml", "-o", "sarif"]);
    assert_eq!(text.matches("\"ruleId\": \"opened\"").count(), 4, "{text}");
    assert_eq!(diff(&["new.yaml", "climb.yaml", "--fail-on", "opened:secrets"]).0, 2);
}

/// What a group has is told of the group: a new account that has nothing of its own opens nothing.
#[test]
fn what_a_group_opens_is_told_of_the_group_alone() {
    let group = "\
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: Group, name: 'system:serviceaccounts:shop', apiGroup: rbac.authorization.k8s.io}]
";
    let account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: late, namespace: shop}\n";
    let held = format!("{NEW}{account}{group}");
    let more = format!("{held}{}", account.replace("late", "later"));
    let files = [("new.yaml", NEW), ("held.yaml", held.as_str()), ("more.yaml", more.as_str())];
    let diff = |of: [&str; 2]| run_beside(&files, &["diff", of[0], of[1], "--fail-on", "opened"]);
    let (code, text) = diff(["new.yaml", "held.yaml"]);
    assert_eq!((code, text.matches("opened to cluster-admin: ").count()), (1, 1), "{text}");
    assert!(text.contains("! opened to cluster-admin: group system:serviceaccounts:shop holds it"), "{text}");
    let (code, text) = diff(["held.yaml", "more.yaml"]);
    assert!(code == 0 && !text.contains("cluster-admin"), "{text}");
    let (code, text) = diff(["held.yaml", "new.yaml"]);
    assert_eq!((code, text.matches("closed to cluster-admin: ").count()), (0, 1), "{text}");
}
