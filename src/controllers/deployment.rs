//! A deployment has a replica set for its template, and moves its pods there (`pkg/controller/deployment`).

use super::calls::number;
use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::differences::{SCALED_FROM, TERMINATING_REPLICAS};
use crate::api::{Dig, time};
use crate::json::{Value, json};
use crate::store::Key;
use std::sync::Arc;

const RESOURCE: &str = "deployments.apps";
const SETS: &str = "replicasets.apps";
const REVISION: &str = "deployment.kubernetes.io/revision";
const HASH: &str = "pod-template-hash";

/// The deployment controller.
pub(super) const CONTROLLER: Controller = Controller::new(
    "deployment-controller",
    ActsAs::Account("deployment-controller"),
    |event, objects| calls::wakes(event, objects, "Deployment", RESOURCE, SETS),
    reconcile,
);

fn reconcile(mut cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(deployment) = cx.cache.of(key).cloned() else { return plan };
    if deployment.has("metadata.deletionTimestamp") {
        return plan;
    }
    let sets: Vec<Arc<Value>> = cx
        .cache
        .list(SETS, &key.namespace)
        .filter(|set| calls::is_controlled_by(set, &deployment))
        .cloned()
        .collect();
    let current = sets.iter().find(|set| same_template(set, &deployment)).cloned();
    let old: Vec<&Arc<Value>> =
        sets.iter().filter(|set| current.as_ref().is_none_or(|c| c.uid() != set.uid())).collect();
    if deployment.flag("spec.paused") {
        report(&mut plan, &mut cx, &deployment, current.as_deref(), &sets);
        return plan;
    }
    match &current {
        None => {
            let made = replica_set(&deployment, &sets, first_size(&deployment, &old));
            plan.call(calls::create("replicasets", &made));
        }
        Some(set) => {
            revise(&mut plan, &deployment, set, &sets);
            if !plan.requests.is_empty() {
                // What is seen here is out of date once that is written; the write wakes this key again.
                return plan;
            }
            roll(&mut plan, &mut cx, &deployment, set, &old);
            forget(&mut plan, &deployment, &old);
        }
    }
    if current.is_some() {
        report(&mut plan, &mut cx, &deployment, current.as_deref(), &sets);
    }
    plan
}

/// Whether a set was made of the deployment's template as it is now.
fn same_template(set: &Value, deployment: &Value) -> bool {
    let mut metadata = set.at("spec.template.metadata").clone();
    if let Some(labels) = metadata.at_mut("labels").and_then(Value::as_object_mut) {
        labels.remove(HASH);
    }
    metadata == *deployment.at("spec.template.metadata")
        && set.at("spec.template.spec") == deployment.at("spec.template.spec")
}

fn wanted(deployment: &Value) -> i64 {
    deployment.at("spec.replicas").as_i64().unwrap_or(1)
}

fn recreates(deployment: &Value) -> bool {
    deployment.text("spec.strategy.type") == "Recreate"
}

fn surge(deployment: &Value) -> i64 {
    calls::scaled(deployment.at("spec.strategy.rollingUpdate.maxSurge"), wanted(deployment), true)
}

fn unavailable(deployment: &Value) -> i64 {
    calls::scaled(deployment.at("spec.strategy.rollingUpdate.maxUnavailable"), wanted(deployment), false)
}

fn size(set: &Value) -> i64 {
    number(set, "spec.replicas")
}

/// How many pods a new set may start with.
fn first_size(deployment: &Value, old: &[&Arc<Value>]) -> i64 {
    let others: i64 = old.iter().map(|set| size(set)).sum();
    match recreates(deployment) {
        true if others > 0 => 0,
        true => wanted(deployment),
        false => (wanted(deployment) + surge(deployment) - others).clamp(0, wanted(deployment)),
    }
}

/// A new set for the template.
fn replica_set(deployment: &Value, sets: &[Arc<Value>], replicas: i64) -> Value {
    let hash = template_hash(deployment.at("spec.template"));
    let mut template = deployment.at("spec.template").clone();
    template.make("metadata.labels")[HASH] = hash.clone().into();
    let mut selector = deployment.at("spec.selector").clone();
    selector.make("matchLabels")[HASH] = hash.clone().into();
    let revision = sets.iter().filter_map(|set| revision(set)).max().unwrap_or_default() + 1;
    let mut annotations = json!({
        "deployment.kubernetes.io/desired-replicas": wanted(deployment).to_string(),
        "deployment.kubernetes.io/max-replicas": (wanted(deployment) + surge(deployment)).to_string(),
        REVISION: revision.to_string(),
    });
    for (key, value) in deployment.entries("metadata.annotations") {
        let own = key == "kubectl.kubernetes.io/last-applied-configuration"
            || key.starts_with("deployment.kubernetes.io/");
        if !own {
            annotations[key] = value.clone();
        }
    }
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": format!("{}-{hash}", deployment.name()), "namespace": deployment.namespace(),
            "labels": template.at("metadata.labels"), "annotations": annotations,
            "ownerReferences": calls::owned_by(deployment),
        },
        "spec": {"replicas": replicas, "selector": selector, "template": template,
            "minReadySeconds": deployment.at("spec.minReadySeconds").as_i64().unwrap_or_default()},
    })
}

