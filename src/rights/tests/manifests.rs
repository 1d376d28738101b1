//! For each check a manifest in which it finds something, and one near it.

/// A cluster role or a role of one rule, bound to somebody.
pub(super) fn role(kind: &str, rule: &str) -> String {
    let api = "rbac.authorization.k8s.io";
    format!(
        "apiVersion: {api}/v1\nkind: {kind}\nmetadata: {{name: r}}\nrules:\n- {rule}\n---\n\
         apiVersion: {api}/v1\nkind: {kind}Binding\nmetadata: {{name: b}}\n\
         roleRef: {{apiGroup: {api}, kind: {kind}, name: r}}\nsubjects: [{{kind: User, name: jo}}]\n"
    )
}

/// A binding beside a cluster role, a role and two accounts.
fn binding(kind: &str, reference: &str, subjects: &str) -> String {
    let api = "rbac.authorization.k8s.io";
    format!(
        "apiVersion: {api}/v1\nkind: {kind}\nmetadata: {{name: b}}\n\
         roleRef: {{apiGroup: {api}, {reference}}}\nsubjects: [{subjects}]\n---\n\
         apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: app}}\n---\n\
         apiVersion: {api}/v1\nkind: ClusterRole\nmetadata: {{name: c}}\n\
         rules: [{{apiGroups: [''], resources: [nodes], verbs: [get]}}, {{nonResourceURLs: [/x], verbs: [get]}}]\n---\n\
         apiVersion: {api}/v1\nkind: Role\nmetadata: {{name: r}}\n\
         rules: [{{apiGroups: [''], resources: [pods], verbs: [get]}}]\n---\n\
         apiVersion: {api}/v1\nkind: RoleBinding\nmetadata: {{name: all}}\n\
         roleRef: {{apiGroup: {api}, kind: Role, name: r}}\nsubjects: [{{kind: User, name: jo}}]\n---\n\
         apiVersion: {api}/v1\nkind: ClusterRoleBinding\nmetadata: {{name: all}}\n\
         roleRef: {{apiGroup: {api}, kind: ClusterRole, name: c}}\nsubjects: [{{kind: User, name: jo}}]\n"
    )
}

/// A cluster role that is bound in a namespace.
fn mixed(resources: &str) -> String {
    let rule = format!("{{apiGroups: [''], resources: {resources}, verbs: [get, list]}}");
    let whole = role("ClusterRole", &rule);
    let (role, binding) = whole.split_once("---\n").expect("a role and a binding");
    let binding = binding.replacen("ClusterRoleBinding", "RoleBinding", 1);
    format!("{binding}---\n{role}")
}

