//! A daemon set has a pod on every node that it fits (`pkg/controller/daemon`).
//!
//! Differs from Kubernetes: no controller revisions; pods of an old template are replaced all at once.

use super::{ActsAs, Controller, Cx, Plan, calls, scheduler};
use crate::api::Dig;
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};

const RESOURCE: &str = "daemonsets.apps";
const COMPONENT: &str = "daemonset-controller";

/// The daemon set controller.
pub(super) const CONTROLLER: Controller = Controller {
    refused: |cx, key, response| calls::pod_refused(cx, key, response, COMPONENT),
    ..Controller::new(COMPONENT, ActsAs::Account("daemon-set-controller"), wakes, reconcile)
};

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    match &*event.key.resource {
        "nodes" => objects.all(RESOURCE).map(|set| Key::new(RESOURCE, set.namespace(), set.name())).collect(),
        _ => calls::wakes(event, objects, "DaemonSet", RESOURCE, "pods"),
    }
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(set) = cx.cache.of(key).cloned() else { return plan };
    if set.has("metadata.deletionTimestamp") {
        return plan;
    }
    let pods = calls::living_pods(cx.cache, &set);
    let (mut desired, mut current, mut ready, mut misplaced) = (0, 0, 0, 0);
    for node in cx.cache.all("nodes") {
        let wanted = pod(&set, node.name());
        let mine: Vec<_> = pods.iter().filter(|pod| node_of(pod) == node.name()).collect();
        let fits = scheduler::unfit(&wanted, node).is_none();
        match (fits, mine.first()) {
            (true, None) => plan.call_then(calls::create("pods", &wanted), |cx, key, response| {
                calls::pod_created(cx, key, response, COMPONENT)
            }),
            (true, Some(pod)) => {
                current += 1;
                ready += i64::from(calls::is_ready(pod));
            }
            (false, _) => {
                misplaced += i64::from(!mine.is_empty());
                mine.iter().for_each(|pod| plan.call(calls::delete("pods", pod)));
            }
        }
        desired += i64::from(fits);
    }
    let mut status = json!({
        "currentNumberScheduled": current, "desiredNumberScheduled": desired, "numberMisscheduled": misplaced,
        "numberReady": ready, "updatedNumberScheduled": current, "observedGeneration": set.at("metadata.generation"),
    });
    for (name, count) in [("numberAvailable", ready), ("numberUnavailable", desired - ready)] {
        if count > 0 {
            status.set(name, count);
        }
    }
    if current == 0 {
        status.take_out("updatedNumberScheduled");
    }
    calls::report(&mut plan, "daemonsets", &set, status);
    plan
}

/// The node that a daemon's pod is for.
fn node_of(pod: &Value) -> &str {
    match pod.text("spec.nodeName") {
        "" => pod.text(&format!("{TERMS}.0.matchFields.0.values.0")),
        node => node,
    }
}

const TERMS: &str =
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";

/// A pod for one node, which tolerates what befalls nodes.
fn pod(set: &Value, node: &str) -> Value {
    let mut pod = calls::pod_of(set);
    pod.set(TERMS, json!([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}]));
    let mut tolerate = |taint: &str, effect: &str| {
        let key = format!("node.kubernetes.io/{taint}");
        pod.push("spec.tolerations", json!({"key": key, "operator": "Exists", "effect": effect}));
    };
    for (taint, effect) in [
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    ] {
        tolerate(taint, effect);
    }
    if set.flag("spec.template.spec.hostNetwork") {
        tolerate("network-unavailable", "NoSchedule");
    }
    pod
}
