//! `paths`, `graph` and `audit` on a dump.

#[path = "support/beside.rs"]
mod beside;

use beside::run_beside;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// alice has a controller run a pod as `build/ci`, who may act as accounts of `shop`, of which one holds everything.
const DUMP: &str = "\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: ci, namespace: build}}
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: deployer, namespace: shop}}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: dev, namespace: build}
  rules:
  - {apiGroups: [apps], resources: [deployments], verbs: [create]}
  - {apiGroups: [batch], resources: [jobs], verbs: [create]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: dev, namespace: build}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: dev}
  subjects:
  - {kind: User, name: alice, apiGroup: rbac.authorization.k8s.io}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: acts}
  rules:
  - {apiGroups: [''], resources: [serviceaccounts], verbs: [impersonate]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: ci, namespace: shop}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: acts}
  subjects:
  - {kind: ServiceAccount, name: ci, namespace: build}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: deployer}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
  subjects:
  - {kind: ServiceAccount, name: deployer, namespace: shop}
";

/// What an audit log saw: ci twice as the deployer, the second time for long; alice makes a deployment, and was refused a list.
const LOG: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"0a6b5a0e-54a7-4f0f-8d57-3f0b4d2c1a01","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods?limit=500","verb":"list","user":{"username":"system:serviceaccount:build:ci","uid":"5b1f5a55-6a1c-4a8e-9f2e-0c3d4b7f9a10","groups":["system:serviceaccounts","system:serviceaccounts:build","system:authenticated"]},"impersonatedUser":{"username":"system:serviceaccount:shop:deployer","groups":["system:serviceaccounts","system:serviceaccounts:shop","system:authenticated"]},"sourceIPs":["10.0.0.7"],"userAgent":"kubectl/v1.36.0","objectRef":{"resource":"pods","namespace":"shop","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-05T09:00:00.000000Z","stageTimestamp":"2026-01-05T09:00:00.004000Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"0a6b5a0e-54a7-4f0f-8d57-3f0b4d2c1a02","stage":"ResponseStarted","requestURI":"/api/v1/namespaces/shop/pods?watch=true","verb":"watch","user":{"username":"system:serviceaccount:build:ci","uid":"5b1f5a55-6a1c-4a8e-9f2e-0c3d4b7f9a10","groups":["system:serviceaccounts","system:serviceaccounts:build","system:authenticated"]},"impersonatedUser":{"username":"system:serviceaccount:shop:deployer","groups":["system:serviceaccounts","system:serviceaccounts:shop","system:authenticated"]},"sourceIPs":["10.0.0.7"],"userAgent":"kubectl/v1.36.0","objectRef":{"resource":"pods","namespace":"shop","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-05T09:00:00.000000Z","stageTimestamp":"2026-01-05T09:00:00.004000Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"0a6b5a0e-54a7-4f0f-8d57-3f0b4d2c1a02","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods?watch=true","verb":"watch","user":{"username":"system:serviceaccount:build:ci","uid":"5b1f5a55-6a1c-4a8e-9f2e-0c3d4b7f9a10","groups":["system:serviceaccounts","system:serviceaccounts:build","system:authenticated"]},"impersonatedUser":{"username":"system:serviceaccount:shop:deployer","groups":["system:serviceaccounts","system:serviceaccounts:shop","system:authenticated"]},"sourceIPs":["10.0.0.7"],"userAgent":"kubectl/v1.36.0","objectRef":{"resource":"pods","namespace":"shop","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-05T09:00:00.000000Z","stageTimestamp":"2026-01-05T09:00:00.004000Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"0a6b5a0e-54a7-4f0f-8d57-3f0b4d2c1a03","stage":"ResponseComplete","requestURI":"/apis/apps/v1/namespaces/build/deployments?fieldManager=kubectl-create","verb":"create","user":{"username":"alice","groups":["system:authenticated"]},"sourceIPs":["10.0.0.7"],"userAgent":"kubectl/v1.36.0","objectRef":{"resource":"deployments","namespace":"build","name":"web","apiGroup":"apps","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":201},"requestReceivedTimestamp":"2026-01-05T09:00:00.000000Z","stageTimestamp":"2026-01-05T09:00:00.004000Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"0a6b5a0e-54a7-4f0f-8d57-3f0b4d2c1a04","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods?limit=500","verb":"list","user":{"username":"alice","groups":["system:authenticated"]},"sourceIPs":["10.0.0.7"],"userAgent":"kubectl/v1.36.0","objectRef":{"resource":"pods","namespace":"shop","apiVersion":"v1"},"responseStatus":{"metadata":{},"status":"Failure","message":"pods is forbidden: User \"alice\" cannot list resource \"pods\" in API group \"\" in the namespace \"shop\"","reason":"Forbidden","code":403},"requestReceivedTimestamp":"2026-01-05T09:00:00.000000Z","stageTimestamp":"2026-01-05T09:00:00.004000Z","annotations":{"authorization.k8s.io/decision":"forbid","authorization.k8s.io/reason":""}}
"#;

fn run(arguments: &[&str]) -> (i32, String) {
    run_beside(&[("dump.yaml", DUMP), ("log.jsonl", LOG)], &[arguments, &["-f", "dump.yaml"]].concat())
}

/// What is printed is as its schema says.
fn as_its_schema_says(of: &str, text: &str) -> Value {
    let told: Value = serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"));
    let schema =
        Command::new(env!("CARGO_BIN_EXE_kubeverdict")).args(["schema", of]).output().expect("it runs");
    let schema: Value = serde_json::from_slice(&schema.stdout).expect("JSON");
    jsonschema::validate(&schema, &told).unwrap_or_else(|why| panic!("{why}: {text}"));
    told
}

#[test]
fn a_path_is_told_leap_by_leap_with_its_cut() {
    let (code, text) = run(&["paths", "alice"]);
    assert_eq!(code, 0, "{text}");
    for told in [
        "alice gets to cluster-admin in 2 leaps\n",
        "1. alice: deployments: have a controller run a pod as any account of the namespace\n",
        "   gains system:serviceaccount:build:ci\n",
        "   by RoleBinding build/dev, Role build/dev, rule 1: create|update|patch deployments.apps\n",
        "   201 system:serviceaccount:kube-system:replicaset-controller: POST /api/v1/namespaces/build/pods\n",
        "2. system:serviceaccount:build:ci: impersonate-accounts: act as an account of the namespace\n",
        "   201 system:serviceaccount:shop:deployer: POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews\n",
        "the fewest that must go:\n  rule 1 of ClusterRole acts\n",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
}

#[test]
fn what_a_cut_breaks_of_what_was_seen_is_told() {
    let (code, text) = run(&["paths", "alice", "--audit-log", "log.jsonl"]);
    assert_eq!(code, 0, "{text}");
    let broken = "  system:serviceaccount:build:ci impersonate serviceaccounts deployer in shop (2 times)\n";
    assert!(text.ends_with(broken), "{text}");
    let (code, text) = run(&["paths", "alice", "shop/deployer", "--json", "--audit-log", "log.jsonl"]);
    assert_eq!(code, 0, "{text}");
    let told = as_its_schema_says("paths", &text);
    assert_eq!(told["paths"][0]["leaps"][1]["way"], "impersonate-accounts");
    assert_eq!(told["cut"]["removed"][0]["name"], "acts");
    assert_eq!(told["breaks"].as_array().map(Vec::len), Some(1));
}

#[test]
fn everybody_has_a_line() {
    let (code, text) = run(&["paths", "--all"]);
    assert_eq!(code, 0, "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "alice -> deployments -> system:serviceaccount:build:ci -> impersonate-accounts -> system:serviceaccount:shop:deployer",
            "system:serviceaccount:build:ci -> impersonate-accounts -> system:serviceaccount:shop:deployer",
            "system:serviceaccount:shop:deployer holds it",
        ]
    );
    let (_, text) = run(&["paths", "--all", "--max-length", "1"]);
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[test]
fn a_path_leads_to_a_question_too() {
    let (_, text) = run(&["paths", "alice", "secrets", "in", "shop"]);
    assert!(text.starts_with("alice gets to read secrets in shop in 2 leaps\n"), "{text}");
    let (_, text) = run(&["paths", "group:system:authenticated", "secrets", "in", "shop"]);
    let hint = "hint: the dump tells of no pods: ways through what runs are not known";
    assert!(text.starts_with(&format!("no path leads to read secrets in shop\n{hint}")), "{text}");
    // Of a stranger that would be said, too, whoever is meant.
    for (from, hint) in
        [("shop:deployer", "did you mean `shop/deployer`?"), ("nobody", "`group:system:authenticated`")]
    {
        let (code, text) = run(&["paths", from, "secrets", "in", "shop"]);
        assert!(code == 2 && text.contains("nobody here is called") && text.contains(hint), "{text}");
    }
}

#[test]
fn flags_are_gates() {
    let settings = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n- name: PodSecurity\n  \
        configuration:\n    apiVersion: pod-security.admission.config.k8s.io/v1\n    kind: PodSecurityConfiguration\n    \
        defaults: {enforce: restricted}\n";
    let node = "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: pods}\nrules:\n\
        - {apiGroups: [''], resources: [pods], verbs: [create]}\n\
        ---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: bob, namespace: den}\n\
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: pods}\n\
        subjects: [{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}]\n\
        ---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n\
        spec: {serviceAccountName: deployer, nodeName: n1, containers: [{name: c, image: i}]}\n";
    let files = [("dump.yaml", DUMP), ("more.yaml", node), ("admission.yaml", settings)];
    let bob = ["paths", "bob", "-f", "dump.yaml", "-f", "more.yaml"];
    let (_, text) = run_beside(&files, &bob);
    assert!(text.contains("1. bob: privileged-pods: "), "{text}");
    let gated = [&bob[..], &["--flag", "admission-control-config-file=admission.yaml"]].concat();
    let (code, text) = run_beside(&files, &gated);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.starts_with("no path leads to cluster-admin\nstopped by PodSecurity: privileged-pods to "),
        "{text}"
    );
}

#[test]
fn the_graph_is_drawn() {
    let (code, text) = run(&["graph"]);
    assert_eq!(code, 0, "{text}");
    for line in [
        "alice -- RoleBinding dev-> role dev in build",
        "role dev in build -- deployments-> any account in build",
        "any account in build ---> system:serviceaccount:build:ci",
        "cluster role cluster-admin in the whole cluster ---> cluster-admin",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\n{text}");
    }
    assert!(!text.contains("system:discovery"), "{text}");
    let (_, text) = run(&["graph", "-o", "json"]);
    let drawing = as_its_schema_says("graph", &text);
    let arrows = drawing["edges"].as_array().expect("edges").len();
    let (_, text) = run(&["graph", "-o", "mermaid"]);
    assert_eq!(text.lines().filter(|line| line.contains("-->")).count(), arrows, "{text}");
    let (_, text) = run(&["graph", "-o", "dot"]);
    assert_eq!(text.lines().filter(|line| line.contains(" -> ")).count(), arrows, "{text}");
    let (_, text) = run(&["graph", "--from", "shop/deployer", "-o", "html"]);
    assert!(
        text.contains("<svg") && text.contains(">shop:deployer</text>") && !text.contains("alice"),
        "{text}"
    );
    for elsewhere in ["http:", "https:", "src="] {
        assert!(!text.contains(elsewhere), "{elsewhere}: {text}");
    }
    assert_eq!(text.matches("href=").count(), text.matches("href=\"#").count(), "{text}");
    let (_, text) = run(&["graph", "-o", "svg"]);
    assert!(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{text}");
    // Lines have heads, ways are told, and what a colour means stands there.
    for told in ["marker-end=\"url(#head-high)\"", ">deployments, jobs</text>", ">way up: critical</text>"] {
        assert!(text.contains(told), "{told}\n{text}");
    }
}

#[test]
fn less_of_the_graph_is_drawn_where_less_is_wanted() {
    let (code, text) = run(&["graph", "--to", "secrets", "in", "shop"]);
    assert_eq!(code, 0, "{text}");
    let last = "cluster role cluster-admin in the whole cluster ---> read secrets in shop";
    assert!(text.lines().any(|line| line == last) && text.contains("alice -- RoleBinding dev-> "), "{text}");
    let (_, text) = run(&["graph", "-n", "shop"]);
    assert!(
        text.starts_with("system:serviceaccount:build:ci -- RoleBinding ci-> cluster role acts in shop\n"),
        "{text}"
    );
    assert!(!text.contains("alice"), "{text}");
    let (code, text) = run(&["graph", "--from", "shop:deployer"]);
    assert!(code == 2 && text.contains("did you mean `shop/deployer`?"), "{text}");
    // More than a picture shows is left out of it, and told: on the page and beside it.
    let many: Vec<String> = (0..300)
        .map(|number| format!("- {{kind: User, name: u{number}, apiGroup: rbac.authorization.k8s.io}}\n"))
        .collect();
    let all = format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: all}}\nroleRef: \
         {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}\nsubjects:\n{}",
        many.concat()
    );
    let (code, text) = run_beside(&[("all.yaml", &all)], &["graph", "-f", "all.yaml", "-o", "html"]);
    assert_eq!(code, 0, "{text}");
    let said = "those 200 are drawn that are nearest to the target;";
    assert_eq!(text.matches(said).count(), 2, "{text}");
    assert_eq!(text.matches("class=\"node user\" href").count(), 198, "{text}");
}

