//! Jobs (`pkg/apis/batch/v1/defaults.go`, `pkg/registry/batch/job`, `pkg/apis/batch/validation`).
//!
//! INVARIANT (uid first): a new job has its uid before it is prepared, because its selector is made of it.
//!
//! # Differs from Kubernetes
//!
//! Policies for failure and success of single pods aren't checked.

use super::Kind;
use super::columns::{AGE, CONTAINERS, IMAGES, NAME, Print, SELECTOR, number, with};
use super::field::Field;
use super::parts::selector;
use super::parts::strategy;
use super::parts::strategy::spec_and_status;
use super::parts::template;
use super::pod::update::same;
use super::pod::{defaults, warnings};
use super::selectable::Selectable;
use crate::api::differences::{
    ALWAYS_IS_REQUIRED_OTHERWISE, ELASTIC_JOBS, JOB_STATUS_SHOWN, MANUAL_SELECTOR_FILLED_IN, POD_REPLACEMENT,
    PREFIXED_JOB_LABELS, SUSPENDED_JOBS,
};
use crate::api::field::go_json;
use crate::api::{Dig, Version, human};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The row of jobs.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare,
    validate: |job| {
        generated_selector(job);
        validate(job.child("spec"), None);
    },
    whole_update: false,
    validate_update,
    warn: warnings::template,
    columns: &[
        NAME,
        with("Status", status).since(JOB_STATUS_SHOWN),
        with("Completions", completions),
        with("Duration", duration),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    selectable: &[Selectable::text("status.successful").at("status.succeeded", "").zero("0")],
    orphans: &["v1"],
    ..Kind::plain("batch", "jobs")
};

fn set_defaults(job: &mut Value, version: Version) {
    let labels = job.at("spec.template.metadata.labels").clone();
    if labels.is_object() && job.entries("metadata.labels").next().is_none() {
        job.set("metadata.labels", labels);
    }
    let spec = job.make("spec");
    defaults::spec(spec.make("template.spec"), version);
    if !spec.has("parallelism") {
        spec.set_default("completions", 1);
    }
    spec.set_default("parallelism", 1);
    let limit = match spec.has("backoffLimitPerIndex") {
        true => i32::MAX,
        false => 6,
    };
    spec.set_default("backoffLimit", limit);
    if version.has(SUSPENDED_JOBS) {
        spec.set_default("completionMode", "NonIndexed");
        spec.set_default("suspend", false);
    }
    if version.has(POD_REPLACEMENT) {
        let replacement = match spec.has("podFailurePolicy") {
            true => "Failed",
            false => "TerminatingOrFailed",
        };
        spec.set_default("podReplacementPolicy", replacement);
    }
    if version.has(MANUAL_SELECTOR_FILLED_IN) {
        spec.set_default("manualSelector", false);
    }
}

fn prepare(job: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_and_status(job, old, subresource, version);
    if old.is_none() {
        job.set("status", json!({}));
        if !job.flag("spec.manualSelector") {
            generate_selector(job, version);
        }
    }
    if version.has(SUSPENDED_JOBS) {
        strategy::count_changes(job, old, &["spec"]);
    }
}

/// The labels of a job's pods: key, and the field that it shows.
fn labels(version: Version) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [
        ("controller-uid", "metadata.uid"),
        ("job-name", "metadata.name"),
        ("batch.kubernetes.io/controller-uid", "metadata.uid"),
        ("batch.kubernetes.io/job-name", "metadata.name"),
    ];
    let known = if version.has(PREFIXED_JOB_LABELS) { 4 } else { 2 };
    all.into_iter().take(known)
}

/// Labels the pods and selects them; what is there already is left for validation to refuse.
fn generate_selector(job: &mut Value, version: Version) {
    let uid = match version.has(PREFIXED_JOB_LABELS) {
        true => "batch.kubernetes.io/controller-uid",
        false => "controller-uid",
    };
    let selector = [(uid, "metadata.uid")];
    let places = [
        ("spec.template.metadata.labels", labels(version).collect()),
        ("spec.selector.matchLabels", Vec::from(selector)),
    ];
    for (place, wanted) in places {
        for (key, field) in wanted {
            let value = job.at(field).clone();
            let there = job.make(place);
            if there.get(key).is_none_or(Value::is_null) {
                there[key] = value;
            }
        }
    }
}

