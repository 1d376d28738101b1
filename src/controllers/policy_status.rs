//! What does not fit in a policy is told in its status (`pkg/controller/validatingadmissionpolicystatus`).

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::admit::policy::typecheck;
use crate::api::Dig;
use crate::store::{Event, Key, Objects};

const POLICIES: &str = "validatingadmissionpolicies.admissionregistration.k8s.io";

/// The policy status controller.
pub(super) const CONTROLLER: Controller = Controller::new(
    "validatingadmissionpolicy-status-controller",
    ActsAs::Account("validatingadmissionpolicy-status-controller"),
    wakes,
    reconcile,
);

fn wakes(event: &Event, _: &Objects) -> Vec<Key> {
    match (&*event.key.resource == POLICIES, &event.new) {
        (true, Some(_)) => vec![event.key.clone()],
        _ => Vec::new(),
    }
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(policy) = cx.cache.of(key) else { return plan };
    let generation = policy.at("metadata.generation").as_i64().unwrap_or_default();
    if policy.at("status.observedGeneration").as_i64().unwrap_or_default() >= generation {
        return plan;
    }
    let mut told = (**policy).clone();
    told.set("status.observedGeneration", generation);
    told.set("status.typeChecking", typecheck::check(policy, cx.resources));
    plan.call(calls::update("validatingadmissionpolicies", "/status", &told));
    plan
}