#[test]
fn an_audit_tells_what_is_open_and_where_it_is_written() {
    let (code, text) = run(&["audit"]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.starts_with("dump.yaml:29: critical: everything: system:serviceaccount:shop:deployer may "),
        "{text}"
    );
    assert!(text.contains("\ndump.yaml:10: high: deployments: alice may "), "{text}");
    assert!(text.ends_with("1 critical, 3 high\n"), "{text}");
    let (code, text) = run(&["audit", "--fail-on", "critical", "-o", "json"]);
    assert_eq!(code, 1, "{text}");
    as_its_schema_says("audit", &text);
    let without: Vec<Value> = serde_json::from_str::<Vec<Value>>(&text)
        .expect("findings")
        .into_iter()
        .filter(|finding| finding["check"] != "jobs")
        .collect();
    let baseline = serde_json::to_string(&without).expect("JSON");
    let files = [("dump.yaml", DUMP), ("base.json", baseline.as_str())];
    let since = ["audit", "-f", "dump.yaml", "--baseline", "base.json"];
    let (code, text) = run_beside(&files, &since);
    assert_eq!((code, text.lines().count()), (1, 2), "{text}");
    assert!(text.starts_with("dump.yaml:11: high: jobs: alice may "), "{text}");
    let (code, _) = run_beside(&files, &[&since[..], &["--fail-on", "critical"]].concat());
    assert_eq!(code, 0);
    let (_, text) = run(&["audit", "-o", "sarif"]);
    let told: Value = serde_json::from_str(&text).expect("SARIF");
    let first = &told["runs"][0]["results"][0];
    assert_eq!(first["ruleId"], "everything");
    assert_eq!(first["locations"][0]["physicalLocation"]["region"]["startLine"], 29);
    let (code, text) = run_beside(&[], &["audit", "--checks"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.lines().count() > 30, "{text}");
}

/// What was found before is no news where another rule comes before it.
#[test]
fn a_finding_is_known_again_wherever_its_rule_stands() {
    let role = |rules: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: r, namespace: shop}}\nrules:\n{rules}\
             - {{apiGroups: [''], resources: [po], verbs: [get]}}\n- {{apiGroups: [''], resources: [secrets], verbs: [get, list]}}\n---\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: r, namespace: shop}}\n\
             roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}}\nsubjects: [{{kind: User, name: jo}}]\n"
        )
    };
    let (before, after) = (role(""), role("- {apiGroups: [''], resources: [svc], verbs: [get]}\n"));
    let (_, baseline) = run_beside(&[("d.yaml", &before)], &["audit", "-f", "d.yaml", "-o", "json"]);
    let files = [("d.yaml", after.as_str()), ("base.json", &baseline)];
    let (_, text) = run_beside(&files, &["audit", "-f", "d.yaml", "--baseline", "base.json"]);
    assert!(text.contains("Role r, rule 1: never matches: `svc`") && text.ends_with("\n1 low\n"), "{text}");
    let prints = |text: &str| {
        let (_, told) = run_beside(&[("d.yaml", text)], &["audit", "-f", "d.yaml", "-o", "sarif"]);
        let told: Value = serde_json::from_str(&told).expect("SARIF");
        let results = told["runs"][0]["results"].as_array().expect("results");
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!((prints(&before).len(), prints(&before).is_subset(&prints(&after))), (2, true));
}