/// Checks that the labels and the selector are those that were to be generated.
fn generated_selector(job: Field<'_>) {
    if job.flag("spec.manualSelector") || !job.has("spec.selector") {
        return;
    }
    if job.value.uid().is_empty() {
        job.child("metadata.uid").required("");
    }
    let found = job.child("spec.template.metadata.labels");
    let mut expected = json!({});
    for (key, field) in labels(job.version()) {
        let value = job.text(field);
        let (label, wanted) = (found.entry(key), format!("must be '{value}'"));
        match label.value.as_str() {
            None => label.required(wanted),
            Some(other) if other != value => {
                selector::invalid_labels(Field { value: found.value, ..label }, &wanted);
            }
            Some(_) => {}
        }
        expected[key] = value.into();
    }
    let selects = job.child("spec.selector");
    if selector::is_usable(selects.value) && !selector::matches(selects.value, &expected) {
        selector::invalid(selects, "`selector` not auto-generated");
    }
}

fn validate(spec: Field<'_>, old: Option<&Value>) {
    validate_template(spec, old);
    let selects = spec.child("selector");
    match selects.is_null() {
        true => selects.required(""),
        false => selector::validate(selects),
    }
    if selector::is_usable(selects.value) {
        template::is_selected(spec.child("template"), selects.value);
    }
}

/// Checks what jobs share with the template of a cron job.
pub(super) fn validate_template(spec: Field<'_>, old: Option<&Value>) {
    for key in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        spec.child(key).nonnegative();
    }
    let mode = spec.child("completionMode");
    match mode.text("") {
        "Indexed" if !spec.has("completions") => {
            spec.child("completions").required("when completion mode is Indexed");
        }
        _ => mode.one_of_if_set(&["NonIndexed", "Indexed"]),
    }
    let pods = spec.child("template");
    template::validate(pods, old.map(|spec| spec.at("template")));
    let policy = pods.child("spec.restartPolicy");
    match policy.text("") {
        "OnFailure" | "Never" => {}
        "Always" if spec.version().has(ALWAYS_IS_REQUIRED_OTHERWISE) => {
            policy.required("valid values: \"OnFailure\", \"Never\"");
        }
        text => policy.errors.not_supported(policy.path, text, &["OnFailure", "Never"]),
    }
}

fn validate_update(new: Field<'_>, old: &Value, subresource: &str) {
    if subresource == "status" {
        return new.child("status").counters(&["active", "succeeded", "failed"], &[]);
    }
    let (spec, stored) = (new.child("spec"), old.at("spec"));
    validate(spec, Some(stored));
    let completions = spec.child("completions");
    if completions.value != stored.at("completions") && !is_elastic(spec.value, stored, new.version()) {
        completions.invalid("field is immutable");
    }
    selector::immutable(spec.child("selector"), stored.at("selector"));
    if !same(&steady(spec.value, stored), &steady(stored, stored)) {
        let shown = go_json(spec.value.at("template"));
        spec.child("template").invalid_go(&shown, &shown, "field is immutable");
    }
    spec.child("completionMode").immutable(stored.at("completionMode"));
}

/// From 1.27 on an indexed job may grow and shrink, its parallelism along with it.
fn is_elastic(new: &Value, old: &Value, version: Version) -> bool {
    version.has(ELASTIC_JOBS)
        && new.text("completionMode") == "Indexed"
        && new.has("completions")
        && old.has("completions")
        && new.at("completions") == new.at("parallelism")
        && old.at("completions") == old.at("parallelism")
}

/// A template without what may change while a job is suspended.
fn steady(spec: &Value, stored: &Value) -> Value {
    let mut pods = spec.at("template").clone();
    if stored.flag("suspend") {
        for path in [
            "metadata.labels",
            "metadata.annotations",
            "spec.nodeSelector",
            "spec.affinity",
            "spec.tolerations",
            "spec.schedulingGates",
        ] {
            pods.take_out(path);
        }
    }
    pods
}

fn completions(object: &Value, _: Print) -> Value {
    let done = number(object, "status.succeeded");
    match (object.at("spec.completions").as_i64(), number(object, "spec.parallelism")) {
        (Some(wanted), _) => format!("{done}/{wanted}").into(),
        (None, parallel) if parallel > 1 => format!("{done}/1 of {parallel}").into(),
        (None, _) => format!("{done}/1").into(),
    }
}

fn duration(object: &Value, print: Print) -> Value {
    let at = |path: &str| object.text(path).parse::<Timestamp>().ok().map(Timestamp::as_second);
    match (at("status.startTime"), at("status.completionTime")) {
        (None, _) => "".into(),
        (Some(start), end) => human(end.unwrap_or(print.now.as_second()) - start).into(),
    }
}

fn status(object: &Value, _: Print) -> Value {
    let is = |kind: &str| {
        object.list("status.conditions").iter().any(|c| c.text("type") == kind && c.text("status") == "True")
    };
    let known = ["Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"];
    let condition = known.into_iter().find(|kind| is(kind));
    match object.has("metadata.deletionTimestamp") {
        true if condition.is_none_or(|word| word != "Complete" && word != "Failed") => "Terminating",
        _ => condition.unwrap_or("Running"),
    }
    .into()
}
