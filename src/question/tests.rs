use super::*;
use crate::api::{Attributes, Version, refusal};
use crate::config::Config;

fn asked(words: &str) -> Result<String, String> {
    let config = Config::new(Version::DEFAULT);
    let Question { user, info } = read(words, &config.resources(), Place::Default)?;
    let user = user.unwrap_or_else(|| User::named("jo"));
    let told = refusal(&Attributes { user, info: info.clone() }, "").status;
    let told = told.body()["message"].as_str().unwrap_or_default().to_owned();
    Ok(told.replace("User \"jo\" cannot ", ""))
}

#[test]
fn words_are_read_as_people_type_them() {
    for (words, told) in [
        ("get pods", r#"pods is forbidden: get resource "pods" in API group "" in the namespace "default""#),
        (
            "kubectl auth can-i list deploy -n shop",
            r#"deployments.apps is forbidden: list resource "deployments" in API group "apps" in the namespace "shop""#,
        ),
        (
            "get secrets/db -n shop",
            r#"secrets "db" is forbidden: get resource "secrets" in API group "" in the namespace "shop""#,
        ),
        (
            "get pod/x --namespace=a",
            r#"pods "x" is forbidden: get resource "pods" in API group "" in the namespace "a""#,
        ),
        (
            "get pods/log -n a",
            r#"pods is forbidden: get resource "pods/log" in API group "" in the namespace "a""#,
        ),
        (
            "get pods/log x -n a",
            r#"pods "x" is forbidden: get resource "pods/log" in API group "" in the namespace "a""#,
        ),
        (
            "get pod/x/log -n a",
            r#"pods "x" is forbidden: get resource "pods/log" in API group "" in the namespace "a""#,
        ),
        (
            "create pods --subresource=exec -A",
            r#"pods is forbidden: create resource "pods/exec" in API group "" at the cluster scope"#,
        ),
        (
            "patch deployments.apps/web/scale -n a",
            r#"deployments.apps "web" is forbidden: patch resource "deployments/scale" in API group "apps" in the namespace "a""#,
        ),
        (
            "get nodes -n a",
            r#"nodes is forbidden: get resource "nodes" in API group "" at the cluster scope"#,
        ),
        (
            "get ns/shop",
            r#"namespaces "shop" is forbidden: get resource "namespaces" in API group "" in the namespace "shop""#,
        ),
        (
            "impersonate users bob",
            r#"users "bob" is forbidden: impersonate resource "users" in API group "" at the cluster scope"#,
        ),
        (
            "impersonate userextras/scopes view",
            r#"userextras.authentication.k8s.io "view" is forbidden: impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
        (
            "approve signers.certificates.k8s.io a.b/*",
            "a name has no slash: did you mean `signers.certificates.k8s.io/* a.b`?",
        ),
        (
            "use podsecuritypolicies.policy p",
            r#"podsecuritypolicies.policy "p" is forbidden: use resource "podsecuritypolicies" in API group "policy" in the namespace "default""#,
        ),
        ("* *", r#"* is forbidden: * resource "*" in API group "" at the cluster scope"#),
        (
            "get widgets.example.com/w -n a",
            r#"widgets.example.com is forbidden: get resource "widgets/w" in API group "example.com" in the namespace "a""#,
        ),
        ("get /healthz", r#"forbidden: get path "/healthz""#),
        (
            "get /api/v1/namespaces/kube-system/secrets",
            r#"secrets is forbidden: list resource "secrets" in API group "" in the namespace "kube-system""#,
        ),
        (
            "GET https://127.0.0.1:6443/api/v1/pods?watch=1",
            r#"pods is forbidden: watch resource "pods" in API group "" at the cluster scope"#,
        ),
        (
            "curl https://kubernetes.default.svc/apis/apps/v1/namespaces/a/deployments/web/scale",
            r#"deployments.apps "web" is forbidden: get resource "deployments/scale" in API group "apps" in the namespace "a""#,
        ),
        (
            "deletecollection /api/v1/namespaces/a/pods",
            r#"pods is forbidden: deletecollection resource "pods" in API group "" in the namespace "a""#,
        ),
        ("/version", r#"forbidden: get path "/version""#),
        ("get pods x/log", "a name has no slash: did you mean `pods/log x`?"),
        ("get pods/logs", "pods has no subresource `logs`; did you mean `pods/log`?"),
        ("get pods/x/sql", "pods has no subresource `sql`"),
        ("get pod/x y", "two names: `x` and `y`"),
        (
            "get widgets",
            "unknown resource `widgets`; a custom one is written with its group: `widgets.example.com`",
        ),
        ("get pdos", "unknown resource `pdos`; did you mean `pods`?"),
        ("get pods --force", "`--force`: only -n, -A, --subresource, --as and --as-group are known here"),
        ("get pods -n", "`-n` needs a value"),
        ("pods", "a question is VERB RESOURCE [NAME]"),
    ] {
        let read = asked(words);
        assert_eq!(read.as_deref().unwrap_or_else(|wrong| wrong), told, "{words}");
    }
}

#[test]
fn whoever_is_named_asks() {
    let config = Config::new(Version::DEFAULT);
    let words = "kubectl auth can-i get pods -A --as=system:serviceaccount:a:b --as-group=ops";
    let asked = read(words, &config.resources(), Place::Namespace("x")).expect("a question");
    let user = asked.user.expect("somebody");
    assert!(user.in_group("ops") && user.in_group("system:serviceaccounts:a"), "{user:?}");
    assert_eq!(asked.info.namespace, "");
}

#[test]
fn refusals_are_read_back() {
    let config = Config::new(Version::DEFAULT);
    let pasted = "Error from server (Forbidden): error when creating \"a.yaml\": roles.rbac.authorization.k8s.io \"r\" is \
        forbidden: User \"al&lt;ice\" cannot patch resource \"roles\" in API group \"rbac.authorization.k8s.io\" in the \
        namespace \"a\": RBAC: role.rbac.authorization.k8s.io \"x\" not found";
    let Question { user, info } = read(pasted, &config.resources(), Place::Default).expect("a question");
    assert_eq!(user, Some(User::named("al<ice")));
    assert_eq!((&*info.name, &*info.namespace, &*info.resource), ("r", "a", "roles"));
    let psa = "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": privileged";
    let told = read(psa, &config.resources(), Place::Default).unwrap_err();
    assert!(told.starts_with("this is no refusal of the authorizers: Pod Security refused it"), "{told}");
    assert_eq!(refused("get pods"), None);
}