/// Roles, and to whom they are bound in `shop`.
fn bound(roles: &[(&str, &str, &str)]) -> String {
    let api = "rbac.authorization.k8s.io";
    let one = |(name, rules, subject): &(&str, &str, &str)| {
        format!(
            "---\napiVersion: {api}/v1\nkind: Role\nmetadata: {{name: {name}, namespace: shop}}\nrules: [{rules}]\n\
             ---\napiVersion: {api}/v1\nkind: RoleBinding\nmetadata: {{name: {name}, namespace: shop}}\n\
             roleRef: {{apiGroup: {api}, kind: Role, name: {name}}}\nsubjects: [{subject}]\n"
        )
    };
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: NAME, namespace: shop}\n---\n";
    let accounts = ["idle", "ci"].map(|name| account.replace("NAME", name)).concat();
    accounts + &roles.iter().map(one).collect::<String>()
}

/// The checks of an audit that found something, and about whom, with its exit code.
fn audited(manifests: &str, arguments: &[&str]) -> (i32, Vec<String>) {
    let files = [("dump.yaml", manifests)];
    let all = [&["audit", "-f", "dump.yaml", "--json"], arguments].concat();
    let (code, text) = run_beside(&files, &all);
    let found: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|why| panic!("{why}: {text}"));
    let told = found.iter().filter(|finding| finding["severity"] != "low");
    let words = told.map(|finding| format!("{} {}", finding["check"], finding["who"]).replace('"', ""));
    (code, words.collect())
}

