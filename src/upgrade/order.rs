//! The order in which objects can exist, and what they take for granted.

use crate::api::Dig;
use crate::explain::source::Written;
use crate::json::{Value, json};
use std::collections::BTreeSet;

/// What others need comes first; what is not named comes after these, and before [`LAST`].
const FIRST: [&str; 14] = [
    "Namespace",
    "CustomResourceDefinition",
    "StorageClass",
    "PriorityClass",
    "RuntimeClass",
    "IngressClass",
    "PodSecurityPolicy",
    "ServiceAccount",
    "ClusterRole",
    "Role",
    "ConfigMap",
    "Secret",
    "LimitRange",
    "ResourceQuota",
];
/// What needs others.
const LAST: [&str; 11] = [
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Pod",
    "PodDisruptionBudget",
];

/// Namespaces that every cluster has.
const OF_EVERY_CLUSTER: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// The objects in the order in which they can exist; of one kind, as they are written.
pub(super) fn sorted(written: &[Written]) -> Vec<&Written> {
    let mut all: Vec<&Written> = written.iter().collect();
    all.sort_by_key(|written| rank(written.object.text("kind")));
    all
}

fn rank(kind: &str) -> usize {
    let place = |list: &[&str]| list.iter().position(|first| *first == kind);
    place(&FIRST).or_else(|| Some(FIRST.len() + 1 + place(&LAST)?)).unwrap_or(FIRST.len())
}

/// The namespaces and accounts that objects name and that are written nowhere: they exist, as far as anybody knows.
pub(super) fn unsaid(written: &[Written]) -> Vec<Value> {
    let place = |object: &Value| match object.namespace() {
        "" => "default".to_owned(),
        namespace => namespace.to_owned(),
    };
    let (mut namespaces, mut accounts) = (BTreeSet::new(), BTreeSet::new());
    for object in written.iter().map(|written| &written.object) {
        namespaces.insert(place(object));
        for spec in ["spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec"] {
            let name = object.at(spec).text("serviceAccountName");
            if !name.is_empty() {
                accounts.insert((place(object), name.to_owned()));
            }
        }
    }
    for object in written.iter().map(|written| &written.object) {
        match object.text("kind") {
            "Namespace" => drop(namespaces.remove(object.name())),
            "ServiceAccount" => drop(accounts.remove(&(place(object), object.name().to_owned()))),
            _ => {}
        }
    }
    namespaces.retain(|name| !OF_EVERY_CLUSTER.contains(&name.as_str()));
    let namespaces = namespaces
        .into_iter()
        .map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
    let accounts = accounts.into_iter().filter(|(_, name)| name != "default").map(|(namespace, name)| {
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}})
    });
    namespaces.chain(accounts).collect()
}