fn revision(set: &Value) -> Option<i64> {
    set.annotation(REVISION)?.parse().ok()
}

/// The template's hash (FNV-1a), spelled in the alphabet of generated names.
///
/// Differs from Kubernetes: it hashes the template's JSON, not Go's dump of the structure.
fn template_hash(template: &Value) -> String {
    // Go's dump has the creation time, and none is no difference.
    let mut template = template.clone();
    template.take_out("metadata.creationTimestamp");
    let hash = template
        .to_string()
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    hash.to_string().bytes().map(|digit| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()])).collect()
}

/// The newest template has the highest revision, and the deployment tells it.
fn revise(plan: &mut Plan, deployment: &Value, set: &Arc<Value>, sets: &[Arc<Value>]) {
    let highest =
        sets.iter().filter(|s| s.uid() != set.uid()).filter_map(|s| revision(s)).max().unwrap_or_default();
    let mine = revision(set).unwrap_or_default();
    if mine <= highest {
        let mut raised = (**set).clone();
        raised.make("metadata.annotations")[REVISION] = (highest + 1).to_string().into();
        plan.call(calls::update("replicasets", "", &raised));
    } else if deployment.annotation(REVISION) != Some(&mine.to_string()) {
        let mut raised = deployment.clone();
        raised.make("metadata.annotations")[REVISION] = mine.to_string().into();
        // By way of the status, which counts no new generation.
        plan.call(calls::update("deployments", "/status", &raised));
    }
}

/// Moves pods from the old sets to the new one, within surge and availability.
fn roll(plan: &mut Plan, cx: &mut Cx<'_>, deployment: &Value, set: &Arc<Value>, old: &[&Arc<Value>]) {
    let others: i64 = old.iter().map(|set| size(set)).sum();
    let still_there: i64 = old.iter().map(|set| number(set, "status.replicas")).sum();
    let target = match recreates(deployment) {
        true if still_there > 0 => size(set),
        true => wanted(deployment),
        false => (wanted(deployment) + surge(deployment) - others)
            .clamp(0, wanted(deployment))
            .max(size(set).min(wanted(deployment))),
    };
    if target != size(set) {
        scale(plan, cx, deployment, set, target);
    }
    if others == 0 {
        return;
    }
    let available = |set: &Value| number(set, "status.availableReplicas");
    let ready: i64 = available(set) + old.iter().map(|set| available(set)).sum::<i64>();
    let least = if recreates(deployment) { 0 } else { wanted(deployment) - unavailable(deployment) };
    let mut spare = ready - least;
    for set in old.iter().filter(|set| size(set) > 0) {
        // Pods that are not available are no loss.
        let broken = size(set) - available(set);
        let cut = (broken + spare.max(0)).min(size(set));
        spare -= (cut - broken).max(0);
        if cut > 0 {
            scale(plan, cx, deployment, set, size(set) - cut);
        }
    }
}

fn scale(plan: &mut Plan, cx: &mut Cx<'_>, deployment: &Value, set: &Arc<Value>, to: i64) {
    let mut scaled = (**set).clone();
    scaled.set("spec.replicas", to);
    plan.call(calls::update("replicasets", "", &scaled));
    let direction = if to > size(set) { "up" } else { "down" };
    let text = match cx.version.has(SCALED_FROM) {
        true => format!("Scaled {direction} replica set {} from {} to {to}", set.name(), size(set)),
        false => format!("Scaled {direction} replica set {} to {to}", set.name()),
    };
    let event = calls::event(cx, "deployment-controller", deployment, "Normal", "ScalingReplicaSet", &text);
    plan.try_call(event);
}

/// Old sets beyond the history limit go.
fn forget(plan: &mut Plan, deployment: &Value, old: &[&Arc<Value>]) {
    let keep = usize::try_from(deployment.at("spec.revisionHistoryLimit").as_i64().unwrap_or(10))
        .unwrap_or_default();
    let mut idle: Vec<_> =
        old.iter().filter(|set| size(set) == 0 && set.at("status.replicas").as_i64() == Some(0)).collect();
    idle.sort_by_key(|set| revision(set));
    for set in idle.iter().take(idle.len().saturating_sub(keep)) {
        plan.call(calls::delete("replicasets", set));
    }
}