const ALICE: &str = "{kind: User, name: alice, apiGroup: rbac.authorization.k8s.io}";
const CI: &str = "{kind: ServiceAccount, name: ci}";
const PODS: &str = "{apiGroups: [''], resources: [pods], verbs: [create]}";

#[test]
fn an_audit_knows_who_acts_for_some_verbs_only() {
    let acts = "{apiGroups: [authentication.k8s.io], resources: [serviceaccounts], verbs: ['impersonate:serviceaccount']}";
    let on = "{apiGroups: [''], resources: [pods], verbs: ['impersonate-on:serviceaccount:create']}";
    let found = audited(&bound(&[("acts", acts, ALICE), ("what", on, ALICE)]), &[]);
    assert_eq!(found, (1, vec!["impersonate-accounts-for alice".to_owned()]));
    // For nothing, nobody acts.
    assert_eq!(audited(&bound(&[("acts", acts, ALICE)]), &[]), (0, Vec::new()));
}

/// Of a group that holds enough by two roles, the account that is in it has nothing more.
#[test]
fn what_a_group_may_is_told_of_the_group_alone() {
    let group = "{kind: Group, name: 'system:serviceaccounts', apiGroup: rbac.authorization.k8s.io}";
    let roles = |verb: &str| format!("{{apiGroups: [''], resources: [secrets], verbs: [{verb}]}}");
    let (create, get) = (roles("create"), roles("get"));
    let held = [("create", create.as_str(), group), ("get", get.as_str(), group)];
    let words = ["token-secrets group system:serviceaccounts", "read-secrets group system:serviceaccounts"];
    assert_eq!(audited(&bound(&held), &[]), (1, words.map(str::to_owned).to_vec()));
    let more = [&held[..], &[("pods", PODS, CI)]].concat();
    let (_, found) = audited(&bound(&more), &[]);
    let own: Vec<&str> =
        found.iter().filter_map(|told| told.strip_suffix(" system:serviceaccount:shop:ci")).collect();
    assert_eq!(own, ["create-pods", "privileged-pods"]);
    // Nor is it told again of whoever holds a part of it themselves.
    let more = [&held[..], &[("own", get.as_str(), CI)]].concat();
    let (_, found) = audited(&bound(&more), &[]);
    let own: Vec<&str> =
        found.iter().filter_map(|told| told.strip_suffix(" system:serviceaccount:shop:ci")).collect();
    assert_eq!(own, ["read-secrets"]);
}

