//! Claims and volumes in use are not deleted: a finalizer holds them (`pkg/controller/volume/{pvcprotection,pvprotection}`).
//!
//! Differs from Kubernetes: claims are never bound, as there is no volume controller; a volume is in use while its phase
//! is `Bound`.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::Dig;
use crate::json::Value;
use crate::store::{Event, Key, Objects};

const CLAIMS: &str = "persistentvolumeclaims";
const VOLUMES: &str = "persistentvolumes";

/// What protects claims.
pub(super) const CLAIM: Controller = Controller::new(
    "persistentvolumeclaim-protection-controller",
    ActsAs::Account("pvc-protection-controller"),
    |event, _| wakes(event, CLAIMS),
    |cx, key| reconcile(cx, key, CLAIMS, "kubernetes.io/pvc-protection"),
);

/// What protects volumes.
pub(super) const VOLUME: Controller = Controller::new(
    "persistentvolume-protection-controller",
    ActsAs::Account("pv-protection-controller"),
    |event, _| wakes(event, VOLUMES),
    |cx, key| reconcile(cx, key, VOLUMES, "kubernetes.io/pv-protection"),
);

fn wakes(event: &Event, resource: &str) -> Vec<Key> {
    if &*event.key.resource == resource && event.new.is_some() {
        return vec![event.key.clone()];
    }
    // A pod that is gone or done may have been the last user of its claims.
    let done = |pod: &Value| matches!(pod.text("status.phase"), "Succeeded" | "Failed");
    let freed = &*event.key.resource == "pods"
        && event.new.as_ref().is_none_or(|pod| done(pod))
        && resource == CLAIMS;
    match event.new.as_ref().or(event.old.as_ref()).filter(|_| freed) {
        Some(pod) => claims(pod).map(|name| Key::new(CLAIMS, pod.namespace(), name)).collect(),
        None => Vec::new(),
    }
}

fn claims(pod: &Value) -> impl Iterator<Item = &str> {
    let named = pod.list("spec.volumes").iter().map(|volume| volume.text("persistentVolumeClaim.claimName"));
    named.filter(|name| !name.is_empty())
}

fn is_used(objects: &Objects, object: &Value, resource: &str) -> bool {
    if resource == VOLUMES {
        return object.text("status.phase") == "Bound";
    }
    let runs = |pod: &Value| !matches!(pod.text("status.phase"), "Succeeded" | "Failed");
    objects
        .list("pods", object.namespace())
        .any(|pod| runs(pod) && claims(pod).any(|name| name == object.name()))
}

fn reconcile(cx: Cx<'_>, key: &Key, resource: &str, finalizer: &str) -> Plan {
    let mut plan = Plan::default();
    let Some(object) = cx.cache.of(key) else { return plan };
    let held = object.list("metadata.finalizers").iter().any(|one| one == finalizer);
    let goes = object.has("metadata.deletionTimestamp");
    let mut finalizers = object.list("metadata.finalizers").to_vec();
    if !goes && !held {
        finalizers.push(finalizer.into());
    } else if goes && held && !is_used(cx.cache, object, resource) {
        finalizers.retain(|one| one != finalizer);
    } else {
        return plan;
    }
    let mut changed = (**object).clone();
    changed.set("metadata.finalizers", finalizers);
    plan.call(calls::update(resource, "", &changed));
    plan
}
