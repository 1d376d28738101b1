//! A replica set has as many pods as it says (`pkg/controller/replicaset`), and so has a replication controller.
//!
//! Differs from Kubernetes: pods without an owner are not adopted.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::differences::TERMINATING_REPLICAS;
use crate::api::{Dig, Response, time};
use crate::json::{Value, json};
use crate::store::Key;
use std::sync::Arc;

/// Which of the two.
struct Kind {
    resource: &'static str,
    plural: &'static str,
    kind: &'static str,
    component: &'static str,
    created: fn(Cx<'_>, &Key, &Response) -> Plan,
}

const SET: Kind = Kind {
    resource: "replicasets.apps",
    plural: "replicasets",
    kind: "ReplicaSet",
    component: "replicaset-controller",
    created: |cx, key, response| calls::pod_created(cx, key, response, SET.component),
};

const OF_OLD: Kind = Kind {
    resource: "replicationcontrollers",
    plural: "replicationcontrollers",
    kind: "ReplicationController",
    component: "replication-controller",
    created: |cx, key, response| calls::pod_created(cx, key, response, OF_OLD.component),
};

/// The replica set controller.
pub(super) const CONTROLLER: Controller = Controller {
    refused: |cx, key, response| refused(cx, key, response, &SET),
    ..Controller::new(
        "replicaset-controller",
        ActsAs::Account("replicaset-controller"),
        |event, objects| calls::wakes(event, objects, SET.kind, SET.resource, "pods"),
        |cx, key| reconcile(cx, key, &SET),
    )
};

/// The replication controller.
pub(super) const REPLICATION_CONTROLLER: Controller = Controller {
    refused: |cx, key, response| refused(cx, key, response, &OF_OLD),
    ..Controller::new(
        "replicationcontroller-controller",
        ActsAs::Account("replication-controller"),
        |event, objects| calls::wakes(event, objects, OF_OLD.kind, OF_OLD.resource, "pods"),
        |cx, key| reconcile(cx, key, &OF_OLD),
    )
};

fn reconcile(mut cx: Cx<'_>, key: &Key, kind: &Kind) -> Plan {
    let mut plan = Plan::default();
    let Some(set) = cx.cache.of(key).cloned() else { return plan };
    let pods = calls::living_pods(cx.cache, &set);
    let wanted = usize::try_from(set.at("spec.replicas").as_u64().unwrap_or(1)).unwrap_or(usize::MAX);
    if set.has("metadata.deletionTimestamp") {
        // It is not mended any more, but its status goes on.
    } else if pods.len() < wanted {
        for _ in 0..calls::burst(&cx, &mut plan, &set, wanted - pods.len()) {
            plan.call_then(calls::create("pods", &calls::pod_of(&set)), kind.created);
        }
    } else {
        let mut extra: Vec<&Arc<Value>> = pods.iter().collect();
        // Those that do least go first: not running before running, younger before older.
        extra.sort_by_key(|pod| {
            let runs = pod.text("status.phase") == "Running";
            let created = pod.text("metadata.creationTimestamp").to_owned();
            (runs, std::cmp::Reverse(created), pod.name().to_owned())
        });
        for pod in extra.into_iter().take((pods.len() - wanted).min(calls::BURST)) {
            plan.call(calls::delete("pods", pod));
            let text = format!("Deleted pod: {}", pod.name());
            plan.try_call(calls::event(&mut cx, kind.component, &set, "Normal", "SuccessfulDelete", &text));
        }
    }
    // A failure is over once a pod could be made, which wakes this anew.
    let failure =
        plan.requests.iter().any(|call| call.then.is_some()).then(|| set.at("status.conditions").clone());
    report(&mut plan, &set, &pods, failure.unwrap_or_default(), &cx, kind);
    plan
}

/// A pod could not be made: an event says why, and the status.
fn refused(mut cx: Cx<'_>, key: &Key, response: &Response, kind: &Kind) -> Plan {
    let mut plan = Plan::default();
    let Some(set) = cx.cache.of(key).cloned() else { return plan };
    let message = response.object().text("message").to_owned();
    let text = format!("Error creating: {message}");
    plan.try_call(calls::event(&mut cx, kind.component, &set, "Warning", "FailedCreate", &text));
    let conditions = match calls::condition(&set, "ReplicaFailure") {
        // The first failure is told; later ones only in events.
        Some(old) => json!([old]),
        None => json!([{
            "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message,
            "lastTransitionTime": time(cx.now),
        }]),
    };
    let pods = calls::living_pods(cx.cache, &set);
    report(&mut plan, &set, &pods, conditions, &cx, kind);
    plan
}

/// Writes the status, where it is not what it should be.
fn report(plan: &mut Plan, set: &Value, pods: &[Arc<Value>], conditions: Value, cx: &Cx<'_>, kind: &Kind) {
    let ready = pods.iter().filter(|pod| calls::is_ready(pod)).count();
    let mut status = json!({"replicas": pods.len()});
    if set.has("metadata.generation") {
        status.set("observedGeneration", set.at("metadata.generation").clone());
    }
    if !pods.is_empty() {
        status.set("fullyLabeledReplicas", pods.len());
    }
    if ready > 0 {
        status.set("readyReplicas", ready);
        status.set("availableReplicas", ready);
    }
    if kind.plural == SET.plural && cx.version.has(TERMINATING_REPLICAS) {
        status.set("terminatingReplicas", calls::ending_pods(cx.cache, set));
    }
    if conditions.as_array().is_some_and(|conditions| !conditions.is_empty()) {
        status.set("conditions", conditions);
    }
    calls::report(plan, kind.plural, set, status);
}