/// Writes the status, where it is not what it should be.
fn report(
    plan: &mut Plan,
    cx: &mut Cx<'_>,
    deployment: &Value,
    current: Option<&Value>,
    sets: &[Arc<Value>],
) {
    let sum = |path: &str| sets.iter().map(|set| number(set, path)).sum::<i64>();
    let (replicas, ready, available) =
        (sum("status.replicas"), sum("status.readyReplicas"), sum("status.availableReplicas"));
    let updated = current.map_or(0, |set| number(set, "status.replicas"));
    let mut status = json!({});
    if let Some(generation) = deployment.at("metadata.generation").as_i64() {
        status.set("observedGeneration", generation);
    }
    for (name, count) in [
        ("replicas", replicas),
        ("updatedReplicas", updated),
        ("readyReplicas", ready),
        ("availableReplicas", available),
        ("unavailableReplicas", wanted(deployment).max(replicas) - available),
    ] {
        if count > 0 {
            status.set(name, count);
        }
    }
    if cx.version.has(TERMINATING_REPLICAS) {
        status.set("terminatingReplicas", sum("status.terminatingReplicas"));
    }
    let mut conditions = deployment.list("status.conditions").to_vec();
    if let Some(set) = current {
        begin(cx, &mut conditions, set);
    }
    let (on, reason, text) = match available >= wanted(deployment) - unavailable(deployment) {
        true => (true, "MinimumReplicasAvailable", "Deployment has minimum availability."),
        false => (false, "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
    };
    put(cx, &mut conditions, "Available", on, reason, text);
    if let Some(set) = current {
        let rose = |path: &str, now: i64| now > number(deployment, path);
        let complete = updated == wanted(deployment) && replicas == updated && available == updated;
        let progress = rose("status.updatedReplicas", updated)
            || rose("status.readyReplicas", ready)
            || rose("status.availableReplicas", available)
            || replicas - updated
                < number(deployment, "status.replicas") - number(deployment, "status.updatedReplicas");
        if complete {
            let text = format!("ReplicaSet \"{}\" has successfully progressed.", set.name());
            put(cx, &mut conditions, "Progressing", true, "NewReplicaSetAvailable", &text);
        } else if progress {
            let text = format!("ReplicaSet \"{}\" is progressing.", set.name());
            let since = conditions
                .iter()
                .find(|c| c.text("type") == "Progressing")
                .map(|c| c.text("lastTransitionTime").to_owned());
            conditions.retain(|condition| condition.text("type") != "Progressing");
            put(cx, &mut conditions, "Progressing", true, "ReplicaSetUpdated", &text);
            if let (Some(since), Some(last)) = (since, conditions.last_mut()) {
                last.set("lastTransitionTime", since);
            }
        }
        match calls::condition(set, "ReplicaFailure") {
            Some(failure) => {
                let (reason, text) = (failure.text("reason"), failure.text("message"));
                put(cx, &mut conditions, "ReplicaFailure", true, reason, text);
            }
            None => conditions.retain(|condition| condition.text("type") != "ReplicaFailure"),
        }
    }
    status.set("conditions", conditions);
    calls::report(plan, "deployments", deployment, status);
}

/// A new set is told of before anything else.
fn begin(cx: &Cx<'_>, conditions: &mut Vec<Value>, set: &Value) {
    let name = format!("\"{}\"", set.name());
    let told =
        conditions.iter().any(|c| c.text("type") == "Progressing" && c.text("message").contains(&name));
    if !told {
        let text = format!("Created new replica set {name}");
        put(cx, conditions, "Progressing", true, "NewReplicaSetCreated", &text);
    }
}

/// Adds a condition at the end, unless it stands with that status and reason (`SetDeploymentCondition`).
fn put(cx: &Cx<'_>, conditions: &mut Vec<Value>, kind: &str, on: bool, reason: &str, message: &str) {
    let status = if on { "True" } else { "False" };
    let now = time(cx.now);
    let old = conditions.iter().find(|condition| condition.text("type") == kind);
    let mut since = now.clone();
    if let Some(old) = old.filter(|old| old.text("status") == status) {
        if old.text("reason") == reason {
            return;
        }
        since = old.text("lastTransitionTime").to_owned();
    }
    conditions.retain(|condition| condition.text("type") != kind);
    conditions.push(json!({
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastUpdateTime": now, "lastTransitionTime": since,
    }));
}