#[test]
fn a_namespace_that_takes_no_privileged_pod_is_no_way_to_one() {
    let namespace = |labels: &str| {
        format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n")
    };
    let role = bound(&[("pods", PODS, ALICE)]);
    for (level, is_open) in [("restricted", false), ("baseline", false), ("privileged", true)] {
        let labels = format!("pod-security.kubernetes.io/enforce: {level}");
        let (code, found) = audited(&format!("{role}{}", namespace(&labels)), &[]);
        assert!(code == 1 && found.contains(&"create-pods alice".to_owned()), "{level}: {found:?}");
        assert_eq!(found.contains(&"privileged-pods alice".to_owned()), is_open, "{level}: {found:?}");
    }
}

#[test]
fn to_be_somebody_who_has_no_more_is_no_way_up() {
    let of = |resource: &str, verb: &str, name: &str| {
        format!("{{apiGroups: [''], resources: [{resource}], verbs: [{verb}], resourceNames: [{name}]}}")
    };
    let idle = of("serviceaccounts", "impersonate", "idle");
    let (own, other) =
        (of("serviceaccounts/token", "create", "ci"), of("serviceaccounts/token", "create", "idle"));
    let more = ("pods", PODS, "{kind: ServiceAccount, name: idle}");
    assert_eq!(audited(&bound(&[("a", &idle, ALICE)]), &[]).1, Vec::<String>::new());
    assert_eq!(audited(&bound(&[("a", &own, CI), ("b", &other, CI)]), &[]).1, Vec::<String>::new());
    let found = audited(&bound(&[("a", &idle, ALICE), ("b", &other, CI), more]), &[]).1;
    for told in ["impersonate-accounts alice", "account-tokens system:serviceaccount:shop:ci"] {
        assert!(found.contains(&told.to_owned()), "{told}: {found:?}");
    }
    // To act as an account is no right to act as a user.
    let as_user = |name: &str, holder: &str| {
        let held = bound(&[("a", &of("users", "impersonate", name), ALICE), ("b", PODS, holder)]);
        let held = held.replace("kind: Role", "kind: ClusterRole").replace(", namespace: shop}\nr", "}\nr");
        audited(&held, &[]).1.contains(&"impersonate-users alice".to_owned())
    };
    assert!(as_user("bob", &ALICE.replace("alice", "bob")));
    assert!(!as_user(
        "'system:serviceaccount:shop:idle'",
        "{kind: ServiceAccount, name: idle, namespace: shop}"
    ));
    // Who holds as much themselves has no more by it.
    let as_much = ("c", PODS, ALICE);
    let found = audited(&bound(&[("a", &idle, ALICE), more, as_much]), &[]).1;
    assert!(!found.contains(&"impersonate-accounts alice".to_owned()), "{found:?}");
}

