//! Quotas tell what is used (`pkg/controller/resourcequota`).
//!
//! Differs from Kubernetes: what was freed is counted at once; there the whole is counted again every five minutes, and
//! only some resources are watched.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::admit::resource_list;
use crate::admit::resource_quota::usage;
use crate::api::Dig;
use crate::store::{Event, Key, Objects};

const RESOURCE: &str = "resourcequotas";

/// The quota controller.
pub(super) const CONTROLLER: Controller = Controller::new(
    "resourcequota-controller",
    ActsAs::Account("resourcequota-controller"),
    wakes,
    reconcile,
);

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    match (&*event.key.resource, &*event.key.namespace) {
        (RESOURCE, _) => vec![event.key.clone()],
        ("events", _) | (_, "") => Vec::new(),
        (_, namespace) => objects
            .list(RESOURCE, namespace)
            .map(|quota| Key::new(RESOURCE, namespace, quota.name()))
            .collect(),
    }
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(quota) = cx.cache.of(key) else { return plan };
    let used = resource_list::to_json(&usage::of_quota(quota, cx.cache, cx.now));
    let hard = quota.at("spec.hard").clone();
    if *quota.at("status.hard") != hard || *quota.at("status.used") != used {
        let mut told = (**quota).clone();
        told.set("status.hard", hard);
        told.set("status.used", used);
        plan.call(calls::update(RESOURCE, "/status", &told));
    }
    plan
}
