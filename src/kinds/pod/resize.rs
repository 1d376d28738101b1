//! What may change of a running pod's resources (`ValidatePodResize`).

use super::update::same;
use super::{annotations, qos};
use crate::api::differences::{INIT_CONTAINERS_RESIZED, MEMORY_LIMITS_SHRINK};
use crate::api::{Dig, internal};
use crate::json::Value;
use crate::kinds::field::Field;

/// Checks an update of resources.
pub(super) fn validate(new: Field<'_>, old: &Value) {
    let what = match old {
        _ if old.annotation(annotations::MIRROR).is_some() => Some("static"),
        _ if old.text("spec.os.name") == "windows" => Some("windows"),
        _ => None,
    };
    if let Some(what) = what {
        new.errors.clear();
        return new.errors.forbidden("[]", format_args!("{what} pods cannot be resized"));
    }
    let (new, old) = (new.child("spec"), old.at("spec"));
    for list in ["containers", "initContainers"] {
        if new.list(list).len() != old.list(list).len() {
            return new.child(list).forbidden(format_args!("{list} may not be added or removed on resize"));
        }
    }
    let class = |spec: &Value| qos::class(spec, new.version());
    if class(new.value) != class(old) {
        new.invalid_as(class(old), "Pod QOS Class may not change as a result of resizing");
    }
    for (container, old) in new.items("initContainers").zip(old.list("initContainers")) {
        if old.text("restartPolicy") == "Always" {
            let detail = "only cpu and memory resources for sidecar containers are mutable";
            validate_container(container, old, new, detail);
        } else if new.version().has(INIT_CONTAINERS_RESIZED) {
            validate_container(container, old, new, "only cpu and memory resources are mutable");
        } else if !same(container.value, old) {
            new.forbidden("resources for non-sidecar init containers are immutable");
        }
    }
    for (container, old) in new.items("containers").zip(old.list("containers")) {
        validate_container(container, old, new, "only cpu and memory resources are mutable");
    }
}

fn validate_container(new: Field<'_>, old: &Value, spec: Field<'_>, detail: &str) {
    if !new.version().has(MEMORY_LIMITS_SHRINK) {
        kept_memory(new, old);
    }
    for kind in ["requests", "limits"] {
        let (had, has) = (old.at("resources").at(kind), new.value.at("resources").at(kind));
        if had.entries("").any(|(name, _)| has.get(name).is_none()) {
            let resources = new.child("resources");
            resources.child(kind).forbidden(format_args!("resource {kind} cannot be removed"));
        }
    }
    if !same(&without_cpu_and_memory(new.value), &without_cpu_and_memory(old)) {
        spec.forbidden(detail);
    }
}

/// Once a running container's memory could not be taken away.
fn kept_memory(new: Field<'_>, old: &Value) {
    let limits = new.child("resources.limits");
    let (limit, before) = (limits.entry("memory"), old.at("resources.limits.memory"));
    let less =
        internal::amount(limit.value).zip(internal::amount(before)).is_some_and(|(now, was)| now < was);
    let restarts = |policy: &Value| {
        policy.text("resourceName") == "memory" && policy.text("restartPolicy") == "RestartContainer"
    };
    if less && !new.list("resizePolicy").iter().any(restarts) {
        limit.forbidden("memory limits cannot be decreased unless resizePolicy is RestartContainer");
    }
}

fn without_cpu_and_memory(container: &Value) -> Value {
    let mut container = container.clone();
    for path in [
        "resources.requests.cpu",
        "resources.requests.memory",
        "resources.limits.cpu",
        "resources.limits.memory",
        "resizePolicy",
    ] {
        container.take_out(path);
    }
    container
}