/// Nobody's name begins a line, where it would read as ours, or be a command to a runner of CI; in each format.
#[test]
fn no_name_begins_a_line() {
    const NAME: &str = "x\\r\\n::error::y";
    let manifests = DUMP.replace("name: alice", &format!("name: \"{NAME}\""));
    let files = [("dump.yaml", manifests.as_str()), ("empty.yaml", "")];
    let (from, who) = ("x\r\n::error::y", "x\\u{d}\\u{a}::error::y");
    for arguments in [
        &["audit", "-f", "dump.yaml"][..],
        &["paths", "-f", "dump.yaml", from],
        &["paths", "-f", "dump.yaml", "--all"],
        &["graph", "-f", "dump.yaml"],
        &["who-can", "-f", "dump.yaml", "create", "jobs", "-n", "build"],
        &["what-can", "-f", "dump.yaml", from],
        &["diff", "empty.yaml", "dump.yaml"],
    ] {
        let (_, text) = run_beside(&files, arguments);
        assert!(text.contains(who), "{arguments:?}: {text}");
        assert!(!text.contains('\r') && !text.contains("\n::"), "{arguments:?}: {text}");
    }
    for arguments in [
        &["audit", "-f", "dump.yaml", "-o", "sarif"][..],
        &["diff", "empty.yaml", "dump.yaml", "-o", "sarif"],
        &["diff", "empty.yaml", "dump.yaml", "-o", "markdown"],
        &["diff", "empty.yaml", "dump.yaml", "-o", "json"],
        &["graph", "-f", "dump.yaml", "-o", "mermaid"],
        &["graph", "-f", "dump.yaml", "-o", "dot"],
        &["graph", "-f", "dump.yaml", "-o", "svg"],
        &["graph", "-f", "dump.yaml", "-o", "html"],
    ] {
        let (_, text) = run_beside(&files, arguments);
        assert!(text.contains("::error::y"), "{arguments:?}: {text}");
        assert!(!text.contains('\r') && !text.contains("\n::"), "{arguments:?}: {text}");
    }
}

