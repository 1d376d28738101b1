//! A stateful set has numbered pods, made one after the other (`pkg/controller/statefulset`).
//!
//! Differs from Kubernetes: no controller revisions, so that pods are not replaced when the template changes.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::differences::{AVAILABLE_IN_SETS, POD_INDEX_LABEL};
use crate::api::{Dig, Response};
use crate::json::{Value, json};
use crate::store::Key;

const RESOURCE: &str = "statefulsets.apps";
const COMPONENT: &str = "statefulset-controller";

/// The stateful set controller.
pub(super) const CONTROLLER: Controller = Controller {
    refused,
    ..Controller::new(
        COMPONENT,
        ActsAs::Account("statefulset-controller"),
        |event, objects| calls::wakes(event, objects, "StatefulSet", RESOURCE, "pods"),
        reconcile,
    )
};

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(set) = cx.cache.of(key).cloned() else { return plan };
    if set.has("metadata.deletionTimestamp") {
        return plan;
    }
    let wanted = set.at("spec.replicas").as_i64().unwrap_or(1);
    let first = set.at("spec.ordinals.start").as_i64().unwrap_or_default();
    let in_turn = set.text("spec.podManagementPolicy") != "Parallel";
    let lacking = usize::try_from(wanted).unwrap_or_default();
    let mut left = match in_turn {
        true => 1,
        false => {
            calls::burst(&cx, &mut plan, &set, lacking - calls::own_pods(cx.cache, &set).count().min(lacking))
        }
    };
    for number in first..first.saturating_add(wanted) {
        let name = format!("{}-{number}", set.name());
        match cx.cache.get("pods", &key.namespace, &name) {
            None if left == 0 => break,
            None => {
                claims(&cx, &mut plan, &set, &name);
                plan.call_then(calls::create("pods", &pod(&cx, &set, &name, number)), created);
                left -= 1;
                if left == 0 {
                    break;
                }
            }
            // The next one waits until this one is ready.
            Some(pod) if in_turn && !calls::is_ready(pod) => break,
            Some(_) => {}
        }
    }
    let mut surplus: Vec<(i64, _)> = calls::living_pods(cx.cache, &set)
        .into_iter()
        .filter_map(|pod| {
            Some((pod.name().strip_prefix(&format!("{}-", set.name()))?.parse::<i64>().ok()?, pod))
        })
        .filter(|(number, _)| !(first..first + wanted).contains(number))
        .collect();
    surplus.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    for (_, pod) in surplus.iter().take(if in_turn { 1 } else { usize::MAX }) {
        plan.call(calls::delete("pods", pod));
    }
    report(&cx, &mut plan, &set);
    plan
}

fn report(cx: &Cx<'_>, plan: &mut Plan, set: &Value) {
    let pods = calls::living_pods(cx.cache, set);
    let ready = pods.iter().filter(|pod| calls::is_ready(pod)).count();
    let mut status = json!({"replicas": pods.len(), "collisionCount": 0});
    status.set("observedGeneration", set.at("metadata.generation").clone());
    for (name, count) in
        [("currentReplicas", pods.len()), ("updatedReplicas", pods.len()), ("readyReplicas", ready)]
    {
        if count > 0 {
            status.set(name, count);
        }
    }
    if cx.version.has(AVAILABLE_IN_SETS) {
        status.set("availableReplicas", ready);
    }
    calls::report(plan, "statefulsets", set, status);
}

fn created(cx: Cx<'_>, key: &Key, response: &Response) -> Plan {
    let text = format!("create Pod {} in StatefulSet {} successful", response.object().name(), key.name);
    calls::told(cx, key, COMPONENT, "Normal", "SuccessfulCreate", &text)
}

fn refused(mut cx: Cx<'_>, key: &Key, response: &Response) -> Plan {
    let mut plan = Plan::default();
    let Some(set) = cx.cache.of(key).cloned() else { return plan };
    let status = response.object();
    let text = format!(
        "create Pod {} in StatefulSet {} failed error: {}",
        status.text("details.name"),
        key.name,
        status.text("message")
    );
    plan.try_call(calls::event(&mut cx, COMPONENT, &set, "Warning", "FailedCreate", &text));
    report(&cx, &mut plan, &set);
    plan
}

/// The claims of a numbered pod, which outlive it.
fn claims(cx: &Cx<'_>, plan: &mut Plan, set: &Value, pod: &str) {
    for template in set.list("spec.volumeClaimTemplates") {
        let name = format!("{}-{pod}", template.name());
        if cx.cache.get("persistentvolumeclaims", set.namespace(), &name).is_none() {
            let mut claim = template.clone();
            claim.set("apiVersion", "v1");
            claim.set("kind", "PersistentVolumeClaim");
            claim.set("metadata.name", name);
            claim.set("metadata.namespace", set.namespace());
            claim.take_out("status");
            plan.call(calls::create("persistentvolumeclaims", &claim));
        }
    }
}

fn pod(cx: &Cx<'_>, set: &Value, name: &str, number: i64) -> Value {
    let mut pod = calls::pod_of(set);
    pod.take_out("metadata.generateName");
    pod.set("metadata.name", name);
    pod.set("spec.hostname", name);
    if !set.text("spec.serviceName").is_empty() {
        pod.set("spec.subdomain", set.text("spec.serviceName"));
    }
    let labels = pod.make("metadata.labels");
    labels["statefulset.kubernetes.io/pod-name"] = name.into();
    if cx.version.has(POD_INDEX_LABEL) {
        labels["apps.kubernetes.io/pod-index"] = number.to_string().into();
    }
    let volumes = set.list("spec.volumeClaimTemplates").iter().map(|template| {
        let claim = format!("{}-{name}", template.name());
        json!({"name": template.name(), "persistentVolumeClaim": {"claimName": claim}})
    });
    let named = |volume: &Value| {
        set.list("spec.volumeClaimTemplates").iter().any(|t| t.name() == volume.text("name"))
    };
    let own = pod.list("spec.volumes").iter().filter(|volume| !named(volume)).cloned();
    let all: Vec<Value> = volumes.chain(own).collect();
    if !all.is_empty() {
        pod.set("spec.volumes", all);
    }
    pod
}
