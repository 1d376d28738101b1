//! Nodes: a kubelet registers and updates its own, without taints, and with few labels of Kubernetes' own.

use super::super::{Cx, Operation, Review, Stop};
use super::{object_name, refuse};
use crate::api::Dig;
use crate::api::differences::NODE_OWNERS;
use crate::json::Value;
use std::collections::BTreeSet;

/// Labels of Kubernetes' own that a kubelet may set (`k8s.io/kubelet/pkg/apis/well_known_labels.go`).
const KUBELET_LABELS: [&str; 13] = [
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.kubernetes.io/region",
    "failure-domain.kubernetes.io/zone",
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
];

pub(super) fn node(cx: &Cx<'_>, review: &Review, node: &str) -> Result<(), Stop> {
    let name = object_name(review);
    refuse(review, name == node, || format!("node \"{node}\" is not allowed to modify node \"{name}\""))?;
    let new = &review.object;
    match (review.operation, &review.old) {
        (Operation::Create, _) => {
            refuse(review, !new.has("spec.configSource"), || {
                format!("node \"{node}\" is not allowed to create pods with a non-nil configSource")
            })?;
            let labels = forbidden(changed(new, &Value::Null));
            refuse(review, labels.is_empty(), || {
                format!("node \"{node}\" is not allowed to set the following labels: {}", labels.join(", "))
            })
        }
        (Operation::Update, Some(old)) => update(cx, review, node, old),
        (Operation::Update | Operation::Delete | Operation::Connect, _) => Ok(()),
    }
}

fn update(cx: &Cx<'_>, review: &Review, node: &str, old: &Value) -> Result<(), Stop> {
    let new = &review.object;
    let same_source =
        !new.has("spec.configSource") || new.at("spec.configSource") == old.at("spec.configSource");
    refuse(review, same_source, || {
        format!("node \"{node}\" is not allowed to update configSource to a new non-nil configSource")
    })?;
    refuse(review, new.list("spec.taints") == old.list("spec.taints"), || {
        format!("node \"{node}\" is not allowed to modify taints")
    })?;
    let labels = forbidden(changed(new, old));
    refuse(review, labels.is_empty(), || format!("is not allowed to modify labels: {}", labels.join(", ")))?;
    let owners = |object: &Value| object.list("metadata.ownerReferences").to_vec();
    refuse(review, !cx.version.has(NODE_OWNERS) || owners(new) == owners(old), || {
        format!("node \"{node}\" is not allowed to modify ownerReferences")
    })
}

/// The labels that one of two objects hasn't, or has with another value.
fn changed<'a>(new: &'a Value, old: &'a Value) -> BTreeSet<&'a str> {
    let differs = |object: &'a Value, from: &'a Value| {
        let labels = object.entries("metadata.labels");
        labels.filter(move |(key, value)| from.label(key) != value.as_str()).map(|(key, _)| key.as_str())
    };
    differs(new, old).chain(differs(old, new)).collect()
}

fn forbidden(labels: BTreeSet<&str>) -> Vec<&str> {
    labels.into_iter().filter(|label| is_forbidden(label)).collect()
}

fn is_forbidden(label: &str) -> bool {
    let domain = label.split_once('/').map_or("", |(domain, _)| domain);
    let within = |of: &str| domain == of || domain.strip_suffix(of).is_some_and(|rest| rest.ends_with('.'));
    let allowed =
        KUBELET_LABELS.contains(&label) || within("kubelet.kubernetes.io") || within("node.kubernetes.io");
    within("node-restriction.kubernetes.io") || ((within("kubernetes.io") || within("k8s.io")) && !allowed)
}

#[cfg(test)]
mod tests {
    use super::is_forbidden;

    #[test]
    fn labels_of_kubernetes_own() {
        for (label, forbidden) in [
            ("team", false),
            ("example.com/x", false),
            ("kubernetes.io/hostname", false),
            ("node.kubernetes.io/anything", false),
            ("mine.kubelet.kubernetes.io/x", false),
            ("node-role.kubernetes.io/master", true),
            ("node-restriction.kubernetes.io/x", true),
            ("a.node-restriction.kubernetes.io/x", true),
            ("k8s.io/x", true),
        ] {
            assert_eq!(is_forbidden(label), forbidden, "{label}");
        }
    }
}
