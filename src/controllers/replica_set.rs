//! A replica set has as many pods as it says (`pkg/controller/replicaset`).

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::{Dig, Response};
use crate::store::{Event, Key, Objects};
use serde_json::{Value, json};
use std::sync::Arc;

const RESOURCE: &str = "replicasets.apps";

/// The replica set controller.
pub const CONTROLLER: Controller = Controller {
    refused,
    ..Controller::new("replicaset-controller", ActsAs::Account("replicaset-controller"), wakes, reconcile)
};

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    match &*event.key.resource {
        RESOURCE => vec![event.key.clone()],
        "pods" => calls::owner_key(event, objects, "ReplicaSet", RESOURCE),
        _ => Vec::new(),
    }
}

fn reconcile(mut cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(set) = cx.cache.of(key).cloned() else { return plan };
    if set.has("metadata.deletionTimestamp") {
        return plan;
    }
    let pods = pods(cx.cache, &set);
    let wanted = usize::try_from(set.at("spec.replicas").as_u64().unwrap_or(1)).unwrap_or(usize::MAX);
    if pods.len() < wanted {
        for _ in pods.len()..wanted {
            plan.call(calls::create("pods", &pod(&set)));
        }
    } else {
        let mut extra: Vec<&Arc<Value>> = pods.iter().collect();
        // Those that do least go first: not running before running, younger before older.
        extra.sort_by_key(|pod| {
            let runs = pod.text("status.phase") == "Running";
            (runs, std::cmp::Reverse(pod.text("metadata.creationTimestamp").to_owned()), pod.name().to_owned())
        });
        for pod in extra.into_iter().take(pods.len() - wanted) {
            plan.call(calls::delete("pods", pod));
            let text = format!("Deleted pod: {}", pod.name());
            let event = calls::event(&mut cx, "replicaset-controller", &set, "Normal", "SuccessfulDelete", &text);
            plan.try_call(event);
        }
    }
    report(&mut plan, &set, &pods, None, &cx);
    plan
}

/// A pod could not be made: an event says why, and the status.
fn refused(mut cx: Cx<'_>, key: &Key, response: &Response) -> Plan {
    let mut plan = Plan::default();
    let Some(set) = cx.cache.of(key).cloned() else { return plan };
    let message = response.object().text("message").to_owned();
    let text = format!("Error creating: {message}");
    plan.try_call(calls::event(&mut cx, "replicaset-controller", &set, "Warning", "FailedCreate", &text));
    let pods = pods(cx.cache, &set);
    report(&mut plan, &set, &pods, Some(&message), &cx);
    plan
}

/// The living pods of a set.
fn pods(objects: &Objects, set: &Value) -> Vec<Arc<Value>> {
    objects
        .list("pods", set.namespace())
        .filter(|pod| calls::is_controlled_by(pod, set))
        .filter(|pod| !pod.has("metadata.deletionTimestamp"))
        .filter(|pod| !matches!(pod.text("status.phase"), "Succeeded" | "Failed"))
        .cloned()
        .collect()
}

/// A pod as the set's template has it.
fn pod(set: &Value) -> Value {
    let mut pod = calls::pod_of(set.at("spec.template"), set);
    pod.set("metadata.generateName", format!("{}-", set.name()));
    pod
}

/// Writes the status, where it is not what it should be.
fn report(plan: &mut Plan, set: &Value, pods: &[Arc<Value>], failure: Option<&str>, cx: &Cx<'_>) {
    let ready = pods.iter().filter(|pod| calls::is_ready(pod)).count();
    let mut status = json!({"replicas": pods.len()});
    status.set("observedGeneration", set.at("metadata.generation").clone());
    if !pods.is_empty() {
        status.set("fullyLabeledReplicas", pods.len());
    }
    if ready > 0 {
        status.set("readyReplicas", ready);
        status.set("availableReplicas", ready);
    }
    let lasting = failure.is_none() && !plan.requests.is_empty() && set.has("status.conditions");
    if let Some(message) = failure {
        // A failure of the same reason is the same failure: its message and time stay.
        let old = set.list("status.conditions").iter().find(|condition| condition.text("type") == "ReplicaFailure");
        let new = || {
            json!({
                "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message,
                "lastTransitionTime": calls::time(cx.now),
            })
        };
        status.set("conditions", json!([old.cloned().unwrap_or_else(new)]));
    } else if lasting {
        // What is asked for above decides whether the failure is over.
        status.set("conditions", set.at("status.conditions").clone());
    }
    if *set.at("status") != status {
        let mut reported = set.clone();
        reported.set("status", status);
        reported.take_out("metadata.resourceVersion");
        plan.try_call(calls::update("replicasets", "/status", &reported));
    }
}
