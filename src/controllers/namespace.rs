//! What a deleted namespace holds goes, then the namespace (`pkg/controller/namespace/deletion`).
//!
//! Since 1.33 its pods go first. It waits for what has finalizers, and says so in its conditions.
//!
//! Differs from Kubernetes: it looks a quarter of a second after a deletion, not five, and again whenever something in
//! the namespace is gone, not after half the estimate. Resources without objects are not asked to delete them.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::differences::PODS_DELETED_FIRST;
use crate::api::{Dig, Resource, time};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a server may still see the namespace as it was.
const GRACE: SignedDuration = SignedDuration::from_millis(250);

/// The namespace controller.
pub(super) const CONTROLLER: Controller = Controller {
    delay: GRACE,
    ..Controller::new("namespace-controller", ActsAs::Account("namespace-controller"), wakes, reconcile)
};

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    let key = match &*event.key.resource {
        "namespaces" => event.key.clone(),
        _ if event.new.as_ref().is_none_or(|new| new.has("metadata.deletionTimestamp")) => {
            Key::new("namespaces", "", &event.key.namespace)
        }
        _ => return Vec::new(),
    };
    if objects.of(&key).is_some_and(|namespace| namespace.has("metadata.deletionTimestamp")) {
        vec![key]
    } else {
        Vec::new()
    }
}

/// What is left of one resource.
struct Left<'a> {
    row: &'a Resource,
    count: usize,
    /// Whether some of it was not told to go yet.
    untold: bool,
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(namespace) = cx.cache.of(key).cloned() else { return plan };
    if !namespace.has("metadata.deletionTimestamp") || namespace.list("spec.finalizers").is_empty() {
        return plan;
    }
    let mut left = left(&cx, &key.name);
    let pods_first = cx.version.has(PODS_DELETED_FIRST) && left.iter().any(|left| left.row.name == "pods");
    if pods_first {
        left.retain(|left| left.row.name == "pods");
    }
    for left in left.iter().filter(|left| left.untold) {
        delete(&cx, &mut plan, left.row, &key.name);
    }
    if !plan.requests.is_empty() {
        // What did not go at once is told of at the next look.
        plan.go_on_after(GRACE);
        return plan;
    }
    if !left.is_empty() {
        tell(&cx, &mut plan, &namespace, &left);
        return plan;
    }
    let mut done = (*namespace).clone();
    let others = namespace.list("spec.finalizers").iter().filter(|finalizer| *finalizer != "kubernetes");
    let others: Vec<Value> = others.cloned().collect();
    if others.len() < namespace.list("spec.finalizers").len() {
        done.set("spec.finalizers", others);
        plan.call(calls::update("namespaces", "/finalize", &done));
    }
    plan
}

/// What is left in a namespace, in the order of discovery, each resource once.
fn left<'a>(cx: &Cx<'a>, namespace: &str) -> Vec<Left<'a>> {
    let table = cx.resources;
    let own = |row: &&'a Arc<Resource>| {
        row.namespaced
            && row.subresource.is_empty()
            && row.has_verb("delete")
            && table
                .preferred(&row.group, &row.name)
                .is_some_and(|preferred| preferred.version == *row.version)
            && row.storage() == crate::api::GroupResource::new(&row.group, &row.name).to_string()
    };
    let mut all = Vec::new();
    for row in table.iter().filter(own) {
        let kept = row.storage();
        let count = cx.cache.list(&kept, namespace).count();
        let untold = cx.cache.list(&kept, namespace).any(|object| !object.has("metadata.deletionTimestamp"));
        if count > 0 {
            all.push(Left { row, count, untold });
        }
    }
    all
}

fn delete(cx: &Cx<'_>, plan: &mut Plan, row: &Resource, namespace: &str) {
    let path = calls::path(&row.api_version(), &row.name, namespace);
    let options = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"});
    if row.has_verb("deletecollection") {
        plan.call(crate::api::Request::new("DELETE", path).json(&options));
        return;
    }
    for object in cx.cache.list(&row.storage(), namespace) {
        plan.call(crate::api::Request::new("DELETE", format!("{path}/{}", object.name())).json(&options));
    }
}

/// The conditions, in the order in which they are added: type, reason and message while all is well.
const CONDITIONS: [(&str, &str, &str); 5] = [
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    (
        "NamespaceDeletionGroupVersionParsingFailure",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    (
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    ("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
    ("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
];

/// Writes what the namespace waits for, where it does not say so yet.
fn tell(cx: &Cx<'_>, plan: &mut Plan, namespace: &Value, left: &[Left<'_>]) {
    let mut counts: Vec<String> = left
        .iter()
        .map(|left| format!("{}.{} has {} resource instances", left.row.name, left.row.group, left.count))
        .collect();
    counts.sort();
    let mut finalizers: BTreeMap<String, usize> = BTreeMap::new();
    for left in left {
        for object in cx.cache.list(&left.row.storage(), namespace.name()) {
            for finalizer in object.list("metadata.finalizers").iter().filter_map(Value::as_str) {
                *finalizers.entry(finalizer.to_owned()).or_default() += 1;
            }
        }
    }
    let held: Vec<String> =
        finalizers.iter().map(|(name, count)| format!("{name} in {count} resource instances")).collect();
    let remaining = format!("Some resources are remaining: {}", counts.join(", "));
    let holding = format!("Some content in the namespace has finalizers remaining: {}", held.join(", "));
    let conditions: Vec<Value> = CONDITIONS
        .iter()
        .map(|(kind, reason, message)| match *kind {
            "NamespaceContentRemaining" => {
                condition(cx, namespace, kind, "True", "SomeResourcesRemain", &remaining)
            }
            "NamespaceFinalizersRemaining" if !held.is_empty() => {
                condition(cx, namespace, kind, "True", "SomeFinalizersRemain", &holding)
            }
            _ => condition(cx, namespace, kind, "False", reason, message),
        })
        .collect();
    if namespace.list("status.conditions") != conditions {
        let mut told = namespace.clone();
        told.set("status.conditions", conditions);
        plan.call(calls::update("namespaces", "/status", &told));
    }
}

fn condition(cx: &Cx<'_>, namespace: &Value, kind: &str, status: &str, reason: &str, message: &str) -> Value {
    let since = match calls::condition(namespace, kind) {
        Some(old) if old.text("status") == status => old.text("lastTransitionTime").to_owned(),
        _ => time(cx.now),
    };
    json!({"type": kind, "status": status, "lastTransitionTime": since, "reason": reason, "message": message})
}
