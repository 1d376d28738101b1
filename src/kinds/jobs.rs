//! Jobs (`pkg/apis/batch/v1/defaults.go`, `pkg/registry/batch/job`, `pkg/apis/batch/validation`).
//!
//! INVARIANT (uid first): a new job has its uid before it is prepared, because its selector is made of it.
//!
//! # Differs from Kubernetes
//!
//! Policies for failure and success of single pods aren't checked.

use super::Kind;
use super::columns::{Columns, Print, count, human, workload};
use super::parts::checks::{counters, nonnegative};
use super::parts::meta;
use super::parts::selector;
use super::parts::strategy;
use super::parts::strategy::spec_and_status;
use super::parts::template;
use super::pod::update::same;
use super::pod::{defaults, warnings};
use super::selectable::Field;
use crate::api::Path;
use crate::api::differences::{
    ALWAYS_IS_REQUIRED_OTHERWISE, ELASTIC_JOBS, JOB_STATUS_SHOWN, MANUAL_SELECTOR_FILLED_IN, POD_REPLACEMENT,
    PREFIXED_JOB_LABELS, SUSPENDED_JOBS,
};
use crate::api::field::{Errors, go_json};
use crate::api::value::Dig;
use crate::api::version::Version;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The row of jobs.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare,
    validate: |job, errors| {
        generated_selector(job, errors);
        validate(job.at("spec"), None, errors);
    },
    whole_update: false,
    validate_update,
    warn: warnings::template,
    columns: &[
        Columns::new("Name|Completions|Duration|Age|Containers*|Images*|Selector*", row)
            .until(JOB_STATUS_SHOWN),
        Columns::new("Name|Status|Completions|Duration|Age|Containers*|Images*|Selector*", row)
            .since(JOB_STATUS_SHOWN),
    ],
    selectable: &[Field::text("status.successful").at("status.succeeded", "").zero("0")],
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
fn generated_selector(job: &Value, errors: &mut Errors) {
    if job.flag("spec.manualSelector") || !job.has("spec.selector") {
        return;
    }
    if job.uid().is_empty() {
        errors.required("metadata.uid", "");
    }
    let path = Path::new("spec.template.metadata.labels");
    let found = job.at("spec.template.metadata.labels");
    let mut expected = json!({});
    for (key, field) in labels(errors.version()) {
        let value = job.text(field);
        match found.entry("", key) {
            None => errors.required(path.key(key), format!("must be '{value}'")),
            Some(other) if other != value => {
                selector::invalid_labels(found, &path.key(key), &format!("must be '{value}'"), errors);
            }
            Some(_) => {}
        }
        expected[key] = value.into();
    }
    let selects = job.at("spec.selector");
    if selector::is_usable(selects) && !selector::matches(selects, &expected) {
        let path = Path::new("spec.selector");
        selector::invalid(selects, &path, "`selector` not auto-generated", errors);
    }
}

fn validate(spec: &Value, old: Option<&Value>, errors: &mut Errors) {
    let path = Path::new("spec");
    validate_template(spec, old, &path, errors);
    let (selects, at) = (spec.at("selector"), path.child("selector"));
    match selects {
        Value::Null => errors.required(at, ""),
        _ => selector::validate(selects, &at, errors),
    }
    if selector::is_usable(selects) {
        template::is_selected(spec.at("template"), selects, &path.child("template"), errors);
    }
}

/// Checks what jobs share with the template of a cron job.
pub(super) fn validate_template(spec: &Value, old: Option<&Value>, path: &Path<'_>, errors: &mut Errors) {
    for key in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        nonnegative(spec, path, key, errors);
    }
    if let Some(mode) = spec.at("completionMode").as_str() {
        let (at, allowed) = (path.child("completionMode"), ["Indexed", "NonIndexed"]);
        if !allowed.contains(&mode) {
            errors.not_supported(at, mode, &["NonIndexed", "Indexed"]);
        } else if mode == "Indexed" && !spec.has("completions") {
            errors.required(path.child("completions"), "when completion mode is Indexed");
        }
    }
    let (pods, path) = (spec.at("template"), path.child("template"));
    template::validate(pods, old.map(|spec| spec.at("template")), &path, errors);
    let (policy, at) = (pods.text("spec.restartPolicy"), path.child("spec.restartPolicy"));
    match policy {
        "OnFailure" | "Never" => {}
        "Always" if errors.version().has(ALWAYS_IS_REQUIRED_OTHERWISE) => {
            errors.required(at, "valid values: \"OnFailure\", \"Never\"");
        }
        _ => errors.not_supported(at, policy, &["OnFailure", "Never"]),
    }
}

fn validate_update(new: &Value, old: &Value, subresource: &str, errors: &mut Errors) {
    if subresource == "status" {
        return counters(new.at("status"), &["active", "succeeded", "failed"], &[], errors);
    }
    let (spec, stored) = (new.at("spec"), old.at("spec"));
    validate(spec, Some(stored), errors);
    if spec.at("completions") != stored.at("completions") && !is_elastic(spec, stored, errors.version()) {
        errors.invalid("spec.completions", spec.at("completions"), "field is immutable");
    }
    selector::immutable(new, old, errors);
    if !same(&steady(spec, stored), &steady(stored, stored)) {
        let shown = go_json(spec.at("template"));
        errors.invalid_go("spec.template", &shown, &shown, "field is immutable");
    }
    meta::immutable(new, old, "spec.completionMode", errors);
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

fn row(object: &Value, print: Print) -> Vec<Value> {
    let done = count(object, "status.succeeded");
    let completions = match (object.at("spec.completions").as_i64(), count(object, "spec.parallelism")) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{done}/1 of {parallel}"),
        (None, _) => format!("{done}/1"),
    };
    let at = |path: &str| object.text(path).parse::<Timestamp>().ok().map(Timestamp::as_second);
    let duration = match (at("status.startTime"), at("status.completionTime")) {
        (None, _) => String::new(),
        (Some(start), end) => human(end.unwrap_or(print.now.as_second()) - start),
    };
    let mut cells = vec![completions.into(), duration.into()];
    if print.version.has(JOB_STATUS_SHOWN) {
        cells.insert(0, job_status(object).into());
    }
    workload(object, print, cells, true)
}

fn job_status(object: &Value) -> &'static str {
    let is = |kind: &str| {
        object.list("status.conditions").iter().any(|c| c.text("type") == kind && c.text("status") == "True")
    };
    let known = [
        ("Complete", "Complete"),
        ("Failed", "Failed"),
        ("Suspended", "Suspended"),
        ("FailureTarget", "FailureTarget"),
        ("SuccessCriteriaMet", "SuccessCriteriaMet"),
    ];
    let condition = known.iter().find(|(kind, _)| is(kind)).map(|(_, word)| *word);
    match object.has("metadata.deletionTimestamp") {
        true if condition.is_none_or(|word| word != "Complete" && word != "Failed") => "Terminating",
        _ => condition.unwrap_or("Running"),
    }
}
