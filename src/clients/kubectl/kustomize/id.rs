//! What objects are called while they are customized (`kyaml/resid`).

use crate::api::Dig;
use crate::json::Value;
use std::fmt;

/// The namespace of what has none, as kustomize compares and remembers it.
const NO_NAMESPACE: &str = "_non_namespaceable_";

/// The kinds that kustomize knows to have no namespace: those that are stored, of Kubernetes 1.21, without what was alpha.
///
/// Anything else counts as something in a namespace, so that `namespace:` also lands on policies and their bindings.
const CLUSTER_SCOPED: &[(&str, &str, &[&str])] = &[
    ("", "v1", &["ComponentStatus", "Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        "v1,v1beta1",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
    ),
    ("apiextensions.k8s.io", "v1,v1beta1", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", "v1,v1beta1", &["APIService"]),
    ("certificates.k8s.io", "v1,v1beta1", &["CertificateSigningRequest"]),
    ("flowcontrol.apiserver.k8s.io", "v1beta1", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", "v1,v1beta1", &["IngressClass"]),
    ("node.k8s.io", "v1,v1beta1", &["RuntimeClass"]),
    ("policy", "v1beta1", &["PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io", "v1,v1beta1", &["ClusterRole", "ClusterRoleBinding"]),
    ("scheduling.k8s.io", "v1,v1beta1", &["PriorityClass"]),
    ("storage.k8s.io", "v1,v1beta1", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"]),
];

/// A group, a version and a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gvk {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
}

impl Gvk {
    /// An object's.
    pub(super) fn of(object: &Value) -> Gvk {
        let api_version = object.text("apiVersion");
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Gvk { group: group.to_owned(), version: version.to_owned(), kind: object.text("kind").to_owned() }
    }

    /// Whether kustomize knows that its objects have no namespace.
    pub(super) fn is_cluster_scoped(&self) -> bool {
        CLUSTER_SCOPED.iter().any(|(group, versions, kinds)| {
            *group == self.group
                && versions.split(',').any(|version| version == self.version)
                && kinds.contains(&&*self.kind)
        })
    }

    /// Whether it is of that group, version and kind, each of which may be empty for any.
    pub(super) fn is_selected(&self, group: &str, version: &str, kind: &str) -> bool {
        let fits = |wanted: &str, own: &str| wanted.is_empty() || wanted == own;
        fits(group, &self.group) && fits(version, &self.version) && fits(kind, &self.kind)
    }
}

/// `Role.v1.rbac.authorization.k8s.io`.
impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [kind, version, group] =
            [(&self.kind, "[noKind]"), (&self.version, "[noVer]"), (&self.group, "[noGrp]")]
                .map(|(own, none)| or(own, none));
        write!(f, "{kind}.{version}.{group}")
    }
}

/// What an object is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) gvk: Gvk,
    pub(super) name: String,
    pub(super) namespace: String,
}

impl Id {
    /// What an object is called now.
    pub(super) fn of(object: &Value) -> Id {
        let own = |path: &str| match object.at(path) {
            Value::Null => String::new(),
            value => value.shown(),
        };
        Id { gvk: Gvk::of(object), name: own("metadata.name"), namespace: own("metadata.namespace") }
    }

    /// The namespace that counts: `default` where none is told.
    pub(super) fn effective_namespace(&self) -> &str {
        match self.namespace.as_str() {
            _ if self.gvk.is_cluster_scoped() => NO_NAMESPACE,
            "" => "default",
            namespace => namespace,
        }
    }

    /// Whether both are in one namespace.
    pub(super) fn is_beside(&self, other: &Id) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }

    /// Whether both are names of the same object.
    pub(super) fn is(&self, other: &Id) -> bool {
        self.gvk == other.gvk && self.name == other.name && self.is_beside(other)
    }

    /// As Go's `%#v` prints it.
    pub(super) fn go_syntax(&self) -> String {
        let Gvk { group, version, kind } = &self.gvk;
        let scoped = self.gvk.is_cluster_scoped();
        format!(
            "resid.ResId{{Gvk:resid.Gvk{{Group:{group:?}, Version:{version:?}, Kind:{kind:?}, isClusterScoped:{scoped}}}, Name:{:?}, Namespace:{:?}}}",
            self.name, self.namespace
        )
    }
}

/// `ConfigMap.v1.[noGrp]/settings.shop`.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}.{}", self.gvk, or(&self.name, "[noName]"), or(&self.namespace, "[noNs]"))
    }
}

fn or<'a>(own: &'a str, none: &'a str) -> &'a str {
    if own.is_empty() { none } else { own }
}
