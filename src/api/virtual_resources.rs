//! Resources and verbs that only authorizers know: they stand for rights, not for objects, and no discovery tells of them.
//!
//! Differs from Kubernetes: what servers and controllers beside the API server ask the authorizers for is unknown here.

use super::resources::Resources;

/// A right that stands for no object, or one beside those that a resource has by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Right {
    /// The API group; `*` is each.
    pub group: &'static str,
    /// The resource; `*` is each.
    pub resource: &'static str,
    /// The subresource, empty for the resource itself; `*` is each.
    pub subresource: &'static str,
    /// The verbs that are asked for.
    pub verbs: &'static [&'static str],
    /// Whether it is asked for in a namespace.
    pub namespaced: bool,
}

/// To act as somebody who is neither an account nor a node: for some verbs (KEP-5284), or for all.
const USER_INFO: &[&str] = &["impersonate", "impersonate:user-info"];

/// How somebody acts as somebody else for some verbs (KEP-5284).
const MODES: [&str; 4] = ["user-info", "serviceaccount", "arbitrary-node", "associated-node"];

/// The verb of the request for which somebody acts as somebody else: `list` of `impersonate-on:user-info:list`.
pub(crate) fn acted_for(verb: &str) -> Option<&str> {
    let (mode, of) = verb.strip_prefix("impersonate-on:")?.split_once(':')?;
    MODES.contains(&mode).then_some(of)
}

/// What a kubelet asks for by the method of the request that it got.
const KUBELET: &[&str] = &["get", "create", "update", "patch", "delete"];

/// The rows; behind each, where it is told of.
macro_rules! rights {
    ($($group:literal $resource:literal $subresource:literal: $verbs:expr, $where:ident, $source:literal;)*) => {
        /// All of them, each with where it is asked for.
        pub(crate) const RIGHTS: &[Right] = &[$(Right {
            group: $group, resource: $resource, subresource: $subresource, verbs: $verbs, namespaced: rights!($where),
        }),*];
    };
    (cluster) => { false };
    (namespace) => { true };
}

