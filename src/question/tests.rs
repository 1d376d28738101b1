use super::*;
use crate::api::virtual_resources::{self, RIGHTS};
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
            r#"signers.certificates.k8s.io "a.b/*" is forbidden: approve resource "signers" in API group "certificates.k8s.io" at the cluster scope"#,
        ),
        (
            "sign signers/kubernetes.io/kube-apiserver-client",
            r#"signers.certificates.k8s.io "kubernetes.io/kube-apiserver-client" is forbidden: sign resource "signers" in API group "certificates.k8s.io" at the cluster scope"#,
        ),
        (
            "impersonate users/bob",
            r#"users "bob" is forbidden: impersonate resource "users" in API group "" at the cluster scope"#,
        ),
        (
            "impersonate groups https://issuer/#ops",
            r#"groups "https://issuer/#ops" is forbidden: impersonate resource "groups" in API group "" at the cluster scope"#,
        ),
        (
            "impersonate users 'Jane Doe'",
            r#"users "Jane Doe" is forbidden: impersonate resource "users" in API group "" at the cluster scope"#,
        ),
        (
            "impersonate sa/token -n a",
            r#"serviceaccounts "token" is forbidden: impersonate resource "serviceaccounts" in API group "" in the namespace "a""#,
        ),
        (
            "impersonate:user-info users/bob",
            r#"users.authentication.k8s.io "bob" is forbidden: impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
        (
            "impersonate:associated-node nodes/n",
            r#"nodes.authentication.k8s.io "n" is forbidden: impersonate:associated-node resource "nodes" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
        (
            "impersonate userextras/acme.com/project view",
            r#"userextras.authentication.k8s.io "view" is forbidden: impersonate resource "userextras/acme.com/project" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
        (
            "bind clusterroles/admin -n a",
            r#"clusterroles.rbac.authorization.k8s.io "admin" is forbidden: bind resource "clusterroles" in API group "rbac.authorization.k8s.io" in the namespace "a""#,
        ),
        (
            "get nodes/metrics",
            r#"nodes is forbidden: get resource "nodes/metrics" in API group "" at the cluster scope"#,
        ),
        (
            "update deploy/finalizers -n a",
            r#"deployments.apps is forbidden: update resource "deployments/finalizers" in API group "apps" in the namespace "a""#,
        ),
        (
            "get deployments named web of API group apps in namespace a",
            r#"deployments.apps "web" is forbidden: get resource "deployments" in API group "apps" in the namespace "a""#,
        ),
        (
            "list pods in the whole cluster",
            r#"pods is forbidden: list resource "pods" in API group "" at the cluster scope"#,
        ),
        (
            "get secrets db in shop",
            r#"secrets "db" is forbidden: get resource "secrets" in API group "" in the namespace "shop""#,
        ),
        (
            "kubectl -n a auth can-i get pods/log --context prod",
            r#"pods "log" is forbidden: get resource "pods" in API group "" in the namespace "a""#,
        ),
        ("impersonate userextras view", "an extra is asked for by its key: `userextras/KEY view`"),
        ("impersonate user/bob", "unknown resource `user`; did you mean `users`?"),
        ("get pods shop/web", "a name has no slash: did you mean `pods/web -n shop`?"),
        ("impersonate sa shop/app", "a name has no slash: did you mean `sa/app -n shop`?"),
        ("kubectl auth can-i --list", "`--list` asks for all rights: `what-can` tells them"),
        (
            "use podsecuritypolicies.policy p",
            r#"podsecuritypolicies.policy "p" is forbidden: use resource "podsecuritypolicies" in API group "policy" in the namespace "default""#,
        ),
        ("* *", r#"* is forbidden: * resource "*" in API group "" at the cluster scope"#),
        (
            "get widgets.example.com/w -n a",
            r#"widgets.example.com "w" is forbidden: get resource "widgets" in API group "example.com" in the namespace "a""#,
        ),
        (
            "get widgets.example.com/status w -n a",
            r#"widgets.example.com "w" is forbidden: get resource "widgets/status" in API group "example.com" in the namespace "a""#,
        ),
        (
            "get vms.kubevirt.io/vnc w -n a",
            r#"vms.kubevirt.io "w" is forbidden: get resource "vms/vnc" in API group "kubevirt.io" in the namespace "a""#,
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

/// All that an authorizer may be asked for by the table of a release and the rights that only authorizers know.
fn askable(table: &Resources) -> Vec<RequestInfo> {
    let of = |group: &str, resource: &str, subresource: &str, verb: &str| RequestInfo {
        is_resource: true,
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        verb: verb.to_owned(),
        ..RequestInfo::default()
    };
    let served = table.iter().flat_map(|row| {
        ["get", "*"].map(|verb| (of(&row.group, &row.name, &row.subresource, verb), row.namespaced))
    });
    let rights = RIGHTS.iter().flat_map(|right| {
        let keys: &[&str] = if right.subresource == "*" {
            &["*", "scopes", "acme.com/project"]
        } else {
            &[right.subresource]
        };
        let each = |key: &&str| {
            let with = |verb: &&str| (of(right.group, right.resource, key, verb), right.namespaced);
            right.verbs.iter().map(with).collect::<Vec<_>>()
        };
        keys.iter().flat_map(each).collect::<Vec<_>>()
    });
    let custom = ["", "status"].map(|part| (of("example.com", "widgets", part, "get"), true));
    let mut all = Vec::new();
    for (info, namespaced) in served.chain(rights).chain(custom) {
        let alone = virtual_resources::named(&info.group, &info.resource).is_some();
        let is_extra = info.resource == "userextras" && info.subresource.is_empty();
        let names: &[&str] = match alone {
            _ if is_extra => &[""],
            true => &["", "bob", "https://issuer/#jo", "example.com/*", "Jane O'Hara", "system:masters"],
            false => &["", "web", "log", "status"],
        };
        for name in names {
            for namespace in if namespaced { &["", "shop"][..] } else { &[""] } {
                let own = info.resource == "namespaces" && info.group.is_empty() && !name.is_empty();
                let namespace = if own { name } else { namespace };
                all.push(RequestInfo {
                    name: (*name).to_owned(),
                    namespace: (*namespace).to_owned(),
                    ..info.clone()
                });
            }
        }
    }
    all
}

#[test]
fn what_is_written_is_read_back() {
    let config = Config::new(Version::DEFAULT);
    let table = config.resources();
    let all = askable(&table);
    assert!(all.len() > 1_500, "{}", all.len());
    for info in all {
        let user = User { groups: vec!["a b".to_owned(), "it's".to_owned()], ..User::named("jo \"x\" doe") };
        let line = written(&info, Some(&user));
        let read = read(&line, &table, Place::Default).unwrap_or_else(|why| panic!("{line}: {why}"));
        let info_read = RequestInfo { version: String::new(), ..read.info };
        assert_eq!((info_read, read.user), (info, Some(user)), "{line}");
    }
    let path = RequestInfo { path: "/metrics".to_owned(), verb: "get".to_owned(), ..RequestInfo::default() };
    assert_eq!(read(&written(&path, None), &table, Place::Default).map(|read| read.info), Ok(path));
}

#[test]
fn what_else_may_be_meant_is_told() {
    let config = Config::new(Version::DEFAULT);
    for (words, told) in [
        (
            "GET pods",
            "`GET` is a method of HTTP; on a resource that is the verb `get`, and `list` or `watch` without a name",
        ),
        ("post secrets", "`post` is a method of HTTP; on a resource that is the verb `create`"),
        (
            "impersonate users system:serviceaccount:a:b",
            "who acts as system:serviceaccount:a:b needs it of the account: `impersonate serviceaccounts/b -n a`",
        ),
        (
            "kubectl auth can-i get pods/log",
            "to kubectl `pods/log` is a name, `log`; the subresource is `pods --subresource=log`",
        ),
        ("get pods", ""),
        ("GET /healthz", ""),
        ("kubectl auth can-i get pods --subresource=log", ""),
    ] {
        let asked = super::asked(words, &config.resources(), Place::Default, Unknown::IsWrong);
        assert_eq!(asked.map(|asked| asked.hints.join("; ")).as_deref(), Ok(told), "{words}");
    }
}

#[test]
fn whoever_is_named_asks() {
    let config = Config::new(Version::DEFAULT);
    let words = "kubectl auth can-i get pods -A --as=system:serviceaccount:a:b --as-group=ops";
    let asked = read(words, &config.resources(), Place::Namespace("x")).expect("a question");
    let user = asked.user.expect("somebody");
    // The groups that an account has by its name give way to those that are named.
    assert_eq!(user.groups, ["ops"]);
    assert_eq!(written(&asked.info, Some(&user)), words);
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