/// The check, a rule in which it finds something, what it says, and a rule near it.
pub(super) const RULES: &[[&str; 4]] = &[
    [
        "upper-case",
        "{apiGroups: [''], resources: [Pods], verbs: [get]}",
        "5, rules[0].resources[0]): `Pods` has capital letters: write `pods`",
        "{apiGroups: [''], resources: [pods], verbs: [get]}",
    ],
    [
        "upper-case",
        "{apiGroups: [''], resources: [pods], verbs: [Get, list]}",
        "5, rules[0].verbs[0]): `Get` has capital letters: write `get`",
        "{apiGroups: [''], resources: [pods], resourceNames: [Web], verbs: [get]}",
    ],
    [
        "upper-case",
        "{apiGroups: [Apps], resources: [deployments], verbs: [get]}",
        "5, rules[0].apiGroups[0]): `Apps` has capital letters: write `apps`",
        "{apiGroups: [apps], resources: [deployments], verbs: [get]}",
    ],
    [
        "short-name",
        "{apiGroups: [''], resources: [pods, po/log], verbs: [get]}",
        "5, rules[0].resources[1]): `po` is a short name, which only kubectl knows: write `pods/log`",
        "{apiGroups: [''], resources: [pods, pods/log], verbs: [get]}",
    ],
    [
        "singular",
        "{apiGroups: [apps], resources: [deployment], verbs: [get]}",
        "5, rules[0].resources[0]): `deployment` is a singular: write `deployments`",
        "{apiGroups: [apps], resources: [deployments], verbs: [get]}",
    ],
    [
        "group-in-resource",
        "{apiGroups: [apps], resources: [deployments.apps], verbs: [get]}",
        "5, rules[0].resources[0]): `deployments.apps`: the group is written in apiGroups (apps), the resource alone here (deployments)",
        "{apiGroups: [apps], resources: [deployments/scale], verbs: [get]}",
    ],
    [
        "wrong-group",
        "{apiGroups: [''], resources: [pods, deployments], verbs: [get]}",
        "5, rules[0].resources[1]): deployments is not in the core group (\"\"): it is of apps",
        "{apiGroups: ['', apps], resources: [pods, deployments], verbs: [get]}",
    ],
    [
        "idle-group",
        "{apiGroups: ['', batch], resources: [pods], verbs: [get]}",
        "5, rules[0].apiGroups[1]): the API group batch has none of pods",
        "{apiGroups: ['', batch], resources: [pods, jobs], verbs: [get]}",
    ],
    [
        "version-in-group",
        "{apiGroups: [apps/v1], resources: [deployments], verbs: [get]}",
        "5, rules[0].apiGroups[0]): `apps/v1` is a group with its version: write `apps`",
        "{apiGroups: [apps], resources: [deployments], verbs: [get]}",
    ],
    [
        "core-by-name",
        "{apiGroups: [v1], resources: [pods], verbs: [get]}",
        "5, rules[0].apiGroups[0]): `v1` is no group: the core group is written \"\"",
        "{apiGroups: [''], resources: [pods], verbs: [get]}",
    ],
    [
        "unknown-resource",
        "{apiGroups: [''], resources: [secretz], verbs: [get]}",
        "5, rules[0].resources[0]): secretz is not in the core group (\"\"); did you mean `secrets`?",
        "{apiGroups: ['*'], resources: [secrets], verbs: [get]}",
    ],
    [
        "unknown-subresource",
        "{apiGroups: [''], resources: [pods/logs], verbs: [get]}",
        "5, rules[0].resources[0]): pods has no subresource logs; did you mean `pods/log`?",
        "{apiGroups: [''], resources: [nodes/metrics, pods/finalizers], verbs: [get, update]}",
    ],
    [
        "unknown-subresource",
        "{apiGroups: [apps], resources: ['*/log'], verbs: [get]}",
        "5, rules[0].resources[0]): no resource there has a subresource log",
        "{apiGroups: ['', apps], resources: ['*/log', '*/finalizers'], verbs: [get]}",
    ],
    [
        "star-subresource",
        "{apiGroups: [''], resources: ['pods/*'], verbs: [get]}",
        "5, rules[0].resources[0]): `pods/*`: no star stands for subresources; each is written out",
        "{apiGroups: [apps], resources: ['*/scale'], verbs: [get]}",
    ],
    [
        "star-subresource",
        "{apiGroups: [''], resources: ['*/*'], verbs: [get]}",
        "5, rules[0].resources[0]): `*/*`: no star stands for subresources; `*` alone is all of them",
        "{apiGroups: [''], resources: ['*'], verbs: [get]}",
    ],
    [
        "part-star",
        "{apiGroups: [''], resources: ['pod*'], verbs: [get]}",
        "5, rules[0].resources[0]): `pod*` is compared letter by letter: a star stands for a whole resource only",
        "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}",
    ],
    [
        "part-star",
        "{apiGroups: ['*.k8s.io'], resources: ['*'], verbs: [get]}",
        "5, rules[0].apiGroups[0]): `*.k8s.io` is compared letter by letter: only `*` alone stands for all groups",
        "{apiGroups: [storage.k8s.io], resources: ['*'], verbs: [get]}",
    ],
    [
        "part-star",
        "{apiGroups: [''], resources: [pods], verbs: ['delete*']}",
        "5, rules[0].verbs[0]): `delete*` is compared letter by letter: only `*` alone stands for all verbs",
        "{apiGroups: [''], resources: [pods], verbs: ['*']}",
    ],
    [
        "star-in-name",
        "{apiGroups: [''], resources: [secrets], resourceNames: ['app-*'], verbs: [get]}",
        "5, rules[0].resourceNames[0]): `app-*` is compared letter by letter: no star stands for other names",
        "{apiGroups: [certificates.k8s.io], resources: [signers], resourceNames: ['example.com/*'], verbs: [approve]}",
    ],
    [
        "verb-not-served",
        "{apiGroups: [''], resources: [pods], verbs: [get, exec]}",
        "5, rules[0].verbs[1]): `exec` is no verb but a subresource: `pods/exec` has create, get",
        "{apiGroups: [''], resources: [pods/exec], verbs: [create]}",
    ],
    [
        "verb-not-served",
        "{apiGroups: [''], resources: [pods], verbs: [get, lst]}",
        "5, rules[0].verbs[1]): `lst` is no verb of pods; did you mean `list`?",
        "{apiGroups: [''], resources: [users, serviceaccounts], verbs: [impersonate]}",
    ],
    [
        "verb-not-served",
        "{apiGroups: [''], resources: [secrets], resourceNames: [''], verbs: [list, bind]}",
        "5, rules[0].verbs[1]): `bind` is no verb of secrets",
        "{apiGroups: [''], resources: [secrets], resourceNames: [''], verbs: [list]}",
    ],
    [
        "verb-not-served",
        "{apiGroups: [''], resources: [pods], verbs: [get, 'impersonate-on:user-info:exec']}",
        "5, rules[0].verbs[1]): `impersonate-on:user-info:exec` is no verb of pods",
        "{apiGroups: [''], resources: [pods], verbs: ['impersonate-on:user-info:list']}",
    ],
    [
        "verb-not-served",
        "{apiGroups: [authentication.k8s.io], resources: [users], verbs: ['impersonate:user-info', 'impersonate:arbitrary-node']}",
        "5, rules[0].verbs[1]): `impersonate:arbitrary-node` is no verb of users",
        "{apiGroups: [authentication.k8s.io], resources: [nodes], verbs: ['impersonate:arbitrary-node']}",
    ],
    [
        "verb-not-served",
        "{apiGroups: [''], resources: [pods, pods/log], verbs: [list]}",
        "5, rules[0].resources[1]): pods/log has none of the verbs list; it has get",
        "{apiGroups: [''], resources: [pods, pods/log], verbs: [get, list]}",
    ],
    [
        "verb-not-served",
        "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterrolebindings], verbs: [bind]}",
        "5, rules[0].verbs[0]): `bind` is no verb of clusterrolebindings",
        "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [view], verbs: [bind]}",
    ],
    [
        "incomplete-rule",
        "{resources: [pods], verbs: [get]}",
        "5, rules[0]): the rule has no apiGroups (the core group is \"\")",
        "{apiGroups: [''], resources: [pods], verbs: [get]}",
    ],
    [
        "incomplete-rule",
        "{apiGroups: [''], resources: [pods], verbs: []}",
        "5, rules[0]): the rule has no verbs",
        "{nonResourceURLs: [/x], verbs: [get]}",
    ],
    [
        "account-as-user",
        "{apiGroups: [''], resources: [users], resourceNames: [jo, 'system:serviceaccount:shop:app'], verbs: [impersonate]}",
        "5, rules[0].resourceNames[1]): `system:serviceaccount:shop:app` is an account: who acts as it is asked about serviceaccounts, \
         `app` in the namespace shop",
        "{apiGroups: [''], resources: [users], resourceNames: [jo, 'system:node:w'], verbs: [impersonate]}",
    ],
    [
        "account-as-user",
        "{apiGroups: [authentication.k8s.io], resources: [users], resourceNames: ['system:node:w'], verbs: ['impersonate:user-info']}",
        "5, rules[0].resourceNames[0]): `system:node:w` is a node: who acts as it is asked about nodes, `w`, by `impersonate:arbitrary-node`",
        "{apiGroups: [authentication.k8s.io], resources: [nodes], resourceNames: [w], verbs: ['impersonate:arbitrary-node']}",
    ],
    [
        "invalid",
        "{apiGroups: [''], resources: [pods], nonResourceURLs: [/x], verbs: [get]}",
        "5, rules[0].nonResourceURLs): rules[0].nonResourceURLs: Invalid value: [\"/x\"]: rules cannot apply to both regular resources and non-resource URLs",
        "{nonResourceURLs: [/x], verbs: [get]}",
    ],
    [
        "named-deletecollection",
        "{apiGroups: [''], resources: [pods], resourceNames: [a], verbs: [delete, deletecollection]}",
        "5, rules[0].verbs[1]): `deletecollection` has no name when it is authorized: resourceNames leave nothing of it",
        "{apiGroups: [''], resources: [pods], verbs: [delete, deletecollection]}",
    ],
    [
        "unnamed",
        "{apiGroups: [''], resources: [secrets], resourceNames: [''], verbs: [get, list, deletecollection]}",
        "5, rules[0].verbs[0]): `get` always has a name, and resourceNames hold only the empty one, which is that of requests without any",
        "{apiGroups: [''], resources: [secrets], resourceNames: ['', a], verbs: [get, list, deletecollection]}",
    ],
    [
        "unnamed",
        "{apiGroups: [''], resources: [pods/exec], resourceNames: [''], verbs: [create]}",
        "5, rules[0].verbs[0]): `create` always has a name, and resourceNames hold only the empty one, which is that of requests without any",
        "{apiGroups: [''], resources: [pods], resourceNames: [''], verbs: [create, list, watch, '*']}",
    ],
    [
        "named-create",
        "{apiGroups: [''], resources: [secrets], resourceNames: [a], verbs: [get, create]}",
        "5, rules[0].verbs[1]): `create` of secrets has no name when it is authorized, but for a PUT or server-side apply that creates",
        "{apiGroups: [''], resources: [serviceaccounts/token], resourceNames: [a], verbs: [create]}",
    ],
    [
        "named-list",
        "{apiGroups: [''], resources: [secrets], resourceNames: [a], verbs: [get, watch]}",
        "5, rules[0].verbs[1]): `watch` of secrets has a name only with --field-selector metadata.name=a",
        "{apiGroups: [''], resources: [secrets], verbs: [watch]}",
    ],
    [
        "url-without-slash",
        "{nonResourceURLs: [healthz], verbs: [get]}",
        "5, rules[0].nonResourceURLs[0]): `healthz`: paths begin with a slash",
        "{nonResourceURLs: ['*'], verbs: [get]}",
    ],
    [
        "url-inner-star",
        "{nonResourceURLs: ['/logs/*/x'], verbs: [get]}",
        "5, rules[0].nonResourceURLs[0]): `/logs/*/x`: a star stands for any rest, at the end and nowhere else",
        "{nonResourceURLs: ['/logs/*'], verbs: [get]}",
    ],
    [
        "url-of-resource",
        "{nonResourceURLs: [/apis/apps/v1/deployments], verbs: [get]}",
        "5, rules[0].nonResourceURLs[0]): `/apis/apps/v1/deployments` is the path of a resource: it takes a rule with apiGroups and resources",
        "{nonResourceURLs: [/apis/apps/v1, '/apis/*', '/api/*'], verbs: [get]}",
    ],
    [
        "url-verb",
        "{nonResourceURLs: [/metrics], verbs: [get, list]}",
        "5, rules[0].verbs[1]): `list` is no method of requests in small letters; did you mean `get`?",
        "{nonResourceURLs: [/metrics], verbs: [get, head]}",
    ],
    [
        "url-verb",
        "{nonResourceURLs: [/metrics], verbs: ['impersonate-on:node:get', get]}",
        "5, rules[0].verbs[0]): `impersonate-on:node:get` is no method of requests in small letters",
        "{nonResourceURLs: [/metrics], verbs: ['impersonate-on:serviceaccount:get']}",
    ],
    [
        "unknown-group",
        "{apiGroups: [example.com], resources: [widgets], verbs: [frobnicate]}",
        "5, rules[0].apiGroups[0]): neither Kubernetes 1.36 nor a definition here has the group example.com",
        "{apiGroups: [apps], resources: [deployments], verbs: [get]}",
    ],
    [
        "unknown-group",
        "{apiGroups: [app], resources: [deployments], verbs: [get]}",
        "5, rules[0].apiGroups[0]): neither Kubernetes 1.36 nor a definition here has the group app; did you mean `apps`?",
        "{apiGroups: [apps], resources: [deployments], verbs: [get]}",
    ],
    [
        "other-release",
        "{apiGroups: [extensions, apps], resources: [deployments], verbs: [get]}",
        "5, rules[0].apiGroups[0]): Kubernetes 1.36 does not serve the group extensions: 1.22 removed it",
        "{apiGroups: [apps], resources: [deployments], verbs: [get]}",
    ],
    [
        "other-release",
        "{apiGroups: [policy], resources: [podsecuritypolicies], resourceNames: [restricted], verbs: [use]}",
        "5, rules[0].resources[0]): Kubernetes 1.36 does not serve podsecuritypolicies: 1.25 removed it",
        "{apiGroups: [policy], resources: [poddisruptionbudgets], verbs: [get]}",
    ],
    [
        "unknown-group doubtful-resource",
        "{apiGroups: ['', example.com], resources: [secretz], verbs: [get]}",
        "5, rules[0].apiGroups[1]): neither Kubernetes 1.36 nor a definition here has the group example.com\n\
         doubtful-resource (5, rules[0].resources[0]): secretz is not in the core group (\"\"); did you mean `secrets`? (nothing is known of example.com)",
        "{apiGroups: [''], resources: [secrets], verbs: [get]}",
    ],
    [
        "unknown-group doubtful-resource",
        "{apiGroups: [example.com, apps], resources: [widgets, deploy, deployments/scal], verbs: [get]}",
        "5, rules[0].apiGroups[0]): neither Kubernetes 1.36 nor a definition here has the group example.com\n\
         doubtful-resource (5, rules[0].resources[1]): `deploy` is a short name, which only kubectl knows: write `deployments` (nothing is known of example.com)\n\
         doubtful-resource (5, rules[0].resources[2]): deployments has no subresource scal; did you mean `deployments/scale`? (nothing is known of example.com)",
        "{apiGroups: [apps], resources: [deployments, deployments/scale], verbs: [get]}",
    ],
    [
        "unknown-group",
        "{apiGroups: ['*'], resources: [secretz], verbs: [get]}",
        "5, rules[0].resources[0]): no group that is known here has secretz; did you mean `secrets`?",
        "{apiGroups: ['*'], resources: [secrets], verbs: [get]}",
    ],
];

