//! Pods get a node (`pkg/scheduler`): one that their node selector and tolerations allow, with the fewest pods.
//!
//! Differs from Kubernetes: resources, affinity, spreading, priorities and preemption are not looked at.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::labels::selects;
use crate::api::{Dig, Request, Response, time};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use std::collections::BTreeMap;
use std::sync::Arc;

const NAME: &str = "default-scheduler";

/// The scheduler.
pub(super) const CONTROLLER: Controller =
    Controller::new(NAME, ActsAs::Component("system:kube-scheduler"), wakes, reconcile);

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    match (&*event.key.resource, &event.new) {
        ("pods", Some(pod)) if waits(pod) => vec![event.key.clone()],
        ("nodes", Some(_)) => {
            let waiting = objects.on_node("").filter(|pod| waits(pod));
            waiting.map(|pod| Key::new("pods", pod.namespace(), pod.name())).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a pod waits for this scheduler.
fn waits(pod: &Value) -> bool {
    pod.text("spec.nodeName").is_empty()
        && matches!(pod.text("spec.schedulerName"), "" | NAME)
        && pod.list("spec.schedulingGates").is_empty()
        && !pod.has("metadata.deletionTimestamp")
        && !matches!(pod.text("status.phase"), "Succeeded" | "Failed")
}

fn reconcile(mut cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(pod) = cx.cache.of(key).filter(|pod| waits(pod)).cloned() else { return plan };
    let nodes: Vec<Arc<Value>> = cx.cache.all("nodes").cloned().collect();
    let mut against: BTreeMap<String, usize> = BTreeMap::new();
    let mut fit = Vec::new();
    for node in &nodes {
        match unfit(&pod, node) {
            Some(why) => *against.entry(why).or_default() += 1,
            None => fit.push(node),
        }
    }
    match fit.into_iter().min_by_key(|node| (cx.cache.count_on_node(node.name()), node.name())) {
        Some(node) => bind(&mut plan, &pod, node),
        None => tell(&mut cx, &mut plan, &pod, nodes.len(), &against),
    }
    plan
}

/// Why a pod cannot run on a node.
pub(super) fn unfit(pod: &Value, node: &Value) -> Option<String> {
    if node.flag("spec.unschedulable")
        && !tolerates(pod, &json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}))
    {
        return Some("node(s) were unschedulable".to_owned());
    }
    if pod.entries("spec.nodeSelector").any(|(key, value)| node.label(key) != value.as_str())
        || !is_drawn(pod, node)
    {
        return Some("node(s) didn't match Pod's node affinity/selector".to_owned());
    }
    let bad =
        |taint: &&Value| matches!(taint.text("effect"), "NoSchedule" | "NoExecute") && !tolerates(pod, taint);
    let taint = node.list("spec.taints").iter().find(bad)?;
    Some(format!("node(s) had untolerated taint {{{}: {}}}", taint.text("key"), taint.text("value")))
}

/// Whether a pod's required node affinity allows a node.
fn is_drawn(pod: &Value, node: &Value) -> bool {
    let required = pod.at("spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
    let field = |term: &Value| {
        let named = term.list("values").iter().any(|value| value.as_str() == Some(node.name()));
        named == (term.text("operator") == "In")
    };
    let term = |term: &Value| {
        let labels = json!({"matchExpressions": term.list("matchExpressions")});
        selects(&labels, node) && term.list("matchFields").iter().all(field)
    };
    required.is_null() || required.list("nodeSelectorTerms").iter().any(term)
}

fn tolerates(pod: &Value, taint: &Value) -> bool {
    pod.list("spec.tolerations").iter().any(|toleration| {
        let effect =
            matches!(toleration.text("effect"), "") || toleration.text("effect") == taint.text("effect");
        let key = toleration.text("key").is_empty() || toleration.text("key") == taint.text("key");
        let value =
            toleration.text("operator") == "Exists" || toleration.text("value") == taint.text("value");
        effect && key && value
    })
}

fn bind(plan: &mut Plan, pod: &Value, node: &Value) {
    let binding = json!({
        "apiVersion": "v1", "kind": "Binding",
        "metadata": {"name": pod.name(), "namespace": pod.namespace(), "uid": pod.uid()},
        "target": {"kind": "Node", "name": node.name()},
    });
    let path = calls::path("v1", "pods", pod.namespace());
    plan.call_then(Request::new("POST", format!("{path}/{}/binding", pod.name())).json(&binding), bound);
}

fn bound(mut cx: Cx<'_>, key: &Key, _: &Response) -> Plan {
    let mut plan = Plan::default();
    let Some(pod) = cx.live.of(key).cloned() else { return plan };
    let text =
        format!("Successfully assigned {}/{} to {}", pod.namespace(), pod.name(), pod.text("spec.nodeName"));
    plan.try_call(calls::event(&mut cx, NAME, &pod, "Normal", "Scheduled", &text));
    plan
}

/// Says why the pod stays without a node, once.
fn tell(cx: &mut Cx<'_>, plan: &mut Plan, pod: &Value, nodes: usize, against: &BTreeMap<String, usize>) {
    let reasons: Vec<String> = against.iter().map(|(why, count)| format!("{count} {why}")).collect();
    let message = match nodes {
        0 => "no nodes available to schedule pods".to_owned(),
        _ => format!("0/{nodes} nodes are available: {}.", reasons.join(", ")),
    };
    let told = calls::condition(pod, "PodScheduled").is_some_and(|old| old.text("message") == message);
    if told {
        return;
    }
    let condition = json!({
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
        "lastProbeTime": null, "lastTransitionTime": time(cx.now),
    });
    let others =
        pod.list("status.conditions").iter().filter(|condition| condition.text("type") != "PodScheduled");
    let conditions: Vec<Value> = others.cloned().chain([condition]).collect();
    let path = calls::path("v1", "pods", pod.namespace());
    plan.call(calls::merge(
        format!("{path}/{}/status", pod.name()),
        &json!({"status": {"conditions": conditions}}),
    ));
    plan.try_call(calls::event(cx, NAME, pod, "Warning", "FailedScheduling", &message));
}
