//! Cron jobs (`pkg/apis/batch/v1/defaults.go`, `pkg/registry/batch/cronjob`, `pkg/apis/batch/validation`).
//!
//! # Differs from Kubernetes
//!
//! Of a schedule the number of its fields is checked, and the characters in them.

use super::Kind;
use super::columns::{AGE, NAME, Print, containers, count, labels, or, since, text, with};
use super::field::Field;
use super::jobs;
use super::parts::selector;
use super::parts::strategy::{count_changes, spec_and_status};
use super::pod::defaults;
use crate::api::differences::{CRON_JOBS_COUNTED, TIME_ZONE_SHOWN};
use crate::api::{Dig, Version};
use serde_json::{Value, json};

/// What a name leaves room for: eleven characters follow in a job's name.
const NAME_MAX: usize = 63 - 11;

const POD: &str = "spec.jobTemplate.spec.template.spec";

/// The row of cron jobs.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare: |object, old, subresource, version| {
        spec_and_status(object, old, subresource, version);
        if old.is_none() {
            object.set("status", json!({}));
        }
        if version.has(CRON_JOBS_COUNTED) {
            count_changes(object, old, &["spec"]);
        }
    },
    validate: |object| {
        validate(object.child("spec"), None);
        if object.value.name().len() > NAME_MAX {
            let detail = format!("must be no more than {NAME_MAX} characters");
            object.child("metadata.name").invalid(detail);
        }
    },
    whole_update: false,
    validate_update: |new, old, subresource| {
        if subresource.is_empty() {
            validate(new.child("spec"), Some(old.at("spec")));
        }
    },
    columns: &[
        NAME,
        text("Schedule", "spec.schedule"),
        or("Timezone", "spec.timeZone", "<none>").since(TIME_ZONE_SHOWN),
        with("Suspend", |object, _| if object.flag("spec.suspend") { "True" } else { "False" }.into()),
        count("Active", "status.active"),
        with("Last Schedule", last_schedule),
        AGE,
        with("Containers", |object, _| containers(object.at(POD), "name")).wide(),
        with("Images", |object, _| containers(object.at(POD), "image")).wide(),
        labels("Selector", "spec.jobTemplate.spec.selector").wide(),
    ],
    orphans: &["v1beta1"],
    ..Kind::plain("batch", "cronjobs")
};

fn set_defaults(object: &mut Value, version: Version) {
    let spec = object.make("spec");
    defaults::spec(spec.make("jobTemplate.spec.template.spec"), version);
    if spec.text("concurrencyPolicy").is_empty() {
        spec.set("concurrencyPolicy", "Allow");
    }
    spec.set_default("suspend", false);
    spec.set_default("successfulJobsHistoryLimit", 3);
    spec.set_default("failedJobsHistoryLimit", 1);
}

fn validate(spec: Field<'_>, old: Option<&Value>) {
    let schedule = spec.child("schedule");
    match (schedule.text(""), wrong_schedule(schedule.text(""))) {
        ("", _) => schedule.required(""),
        (_, Some(wrong)) => schedule.invalid(wrong),
        (_, None) => {}
    }
    spec.child("startingDeadlineSeconds").nonnegative();
    spec.child("concurrencyPolicy").one_of(&["Allow", "Forbid", "Replace"]);
    let job = spec.child("jobTemplate.spec");
    jobs::validate_template(job, old.map(|spec| spec.at("jobTemplate.spec")));
    if job.has("selector") {
        selector::invalid(job.child("selector"), "`selector` will be auto-generated");
    }
    if job.flag("manualSelector") {
        job.child("manualSelector").not_supported(&["nil", "false"]);
    }
    spec.child("successfulJobsHistoryLimit").nonnegative();
    spec.child("failedJobsHistoryLimit").nonnegative();
}

/// What the parser of schedules says.
fn wrong_schedule(schedule: &str) -> Option<String> {
    const DESCRIPTORS: [&str; 7] =
        ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    if let Some(name) = schedule.strip_prefix('@') {
        let known = DESCRIPTORS.contains(&schedule) || name.starts_with("every ");
        return (!known).then(|| format!("unrecognized descriptor: {schedule}"));
    }
    let zoned = schedule.starts_with("TZ=") || schedule.starts_with("CRON_TZ=");
    let fields: Vec<&str> = schedule.split_whitespace().skip(usize::from(zoned)).collect();
    if fields.len() != 5 {
        let count = fields.len();
        return Some(format!("expected exactly 5 fields, found {count}: [{}]", fields.join(" ")));
    }
    let number = |text: &str| {
        text.bytes().all(|b| b.is_ascii_digit()) || text.bytes().all(|b| b.is_ascii_alphabetic())
    };
    let bad = fields
        .iter()
        .flat_map(|field| field.split([',', '-', '/']))
        .find(|part| !matches!(*part, "*" | "?") && !number(part));
    bad.map(|part| {
        format!("failed to parse int from {part}: strconv.Atoi: parsing \"{part}\": invalid syntax")
    })
}

fn last_schedule(object: &Value, print: Print) -> Value {
    match object.text("status.lastScheduleTime") {
        "" => "<none>".into(),
        at => since(at, print).into(),
    }
}
