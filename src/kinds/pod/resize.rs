//! What may change of a running pod's resources (`ValidatePodResize`).

use super::annotations;
use super::qos;
use super::update::same;
use crate::api::Path;
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::Value;

/// Checks an update of resources.
pub(super) fn validate(new: &Value, old: &Value, errors: &Errors) {
    let what = match old {
        _ if old.annotation(annotations::MIRROR).is_some() => Some("static"),
        _ if old.text("spec.os.name") == "windows" => Some("windows"),
        _ => None,
    };
    if let Some(what) = what {
        errors.clear();
        errors.forbidden("", format!("{what} pods cannot be resized"));
        return;
    }
    let path = Path::new("spec");
    let (new, old) = (new.at("spec"), old.at("spec"));
    let class = |spec: &Value| qos::class(spec, errors.version());
    if class(new) != class(old) {
        let (shown, detail) = (class(old), "Pod QOS Class may not change as a result of resizing");
        errors.invalid(path, shown, detail);
    }
    for list in ["initContainers", "containers"] {
        let path = path.child(list);
        for (i, (new, old)) in new.list(list).iter().zip(old.list(list)).enumerate() {
            container(new, old, &path.index(i), list, errors);
        }
    }
}

fn container(new: &Value, old: &Value, path: &Path<'_>, list: &str, errors: &Errors) {
    let sidecar = list == "initContainers" && old.text("restartPolicy") == "Always";
    if list == "initContainers" && !sidecar {
        if !same(new, old) {
            let detail = "resources for non-sidecar init containers are immutable";
            errors.forbidden("spec", detail);
        }
        return;
    }
    let resources = path.child("resources");
    for kind in ["requests", "limits"] {
        let (had, has) = (old.at("resources").at(kind), new.at("resources").at(kind));
        if had.entries("").any(|(name, _)| has.get(name).is_none()) {
            errors.forbidden(resources.child(kind), format!("resource {kind} cannot be removed"));
        }
    }
    if !same(&without_cpu_and_memory(new), &without_cpu_and_memory(old)) {
        let detail = match sidecar {
            true => "only cpu and memory resources for sidecar containers are mutable",
            false => "only cpu and memory resources are mutable",
        };
        errors.forbidden("spec", detail);
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
