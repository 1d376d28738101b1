//! What the status of a job may say (`ValidateJobUpdateStatus`, `getStatusValidationOptions` of the job's strategy): each
//! rule counts when what it is about has changed.

use super::indexes;
use crate::api::Dig;
use crate::api::differences::JOB_STATUS_CHECKED;
use crate::json::Value;
use crate::kinds::field::Field;
use std::collections::BTreeSet;

fn is_true(job: &Value, kind: &str) -> bool {
    let conditions = job.list("status.conditions").iter();
    conditions.into_iter().any(|c| c.text("type") == kind && c.text("status") == "True")
}

fn is_finished(job: &Value) -> bool {
    is_true(job, "Complete") || is_true(job, "Failed")
}

/// Checks the status of a job against what is stored.
pub(super) fn validate(new: Field<'_>, old: &Value) {
    let status = new.child("status");
    status.counters(&["active", "succeeded", "failed", "ready", "terminating"], &[]);
    uncounted(status.child("uncountedTerminatedPods"));
    if !new.version().has(JOB_STATUS_CHECKED) {
        return;
    }
    let changed = |path: &str| new.value.at(path) != old.at(path);
    conditions(new, old);
    times(new, old);
    finished(new, old);
    indexes_of(new, &changed);
    if (changed("status.ready") || changed("status.active"))
        && status.number("ready").is_some_and(|ready| ready > status.number("active").unwrap_or_default())
    {
        status.child("ready").invalid("cannot set more ready pods than active");
    }
    lasting(new, old);
}

/// Pods that are not counted yet have names, once each.
fn uncounted(pods: Field<'_>) {
    let mut seen = BTreeSet::new();
    for list in ["succeeded", "failed"] {
        for uid in pods.items(list) {
            if uid.text("").is_empty() {
                uid.invalid("must not be empty");
            } else if !seen.insert(uid.text("")) {
                uid.duplicate();
            }
        }
    }
}

fn conditions(new: Field<'_>, old: &Value) {
    let conditions = new.child("status.conditions");
    let is = |kind: &str| is_true(new.value, kind);
    let (complete, failed) = (is("Complete"), is("Failed"));
    let turned = |kind: &str| is(kind) != is_true(old, kind);
    if complete && failed && (turned("Complete") || turned("Failed")) {
        conditions.invalid_omitted("cannot set Complete=True and Failed=true conditions");
    }
    if complete && is("FailureTarget") && (turned("Complete") || turned("FailureTarget")) {
        conditions.invalid_omitted("cannot set Complete=True and FailureTarget=true conditions");
    }
}

fn times(new: Field<'_>, old: &Value) {
    let status = new.child("status");
    let complete = is_true(new.value, "Complete");
    let (start, end) = (status.child("startTime"), status.child("completionTime"));
    let turned = complete != is_true(old, "Complete") || end.value != old.at("status.completionTime");
    if turned && !complete && !end.is_null() {
        end.invalid("cannot set completionTime when there is no Complete=True condition");
    }
    if turned && complete && end.is_null() {
        end.required("completionTime is required for Complete jobs");
    }
    let moved = start.value != old.at("status.startTime") || end.value != old.at("status.completionTime");
    if moved && !start.is_null() && !end.is_null() && end.text("") < start.text("") {
        end.invalid("completionTime cannot be set before startTime");
    }
}

fn finished(new: Field<'_>, old: &Value) {
    let (status, conditions) = (new.child("status"), new.child("status.conditions"));
    let is = |kind: &str| is_true(new.value, kind);
    let was = |kind: &str| is_true(old, kind);
    let targeted = is("Failed") != was("Failed") || is("FailureTarget") != was("FailureTarget");
    if targeted && is("Failed") && !is("FailureTarget") {
        conditions
            .invalid_omitted("cannot set Failed=True condition without the FailureTarget=true condition");
    }
    let met = is("Complete") != was("Complete") || is("SuccessCriteriaMet") != was("SuccessCriteriaMet");
    if met && is("Complete") && !is("SuccessCriteriaMet") {
        conditions.invalid_omitted(
            "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
        );
    }
    if !is_finished(new.value) {
        return;
    }
    let turned = !is_finished(old);
    let changed = |key: &str| turned || status.value.at(key) != old.at("status").at(key);
    for key in ["active", "terminating"] {
        if changed(key) && status.number(key).is_some_and(|count| count > 0) {
            status.child(key).invalid(format_args!("{key}>0 is invalid for finished job"));
        }
    }
    if changed("startTime") && !status.has("startTime") {
        status.child("startTime").required("startTime is required for finished job");
    }
    let uncounted = status.child("uncountedTerminatedPods");
    if changed("uncountedTerminatedPods")
        && (!uncounted.list("succeeded").is_empty() || !uncounted.list("failed").is_empty())
    {
        let detail = "uncountedTerminatedPods needs to be empty for finished job";
        uncounted.invalid_internal("batch.UncountedTerminatedPods", detail);
    }
}

