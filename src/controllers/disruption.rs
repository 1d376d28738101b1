//! Disruption budgets tell how many pods may go (`pkg/controller/disruption`).

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::differences::BUDGETS_SAY_WHY;
use crate::api::labels::selects;
use crate::api::{Dig, time};
use crate::json::{Value, json};
use crate::store::{Event, Key, Objects};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

const RESOURCE: &str = "poddisruptionbudgets.policy";

/// For how long a pod that was let go counts as gone, should it stay (`DeletionTimeout`).
const DELETION_TIMEOUT: SignedDuration = SignedDuration::from_mins(2);

/// The disruption controller.
pub(super) const CONTROLLER: Controller =
    Controller::new("disruption-controller", ActsAs::Account("disruption-controller"), wakes, reconcile);

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    match &*event.key.resource {
        RESOURCE => vec![event.key.clone()],
        "pods" => objects
            .list(RESOURCE, &event.key.namespace)
            .map(|budget| Key::new(RESOURCE, budget.namespace(), budget.name()))
            .collect(),
        _ => Vec::new(),
    }
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(budget) = cx.cache.of(key) else { return plan };
    let chosen = |pod: &Value| {
        budget.has("spec.selector")
            && selects(budget.at("spec.selector"), pod)
            && !pod.has("metadata.deletionTimestamp")
            && !matches!(pod.text("status.phase"), "Succeeded" | "Failed")
    };
    let pods: Vec<_> = cx.cache.list("pods", &key.namespace).filter(|pod| chosen(pod)).collect();
    let expected = i64::try_from(pods.len()).unwrap_or(i64::MAX);
    // Whoever was let go lately counts as gone (`buildDisruptedPodMap`).
    let disrupted: BTreeMap<&str, &Value> = budget
        .entries("status.disruptedPods")
        .filter(|(name, since)| {
            let since = since.as_str().and_then(|since| since.parse::<Timestamp>().ok());
            let lately = since.is_some_and(|since| cx.now.duration_since(since) < DELETION_TIMEOUT);
            lately && pods.iter().any(|pod| pod.name() == name.as_str())
        })
        .map(|(name, since)| (name.as_str(), since))
        .collect();
    let is_healthy = |pod: &&&Arc<Value>| calls::is_ready(pod) && !disrupted.contains_key(pod.name());
    let healthy = i64::try_from(pods.iter().filter(is_healthy).count()).unwrap_or(i64::MAX);
    let desired = match budget.has("spec.maxUnavailable") {
        true => (expected - calls::scaled(budget.at("spec.maxUnavailable"), expected, true)).max(0),
        false => calls::scaled(budget.at("spec.minAvailable"), expected, true),
    };
    let allowed = if expected > 0 { (healthy - desired).max(0) } else { 0 };
    let mut status = json!({
        "currentHealthy": healthy, "desiredHealthy": desired, "disruptionsAllowed": allowed, "expectedPods": expected,
        "observedGeneration": budget.at("metadata.generation"),
    });
    if cx.version.has(BUDGETS_SAY_WHY) {
        let (on, reason) =
            if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
        let old = budget.list("status.conditions").iter().find(|condition| condition.text("status") == on);
        let since = old.map_or_else(|| time(cx.now), |old| old.text("lastTransitionTime").to_owned());
        status.set("conditions", json!([{
            "type": "DisruptionAllowed", "status": on, "reason": reason, "message": "", "lastTransitionTime": since,
            "observedGeneration": budget.at("metadata.generation"),
        }]));
    }
    if let Some(due) = disrupted.values().filter_map(|since| since.as_str()?.parse::<Timestamp>().ok()).min()
    {
        plan.look_again_before(due.duration_since(cx.now) + DELETION_TIMEOUT);
    }
    let known = budget.at("status").clone();
    let gone = json!(disrupted);
    let same = status.entries("").all(|(name, value)| known.get(name) == Some(value))
        && (known.at("disruptedPods") == &gone || disrupted.is_empty() && !known.has("disruptedPods"));
    if !same {
        let mut told = (**budget).clone();
        for (name, value) in status.entries("") {
            told.set(&format!("status.{name}"), value.clone());
        }
        match disrupted.is_empty() {
            true => drop(told.take_out("status.disruptedPods")),
            false => told.set("status.disruptedPods", gone),
        }
        plan.try_call(calls::update("poddisruptionbudgets", "/status", &told));
    }
    plan
}