/// A custom resource, as a manifest defines it.
const DEFINITION: &str = "\
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - {name: v1, served: true, storage: true, subresources: {status: {}}, schema: {openAPIV3Schema: {type: object}}}
";

/// The same of whole manifests.
pub(super) fn bindings() -> Vec<(&'static str, String, &'static str, String)> {
    let (cluster, own) = ("ClusterRoleBinding", "RoleBinding");
    let (jo, c, r) = ("{kind: User, name: jo}", "kind: ClusterRole, name: c", "kind: Role, name: r");
    let of = |subject: &str| binding(own, r, subject);
    let in_cluster = |subject: &str| binding(cluster, c, subject);
    vec![
        (
            "unknown-custom",
            role("ClusterRole", "{apiGroups: [example.com], resources: [gadgets], verbs: [get]}")
                + DEFINITION,
            "5, rules[0].resources[0]): no definition here is of gadgets in example.com, whose others are: if there is one, it is missing",
            role(
                "ClusterRole",
                "{apiGroups: [example.com], resources: [widgets, widgets/status], verbs: [get, frob]}",
            ) + DEFINITION,
        ),
        (
            "unknown-subresource",
            role("ClusterRole", "{apiGroups: [example.com], resources: [widgets/scale], verbs: [get]}")
                + DEFINITION,
            "5, rules[0].resources[0]): widgets has no subresource scale",
            role(
                "ClusterRole",
                "{apiGroups: [example.com], resources: [widgets/finalizers], verbs: [update]}",
            ) + DEFINITION,
        ),
        (
            "short-name",
            role("ClusterRole", "{apiGroups: [example.com], resources: [wd], verbs: [get]}") + DEFINITION,
            "5, rules[0].resources[0]): `wd` is a short name, which only kubectl knows: write `widgets`",
            role("ClusterRole", "{apiGroups: [example.com], resources: [widgets], verbs: [get]}")
                + DEFINITION,
        ),
        (
            "cluster-scoped",
            role("Role", "{apiGroups: [''], resources: [pods, nodes], verbs: [get]}"),
            "5, rules[0].resources[1]): nodes is in no namespace: it takes a ClusterRole and a ClusterRoleBinding",
            role("Role", "{apiGroups: [''], resources: [pods, namespaces], verbs: [get]}"),
        ),
        (
            "cluster-scoped",
            role("Role", "{apiGroups: [''], resources: [pods, namespaces], verbs: [get, list, create]}"),
            "5, rules[0].resources[1]): list, create of namespaces is in no namespace: it takes a ClusterRole and a ClusterRoleBinding",
            role(
                "Role",
                "{apiGroups: [''], resources: [pods, namespaces, namespaces/finalize], verbs: [get, update, patch, delete]}",
            ),
        ),
        (
            "cluster-scoped",
            role("Role", "{apiGroups: [''], resources: [namespaces], resourceNames: [build], verbs: [get]}"),
            "5, rules[0].resources[0]): namespaces: a role in shop reaches no other namespace than shop, which resourceNames do not name",
            role("Role", "{apiGroups: [''], resources: [namespaces], resourceNames: [shop], verbs: [get]}"),
        ),
        (
            "cluster-scoped",
            role(
                "Role",
                "{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind, get]}",
            ),
            "5, rules[0].resources[0]): get of clusterroles is in no namespace: it takes a ClusterRole and a ClusterRoleBinding",
            role("Role", "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}"),
        ),
        (
            "cluster-scoped",
            mixed("[pods, nodes, namespaces]"),
            "4, roleRef.name): rule 1 of ClusterRole r has nodes, list of namespaces, which is in no namespace: a RoleBinding gives nothing of it",
            mixed("[pods]"),
        ),
        (
            "url-in-namespace",
            role("Role", "{nonResourceURLs: [/x], verbs: [get]}"),
            "5, rules[0].nonResourceURLs): a Role is for what is in its namespace, and paths are in none: it takes a ClusterRole and a ClusterRoleBinding",
            role("ClusterRole", "{nonResourceURLs: [/x], verbs: [get]}"),
        ),
        (
            "cluster-scoped url-in-namespace",
            binding(own, c, jo),
            "4, roleRef.name): rule 1 of ClusterRole c is about what is in no namespace: a RoleBinding gives nothing of it\n\
             url-in-namespace (4, roleRef.name): rule 2 of ClusterRole c is about paths: a RoleBinding gives nothing of it",
            in_cluster(jo),
        ),
        (
            "subject-kind",
            of("{kind: user, name: jo}"),
            "5, subjects[0].kind): `user` is neither User, Group nor ServiceAccount; did you mean User?",
            of(jo),
        ),
        (
            "subject-group",
            of("{kind: ServiceAccount, apiGroup: rbac.authorization.k8s.io, name: app}"),
            "5, subjects[0].apiGroup): a ServiceAccount is of the API group \"\", not rbac.authorization.k8s.io",
            of("{kind: User, apiGroup: rbac.authorization.k8s.io, name: jo}"),
        ),
        (
            "account-spelling",
            of("{kind: User, name: 'system:serviceaccount:shop'}"),
            "5, subjects[0].name): `system:serviceaccount:shop` is no account's name: that is system:serviceaccount:NAMESPACE:NAME",
            of("{kind: User, name: 'system:serviceaccount:shop:app'}"),
        ),
        (
            "account-spelling",
            of("{kind: User, name: shop/app}"),
            "5, subjects[0].name): `shop/app`: the user of a service account is called system:serviceaccount:shop:app",
            of("{kind: User, name: jo@example.com}"),
        ),
        (
            "account-spelling",
            of("{kind: Group, name: 'system:serviceaccount:shop'}"),
            "5, subjects[0].name): `system:serviceaccount:shop`: the accounts of a namespace are the group system:serviceaccounts:shop",
            of("{kind: Group, name: 'system:serviceaccounts:shop'}"),
        ),
        (
            "account-spelling",
            of("{kind: ServiceAccount, name: 'system:serviceaccount:shop:app'}"),
            "5, subjects[0].name): no service account has the name `system:serviceaccount:shop:app`; did you mean app of the namespace shop?",
            of("{kind: ServiceAccount, name: app, namespace: shop}"),
        ),
        (
            "account-homeless",
            in_cluster("{kind: ServiceAccount, name: app}"),
            "5, subjects[0]): the service account app is of no namespace",
            in_cluster("{kind: ServiceAccount, name: app, namespace: shop}"),
        ),
        (
            "group-as-user",
            of("{kind: User, name: 'system:authenticated'}"),
            "5, subjects[0].name): system:authenticated is a group, and no user has its name",
            of("{kind: Group, name: 'system:authenticated'}"),
        ),
        (
            "group-as-user",
            of("{kind: Group, name: 'system:serviceaccount:shop:app'}"),
            "5, subjects[0].name): system:serviceaccount:shop:app is a user, and no group has its name",
            of("{kind: User, name: 'system:anonymous'}"),
        ),
        (
            "missing-account",
            of("{kind: ServiceAccount, name: apps}"),
            "5, subjects[0].name): there is no service account shop/apps; did you mean app?",
            // Of the accounts of another namespace nothing is known, and `default` is everywhere.
            of("{kind: ServiceAccount, name: apps, namespace: build}, {kind: ServiceAccount, name: default}"),
        ),
        (
            "missing-account",
            of("{kind: User, name: 'system:serviceaccount:shop:apps'}"),
            "5, subjects[0].name): there is no service account shop/apps; did you mean app?",
            of("{kind: User, name: 'system:serviceaccount:build:apps'}"),
        ),
        (
            "role-kind",
            binding(cluster, r, jo),
            "4, roleRef.kind): a ClusterRoleBinding refers to a ClusterRole",
            binding(own, r, jo),
        ),
        (
            "missing-role",
            binding(own, "kind: Role, name: rr", jo),
            "4, roleRef.name): there is no Role rr",
            binding(own, "kind: ClusterRole, name: view", jo),
        ),
    ]
}
