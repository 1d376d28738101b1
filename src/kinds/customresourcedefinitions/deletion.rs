//! A definition that goes: its objects go first (`pkg/registry/customresourcedefinition/etcd.go`).

use crate::api::{Dig, time};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What holds a definition until its objects are gone.
pub(crate) const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// Marks a definition as one that goes.
pub(crate) fn terminate(definition: &mut Value, now: Timestamp) {
    definition.set("metadata.deletionTimestamp", time(now));
    if !definition.list("metadata.finalizers").iter().any(|finalizer| finalizer == CLEANUP) {
        definition.push("metadata.finalizers", CLEANUP.into());
    }
    let mut conditions = definition.list("status.conditions").to_vec();
    conditions.retain(|condition| condition.text("type") != "Terminating");
    conditions.push(json!({
        "type": "Terminating", "status": "True", "lastTransitionTime": time(now), "reason": "InstanceDeletionPending",
        "message": "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    }));
    definition.set("status.conditions", conditions);
}
