//! Jobs (`pkg/apis/batch/v1/defaults.go`, `pkg/registry/batch/job`, `pkg/apis/batch/validation`).
//!
//! INVARIANT (uid first): a new job has its uid before it is prepared, because its selector is made of it.

mod indexes;
mod policies;
mod status;
mod update;

use super::Kind;
use super::When;
use super::columns::{AGE, CONTAINERS, IMAGES, NAME, Print, SELECTOR, number, with};
use super::field::Field;
use super::parts::strategy;
use super::parts::strategy::spec_and_status;
use super::parts::{meta, paths, selector};
use super::pod::template;
use super::pod::{defaults, items_mut, warnings};
use super::selectable::Selectable;
use crate::api::differences::{
    JOB_NAMES_WARNED_OF, JOB_STATUS_SHOWN, MANUAL_SELECTOR_FILLED_IN, POD_REPLACEMENT, PREFIXED_JOB_LABELS,
    SUSPENDED_JOBS,
};
use crate::api::names::NameRule;
use crate::api::{Dig, Errors, Version, human};
use crate::json::{Value, json};
use jiff::Timestamp;

/// How many pods may have numbers at a time; above it a job with many numbers is bounded further.
const INDEXES_MAX: i64 = 100_000;
/// What counts as many at a time where there are more numbers than that.
const MANY: i64 = 10_000;
/// How long the name of who manages a job may be.
const MANAGER_MAX: usize = 63;

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
    warn,
    columns: &[
        NAME,
        with("Status", state).since(JOB_STATUS_SHOWN),
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
    let limit = if spec.has("backoffLimitPerIndex") { i32::MAX } else { 6 };
    spec.set_default("backoffLimit", limit);
    if version.has(SUSPENDED_JOBS) {
        spec.set_default("completionMode", "NonIndexed");
        spec.set_default("suspend", false);
    }
    for rule in items_mut(spec, "podFailurePolicy.rules") {
        for pattern in items_mut(rule, "onPodConditions").filter(|pattern| pattern.text("status").is_empty())
        {
            pattern.set("status", "True");
        }
    }
    if version.has(POD_REPLACEMENT) {
        let replacement = if spec.has("podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
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
    if selects.is_null() {
        selects.required("")
    } else {
        selector::validate(selects)
    }
    if selector::is_usable(selects.value) {
        template::is_selected(spec.child("template"), selects.value);
    }
}

/// Checks what jobs share with the template of a cron job.
pub(super) fn validate_template(spec: Field<'_>, old: Option<&Value>) {
    for key in
        ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"]
    {
        spec.child(key).nonnegative();
    }
    let (per_index, most_failed) = (spec.child("backoffLimitPerIndex"), spec.child("maxFailedIndexes"));
    per_index.nonnegative();
    most_failed.nonnegative();
    if per_index.is_null() && !most_failed.is_null() {
        per_index.required("when maxFailedIndexes is specified");
    }
    let manager = spec.child("managedBy");
    if !manager.is_null() {
        paths::domain_prefixed(manager);
        if manager.text("").len() > MANAGER_MAX {
            manager.errors.too_long(manager.path, MANAGER_MAX);
        }
    }
    spec.child("completionMode").one_of_if_set(&["NonIndexed", "Indexed"]);
    if spec.text("completionMode") == "Indexed" {
        validate_indexed(spec);
    } else if matches!(spec.text("completionMode"), "" | "NonIndexed") {
        for field in [per_index, most_failed].into_iter().filter(|field| !field.is_null()) {
            field.invalid("requires indexed completion mode");
        }
    }
    policies::validate(spec);
    let pods = spec.child("template");
    template::validate(pods, old.map(|spec| spec.at("template")));
    let policy = pods.child("spec.restartPolicy");
    match policy.text("") {
        "OnFailure" if spec.has("podFailurePolicy") => {
            policy.invalid("only \"Never\" is supported when podFailurePolicy is specified");
        }
        "OnFailure" | "Never" => {}
        "Always" => policy.required("valid values: \"OnFailure\", \"Never\""),
        text => policy.errors.not_supported(policy.path, text, &["OnFailure", "Never"]),
    }
}

/// Checks the numbers of a job whose pods have numbers.
fn validate_indexed(spec: Field<'_>) {
    let [completions, parallelism, most_failed] =
        ["completions", "parallelism", "maxFailedIndexes"].map(|key| spec.child(key));
    let above = |field: Field<'_>, most: i64| field.number("").is_some_and(|number| number > most);
    if completions.is_null() {
        completions.required("when completion mode is Indexed");
    }
    if above(parallelism, INDEXES_MAX) {
        parallelism.invalid(format_args!(
            "must be less than or equal to {INDEXES_MAX} when completion mode is Indexed"
        ));
    }
    if completions.number("").is_some_and(|completions| above(most_failed, completions)) {
        most_failed.invalid("must be less than or equal to completions");
    }
    if above(most_failed, INDEXES_MAX) {
        most_failed.invalid(format_args!("must be less than or equal to {INDEXES_MAX}"));
    }
    if above(completions, INDEXES_MAX) && spec.has("backoffLimitPerIndex") {
        if most_failed.is_null() {
            most_failed.required(format_args!("must be specified when completions is above {INDEXES_MAX}"));
        }
        for field in [parallelism, most_failed].into_iter().filter(|field| above(*field, MANY)) {
            field.invalid(format_args!(
                "must be less than or equal to {MANY} when completions are above {INDEXES_MAX} and used with \
                 backoff limit per index"
            ));
        }
    }
}

fn validate_update(new: Field<'_>, old: &Value, subresource: &str) {
    if subresource == "status" {
        return status::validate(new, old);
    }
    let (spec, stored) = (new.child("spec"), old.at("spec"));
    // A job is checked as a new one, and then once more for what changes.
    meta::validate(new, NameRule::Subdomain);
    generated_selector(new);
    validate(spec, Some(stored));
    validate(spec, Some(stored));
    update::validate(spec, old);
}

/// What is odd about a job's name, and about its spec.
fn warn(job: &Value, when: When<'_>, version: Version) -> Vec<String> {
    let mut warned = Vec::new();
    if when == When::Created {
        warned.extend(warnings::name_of_pods(job, version));
    }
    if when.is_of_spec(job) {
        warned.extend(spec_warnings(Field::of(job, &Errors::new(version)).child("spec")));
    }
    warned
}

/// What is odd about a job's spec (`WarningsForJobSpec`).
pub(super) fn spec_warnings(spec: Field<'_>) -> Vec<String> {
    let mut warned = Vec::new();
    let above = |key: &str, most: i64| spec.number(key).is_some_and(|number| number > most);
    if spec.text("completionMode") == "Indexed"
        && above("completions", INDEXES_MAX)
        && above("parallelism", MANY)
        && spec.version().has(JOB_NAMES_WARNED_OF)
    {
        warned.push(format!(
            "{}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, \
             Kubernetes might not be able to track completedIndexes when a big number of indexes fail",
            spec.path
        ));
    }
    warnings::spec_of_template(spec.child("template"), &mut warned);
    warned
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

fn state(object: &Value, _: Print) -> Value {
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
