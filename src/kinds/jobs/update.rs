//! What of a job may change (`ValidateJobSpecUpdate`).

use crate::api::Dig;
use crate::api::differences::{ELASTIC_JOBS, RESOURCES_OF_SUSPENDED_JOBS, SUSPENDED_TEMPLATES_BY_PART};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::selector;
use crate::kinds::pod::items_mut;
use crate::kinds::pod::update::same;

/// What may change while a job is suspended.
const SCHEDULING: [&str; 5] = [
    "metadata.labels",
    "metadata.annotations",
    "spec.nodeSelector",
    "spec.tolerations",
    "spec.schedulingGates",
];

/// Checks a job's spec against what is stored of the job.
pub(super) fn validate(spec: Field<'_>, old: &Value) {
    let stored = old.at("spec");
    completions(spec, stored);
    selector::immutable(spec.child("selector"), stored.at("selector"));
    template(spec, old);
    spec.child("completionMode").immutable(stored.at("completionMode"));
    let failure = spec.child("podFailurePolicy");
    failure.immutable_internal(stored.at("podFailurePolicy"), "batch.PodFailurePolicy");
    spec.child("backoffLimitPerIndex").immutable(stored.at("backoffLimitPerIndex"));
    spec.child("managedBy").immutable(stored.at("managedBy"));
    spec.child("successPolicy").immutable_internal(stored.at("successPolicy"), "batch.SuccessPolicy");
}

/// From 1.27 on an indexed job may grow and shrink, its parallelism along with it.
fn completions(spec: Field<'_>, stored: &Value) {
    let completions = spec.child("completions");
    if !spec.version().has(ELASTIC_JOBS) || spec.text("completionMode") != "Indexed" {
        return completions.immutable(stored.at("completions"));
    }
    let (wanted, parallelism) = (completions.value, spec.value.at("parallelism"));
    if wanted != stored.at("completions") && !wanted.is_null() && wanted != parallelism {
        completions.invalid("can only be modified in tandem with spec.parallelism");
    }
}

fn template(spec: Field<'_>, old: &Value) {
    let pods = spec.child("template");
    let stored = old.at("spec.template");
    let by_part = spec.version().has(SUSPENDED_TEMPLATES_BY_PART);
    let still = match by_part {
        true => old.number("status.active") == 0,
        false => !old.has("status.startTime"),
    };
    let suspended = old.flag("spec.suspend") && still;
    let (new, old) = match suspended {
        true => (steady(pods.value, stored, spec), steady(stored, stored, spec)),
        false => (pods.value.clone(), stored.clone()),
    };
    if same(&new, &old) {
        return;
    }
    if suspended && by_part {
        let shown = pods.child("spec");
        return shown.invalid_internal("core.PodSpec", "field is immutable");
    }
    pods.invalid_internal("core.PodTemplateSpec", "field is immutable");
}

/// A template without what may change while a job is suspended.
fn steady(template: &Value, stored: &Value, spec: Field<'_>) -> Value {
    let mut pods = template.clone();
    for path in SCHEDULING {
        pods.take_out(path);
    }
    pods.take_out("spec.affinity.nodeAffinity");
    if pods.at("spec.affinity").as_object().is_some_and(crate::json::Map::is_empty) {
        pods.take_out("spec.affinity");
    }
    let mutable = spec.version().has(RESOURCES_OF_SUSPENDED_JOBS);
    for list in ["spec.containers", "spec.initContainers"] {
        if mutable && template.list(list).len() == stored.list(list).len() {
            for container in items_mut(&mut pods, list) {
                container.take_out("resources");
            }
        }
    }
    pods
}
