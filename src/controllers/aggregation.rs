//! Aggregated cluster roles have the rules of those that they select (`pkg/controller/clusterroleaggregation`).

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::Dig;
use crate::api::differences::AGGREGATION_APPLIES;
use crate::authorize::aggregation;
use crate::authorize::rbac::PolicyRule;
use crate::json::json;
use crate::store::{Event, Key, Objects};

const RESOURCE: &str = "clusterroles.rbac.authorization.k8s.io";

/// The aggregation controller.
pub(super) const CONTROLLER: Controller = Controller::new(
    "clusterrole-aggregation-controller",
    ActsAs::Account("clusterrole-aggregation-controller"),
    wakes,
    reconcile,
);

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    if &*event.key.resource != RESOURCE {
        return Vec::new();
    }
    // Whichever role was written, any aggregated one may have to follow.
    let aggregated = objects.all(RESOURCE).filter(|role| role.has("aggregationRule"));
    aggregated.map(|role| Key::new(RESOURCE, "", role.name())).collect()
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(role) = cx.cache.of(key) else { return plan };
    let Some(rules) = aggregation::rules(role, cx.cache.all(RESOURCE).map(|role| &**role)) else {
        return plan;
    };
    if PolicyRule::list(role) == rules {
        return plan;
    }
    if !cx.version.has(AGGREGATION_APPLIES) {
        let mut summed = (**role).clone();
        summed.set("rules", json!(rules));
        plan.call(calls::update("clusterroles", "", &summed));
        return plan;
    }
    let mut applied = json!({
        "apiVersion": role.text("apiVersion"), "kind": "ClusterRole", "metadata": {"name": role.name()},
    });
    if !rules.is_empty() {
        applied.set("rules", json!(rules));
    }
    plan.call(calls::apply("clusterroles", CONTROLLER.name, &applied));
    plan
}