fn indexes_of(new: Field<'_>, changed: &dyn Fn(&str) -> bool) {
    let (spec, status) = (new.child("spec"), new.child("status"));
    let (completed, failed) = (status.child("completedIndexes"), status.child("failedIndexes"));
    let limited = spec.has("backoffLimitPerIndex");
    let read =
        |field: Field<'_>| indexes::parse(field.text(""), spec.number("completions").unwrap_or_default());
    if changed("status.completedIndexes")
        && spec.has("completions")
        && let Err(why) = read(completed)
    {
        completed.invalid(format_args!("error parsing completedIndexes: {why}"));
    }
    if changed("status.failedIndexes")
        && spec.has("completions")
        && limited
        && let Err(why) = read(failed)
    {
        failed.invalid(format_args!("error parsing failedIndexes: {why}"));
    }
    if changed("status.completedIndexes")
        && !completed.text("").is_empty()
        && spec.text("completionMode") != "Indexed"
    {
        completed.invalid("cannot set non-empty completedIndexes when non-indexed completion mode");
    }
    if changed("status.failedIndexes") && !limited && !failed.is_null() {
        failed.invalid("cannot set non-null failedIndexes when backoffLimitPerIndex is null");
    }
    let both = changed("status.completedIndexes") || changed("status.failedIndexes");
    if both
        && spec.has("completions")
        && let (Ok(done), Ok(lost)) = (read(completed), read(failed))
    {
        let shared =
            done.iter().any(|(from, to)| lost.iter().any(|(first, last)| first <= to && from <= last));
        if shared {
            failed.invalid("failedIndexes and completedIndexes overlap");
        }
    }
}

/// What holds once, holds for good.
fn lasting(new: Field<'_>, old: &Value) {
    let (status, conditions) = (new.child("status"), new.child("status.conditions"));
    for kind in ["Failed", "Complete", "FailureTarget"] {
        if is_true(old, kind) && !is_true(new.value, kind) {
            conditions.invalid_omitted(format_args!("cannot disable the terminal {kind}=True condition"));
        }
    }
    for key in ["failed", "succeeded"] {
        if status.number(key).unwrap_or_default() < old.at("status").number(key) {
            let shown = status.number(key).unwrap_or_default();
            status.child(key).invalid_as(shown, format_args!("cannot decrease the {key} counter"));
        }
    }
    let (was_done, was_begun) = (old.at("status.completionTime"), old.at("status.startTime"));
    let (done, begun) = (status.child("completionTime"), status.child("startTime"));
    if !done.is_null() && !was_done.is_null() && done.value != was_done {
        done.invalid("field is immutable");
    }
    if !was_begun.is_null() && begun.value != was_begun && !new.flag("spec.suspend") {
        match begun.is_null() {
            true => begun.required("startTime cannot be removed for unsuspended job"),
            false => begun.invalid("field is immutable"),
        }
    }
    let met = |job: &Value| is_true(job, "SuccessCriteriaMet");
    if met(old) && !met(new.value) {
        conditions.invalid_omitted("cannot disable the SuccessCriteriaMet=True condition");
    }
    if met(new.value) && !met(old) {
        for kind in ["Failed", "FailureTarget"] {
            if is_true(new.value, kind) {
                conditions.invalid_omitted(format_args!(
                    "cannot set {kind}=True and SuccessCriteriaMet=True conditions"
                ));
            }
        }
    }
}