rights! {
    "" "users" "": &["impersonate"], cluster, "reference/access-authn-authz/user-impersonation";
    "" "groups" "": &["impersonate"], cluster, "reference/access-authn-authz/user-impersonation";
    "" "serviceaccounts" "": &["impersonate"], namespace, "reference/access-authn-authz/user-impersonation";
    "authentication.k8s.io" "users" "": &["impersonate:user-info"], cluster, "apiserver, filters/impersonation";
    "authentication.k8s.io" "groups" "": &["impersonate:user-info"], cluster, "apiserver, filters/impersonation";
    "authentication.k8s.io" "uids" "": USER_INFO, cluster, "reference/access-authn-authz/user-impersonation";
    "authentication.k8s.io" "userextras" "": USER_INFO, cluster, "reference/access-authn-authz/user-impersonation";
    "authentication.k8s.io" "userextras" "*": USER_INFO, cluster, "reference/access-authn-authz/user-impersonation";
    "authentication.k8s.io" "serviceaccounts" "": &["impersonate:serviceaccount"], namespace, "apiserver, filters/impersonation";
    "authentication.k8s.io" "nodes" "": &["impersonate:arbitrary-node", "impersonate:associated-node"], cluster, "apiserver, filters/impersonation";
    "certificates.k8s.io" "signers" "": &["approve", "sign", "attest"], cluster,
        "reference/access-authn-authz/certificate-signing-requests";
    "certificates.k8s.io" "certificatesigningrequests" "nodeclient": &["create"], cluster,
        "reference/access-authn-authz/kubelet-tls-bootstrapping";
    "certificates.k8s.io" "certificatesigningrequests" "selfnodeclient": &["create"], cluster,
        "reference/access-authn-authz/kubelet-tls-bootstrapping";
    "certificates.k8s.io" "certificatesigningrequests" "selfnodeserver": &["create"], cluster,
        "reference/access-authn-authz/kubelet-tls-bootstrapping";
    "rbac.authorization.k8s.io" "roles" "": &["bind", "escalate"], namespace, "reference/access-authn-authz/rbac";
    "rbac.authorization.k8s.io" "clusterroles" "": &["bind"], namespace, "reference/access-authn-authz/rbac";
    "rbac.authorization.k8s.io" "clusterroles" "": &["escalate"], cluster, "kubernetes/pkg/registry/rbac/escalation_check.go";
    "policy" "podsecuritypolicies" "": &["use"], namespace, "concepts/security/pod-security-policy";
    "extensions" "podsecuritypolicies" "": &["use"], namespace, "concepts/security/pod-security-policy";
    "" "nodes" "metrics": KUBELET, cluster, "reference/access-authn-authz/kubelet-authn-authz";
    "" "nodes" "stats": KUBELET, cluster, "reference/access-authn-authz/kubelet-authn-authz";
    "" "nodes" "log": KUBELET, cluster, "reference/access-authn-authz/kubelet-authn-authz";
    "" "nodes" "spec": KUBELET, cluster, "reference/access-authn-authz/kubelet-authn-authz";
    "" "nodes" "pods": KUBELET, cluster, "reference/access-authn-authz/kubelet-authn-authz";
    "" "nodes" "healthz": KUBELET, cluster, "reference/access-authn-authz/kubelet-authn-authz";
    "" "nodes" "configz": KUBELET, cluster, "reference/access-authn-authz/kubelet-authn-authz";
    "" "nodes" "checkpoint": KUBELET, cluster, "reference/access-authn-authz/kubelet-authn-authz";
    "" "endpoints" "restricted": &["create", "update", "patch"], namespace, "kube-controller-manager, endpoint-controller";
    "*" "*" "finalizers": &["update", "patch"], namespace,
        "reference/access-authn-authz/admission-controllers, OwnerReferencesPermissionEnforcement";
    "resource.k8s.io" "resourceclaims" "binding": &["update", "patch"], namespace, "KEP-4817, DRAResourceClaimGranularStatusAuthorization";
    "resource.k8s.io" "resourceclaims" "driver":
        &["associated-node:update", "associated-node:patch", "arbitrary-node:update", "arbitrary-node:patch"], namespace,
        "KEP-4817, DRAResourceClaimGranularStatusAuthorization";
}

impl Right {
    /// Whether a release asks for it: who asked for pod security policies went with them.
    pub(crate) fn is_asked_for(&self, table: &Resources) -> bool {
        const POLICIES: &str = "podsecuritypolicies";
        self.resource != POLICIES || table.preferred("policy", POLICIES).is_some()
    }

    /// Whether it is one of a resource or a subresource.
    pub(crate) fn is_of(&self, group: &str, resource: &str, subresource: &str) -> bool {
        let is = |own: &str, word: &str| own == word || own == "*";
        let subresource =
            is(self.subresource, subresource) && self.subresource.is_empty() == subresource.is_empty();
        is(self.group, group) && is(self.resource, resource) && subresource
    }
}

/// The right that a resource stands for, where no release serves it under this group.
pub(crate) fn named(group: &str, resource: &str) -> Option<&'static Right> {
    all_named().find(|right| right.group == group && right.resource == resource)
}

/// The resources that no release serves under their group.
pub(crate) fn all_named() -> impl Iterator<Item = &'static Right> {
    // These have objects, too.
    const SERVED: [(&str, &str); 4] = [
        ("", "serviceaccounts"),
        ("rbac.authorization.k8s.io", "roles"),
        ("rbac.authorization.k8s.io", "clusterroles"),
        ("extensions", "podsecuritypolicies"),
    ];
    let alone =
        |right: &&Right| right.subresource.is_empty() && !SERVED.contains(&(right.group, right.resource));
    RIGHTS.iter().filter(alone)
}
