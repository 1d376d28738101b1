//! Nodes carry the taints of their conditions (`pkg/controller/nodelifecycle`), and pods of nodes that are gone go
//! (`pkg/controller/podgc`).

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::{Dig, time};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use jiff::{SignedDuration, Timestamp};

/// How long a pod may be on a node that nobody knows.
const QUARANTINE: SignedDuration = SignedDuration::from_secs(60);

/// The node lifecycle controller.
pub(super) const CONTROLLER: Controller = Controller::new(
    "node-lifecycle-controller",
    ActsAs::Account("node-controller"),
    |event, _| if &*event.key.resource == "nodes" { vec![event.key.clone()] } else { Vec::new() },
    reconcile,
);

/// The pod garbage collector.
pub(super) const POD_GC: Controller = Controller::new(
    "pod-garbage-collector-controller",
    ActsAs::Account("pod-garbage-collector"),
    wakes_collector,
    collect,
);

/// The taint of a condition with a status (`nodeConditionToTaintKeyStatusMap`).
const OF_CONDITIONS: [(&str, &str, &str); 6] = [
    ("Ready", "False", "node.kubernetes.io/not-ready"),
    ("Ready", "Unknown", "node.kubernetes.io/unreachable"),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
];
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// What keeps new pods off follows the conditions (`doNoScheduleTaintingPass`).
fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(node) = cx.cache.of(key) else { return plan };
    let has = |kind: &str, status: &str| {
        node.list("status.conditions").iter().any(|it| it.text("type") == kind && it.text("status") == status)
    };
    let wanted = OF_CONDITIONS.iter().filter(|(kind, status, _)| has(kind, status)).map(|(.., taint)| *taint);
    let wanted: Vec<&str> = wanted.chain(node.flag("spec.unschedulable").then_some(UNSCHEDULABLE)).collect();
    let ours = |taint: &Value| {
        let key = taint.text("key");
        let known = key == UNSCHEDULABLE || OF_CONDITIONS.iter().any(|(.., taint)| *taint == key);
        known && taint.text("effect") == "NoSchedule"
    };
    let before = node.list("spec.taints");
    let mut taints: Vec<Value> =
        before.iter().filter(|taint| !ours(taint) || wanted.contains(&taint.text("key"))).cloned().collect();
    for key in wanted {
        if !taints.iter().any(|taint| ours(taint) && taint.text("key") == key) {
            taints.push(json!({"key": key, "effect": "NoSchedule", "timeAdded": time(cx.now)}));
        }
    }
    if taints != before {
        let mut changed = (**node).clone();
        match taints.is_empty() {
            true => drop(changed.take_out("spec.taints")),
            false => changed.set("spec.taints", taints),
        }
        plan.call(calls::update("nodes", "", &changed));
    }
    plan
}

fn wakes_collector(event: &Event, objects: &Objects) -> Vec<Key> {
    match (&*event.key.resource, &event.new) {
        ("pods", Some(pod))
            if !pod.text("spec.nodeName").is_empty() || pod.has("metadata.deletionTimestamp") =>
        {
            vec![event.key.clone()]
        }
        ("nodes", None) => objects
            .on_node(&event.key.name)
            .map(|pod| Key::new("pods", pod.namespace(), pod.name()))
            .collect(),
        _ => Vec::new(),
    }
}

fn collect(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(pod) = cx.cache.of(key) else { return plan };
    let node = pod.text("spec.nodeName");
    if !node.is_empty() && cx.cache.get("nodes", "", node).is_some() {
        return plan;
    }
    let created: Timestamp = pod.text("metadata.creationTimestamp").parse().unwrap_or(cx.now);
    let due = created + QUARANTINE;
    let held = pod.has("metadata.deletionTimestamp") && !pod.list("metadata.finalizers").is_empty();
    match (node.is_empty(), held) {
        (_, true) => {}
        (true, _) if !pod.has("metadata.deletionTimestamp") => {}
        (false, _) if cx.now < due => plan.look_again_before(due.duration_since(cx.now)),
        _ => plan.call(calls::delete_with("pods", pod, &json!({"gracePeriodSeconds": 0}))),
    }
    plan
}