/// A rule that came from another role is found where that has it.
#[test]
fn a_gathered_rule_has_the_line_of_the_role_that_it_is_of() {
    let api = "rbac.authorization.k8s.io";
    let whole = format!(
        "apiVersion: {api}/v1\nkind: ClusterRole\nmetadata: {{name: whole}}\n\
         aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{part: a}}}}]}}\nrules: []\n---\n\
         apiVersion: {api}/v1\nkind: ClusterRoleBinding\nmetadata: {{name: all}}\n\
         roleRef: {{apiGroup: {api}, kind: ClusterRole, name: NAME}}\nsubjects: [{ALICE}]\n"
    );
    let parts = format!(
        "apiVersion: {api}/v1\nkind: ClusterRole\nmetadata: {{name: part, labels: {{part: a, \
         {api}/aggregate-to-view: 'true'}}}}\nrules:\n\
         - {{apiGroups: [''], resources: [pods], verbs: [get]}}\n\
         - {{apiGroups: [apps], resources: [deployments], verbs: [create]}}\n"
    );
    for role in ["whole", "view"] {
        let whole = whole.replace("NAME", role);
        let files = [("whole.yaml", whole.as_str()), ("parts.yaml", parts.as_str())];
        let of = |arguments: &[&str]| {
            run_beside(&files, &[arguments, &["-f", "whole.yaml", "-f", "parts.yaml"]].concat()).1
        };
        let told = "parts.yaml:6: high: deployments: alice may ";
        assert!(of(&["audit"]).lines().any(|line| line.starts_with(told)), "{}", of(&["audit"]));
        let text = of(&["who-can", "create", "deployments"]);
        assert!(text.contains("parts.yaml:6"), "{text}");
    }
}

#[test]
fn bad_input_is_told() {
    let files = [("dump.yaml", DUMP), ("c.yaml", "- {group: a, resource: b, account: c}\n"), ("log", "no\n")];
    for (arguments, told) in [
        (&["paths", "alice"][..], "hint: give its objects with -f DUMP"),
        (&["paths", "-f", "dump.yaml"], "from whom?"),
        (&["paths", "-f", "dump.yaml", "alice", "bob"], "nobody here is called `bob`"),
        (&["paths", "-f", "dump.yaml", "alice", "--flag", "x"], "a flag has no value"),
        (&["paths", "-f", "dump.yaml", "alice", "--flag", "no-flag=1"], "unknown flag `--no-flag`"),
        (&["paths", "-f", "dump.yaml", "alice", "--controllers", "c.yaml"], "`c` is no account"),
        (&["paths", "-f", "dump.yaml", "alice", "--audit-log", "log"], "log:1:1: this is no audit event"),
        (&["audit", "-f", "dump.yaml", "--baseline", "dump.yaml"], "hint: a baseline is what"),
        (&["audit", "-f", "dump.yaml", "--fail-on", "much"], "invalid value 'much'"),
    ] {
        let (code, text) = run_beside(&files, arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains(told), "{arguments:?}: {text}");
    }
}
