//! What may change of a pod's status (`ValidatePodStatusUpdate`).

use super::annotations;
use crate::api::differences::{NOMINATED_IS_NOT_BOUND, QOS_IS_FIXED};
use crate::api::{Dig, names};
use crate::json::Value;
use crate::kinds::field::Field;

/// Checks an update of the status.
pub(super) fn validate(new: Field<'_>, old: &Value) {
    annotations::validate_update(new, old);
    if new.text("spec.nodeName") != old.text("spec.nodeName") {
        new.child("status.nodeName").forbidden("may not be changed directly");
    }
    let nominated = new.child("status.nominatedNodeName");
    if nominated.text("") != old.text("status.nominatedNodeName") {
        nominated.named_if_set(names::dns1123_subdomain);
        let bound = !nominated.text("").is_empty() && !new.text("spec.nodeName").is_empty();
        if bound && nominated.version().has(NOMINATED_IS_NOT_BOUND) {
            nominated.forbidden("may not be set on pods that are already bound to a node");
        }
    }
    let class = new.string("status.qosClass");
    if class.version().has(QOS_IS_FIXED) && class.text("") != old.text("status.qosClass") {
        class.invalid("field is immutable");
    }
    let policy = old.text("spec.restartPolicy");
    for (list, policy) in [
        ("status.containerStatuses", policy),
        ("status.initContainerStatuses", policy),
        ("status.ephemeralContainerStatuses", "Never"),
    ] {
        if policy != "Always" {
            transitions(new, old, list, policy);
        }
    }
}

/// A container that ended for good stays so, unless it is one that goes on running.
fn transitions(new: Field<'_>, old: &Value, list: &str, policy: &str) {
    let sidecars = match list {
        "status.initContainerStatuses" => old.list("spec.initContainers"),
        _ => &[],
    };
    for old in new.told_as(list, old.at(list)).items("") {
        let name = old.text("name");
        let failed = old.number("state.terminated.exitCode").unwrap_or_default() != 0;
        let sidecar = sidecars.iter().any(|c| c.text("name") == name && c.text("restartPolicy") == "Always");
        if !old.has("state.terminated") || (failed && policy == "OnFailure") || sidecar {
            continue;
        }
        let named = new.list(list).iter().filter(|status| status.text("name") == name);
        for _ in named.filter(|status| !status.has("state.terminated")) {
            old.child("state").forbidden("may not be transitioned to non-terminated state");
        }
    }
}
