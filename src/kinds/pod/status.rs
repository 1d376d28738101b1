//! What may change of a pod's status (`ValidatePodStatusUpdate`).

use super::annotations;
use crate::api::differences::QOS_IS_FIXED;
use crate::api::field::Errors;
use crate::api::names;
use crate::api::value::Dig;
use serde_json::Value;

/// Checks an update of the status.
pub(super) fn validate(new: &Value, old: &Value, errors: &mut Errors) {
    annotations::validate_update(new, old, errors);
    if new.text("spec.nodeName") != old.text("spec.nodeName") {
        errors.forbidden("status.nodeName", "may not be changed directly");
    }
    let nominated = new.text("status.nominatedNodeName");
    if !nominated.is_empty() && nominated != old.text("status.nominatedNodeName") {
        let wrong = names::dns1123_subdomain(nominated);
        errors.invalid_each("status.nominatedNodeName", nominated, wrong);
    }
    let class = new.text("status.qosClass");
    if errors.version().has(QOS_IS_FIXED) && class != old.text("status.qosClass") {
        errors.invalid("status.qosClass", class, "field is immutable");
    }
    let policy = old.text("spec.restartPolicy");
    let running_on = |name: &str| {
        let containers = old.list("spec.initContainers");
        containers.iter().any(|c| c.text("name") == name && c.text("restartPolicy") == "Always")
    };
    for (list, policy) in [
        ("status.containerStatuses", policy),
        ("status.initContainerStatuses", policy),
        ("status.ephemeralContainerStatuses", "Never"),
    ] {
        let skip = |name: &str| list == "status.initContainerStatuses" && running_on(name);
        transitions(new.list(list), old.list(list), list, policy, &skip, errors);
    }
}

/// A container that ended for good stays so.
fn transitions(
    new: &[Value],
    old: &[Value],
    path: &str,
    policy: &str,
    skip: &dyn Fn(&str) -> bool,
    errors: &mut Errors,
) {
    if policy == "Always" {
        return;
    }
    for (i, old) in old.iter().enumerate() {
        let ended = old.at("state.terminated");
        let failed = ended.at("exitCode").as_i64().unwrap_or_default() != 0;
        if ended.is_null() || (failed && policy == "OnFailure") || skip(old.text("name")) {
            continue;
        }
        for _ in new.iter().filter(|n| n.text("name") == old.text("name") && !n.has("state.terminated")) {
            let detail = "may not be transitioned to non-terminated state";
            errors.forbidden(format_args!("{path}[{i}].state"), detail);
        }
    }
}
