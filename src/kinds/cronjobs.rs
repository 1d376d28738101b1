//! Cron jobs (`pkg/apis/batch/v1/defaults.go`, `pkg/registry/batch/cronjob`, `pkg/apis/batch/validation`).
//!
//! # Differs from Kubernetes
//!
//! Of a schedule the number of its fields is checked, and the characters in them.

use super::Kind;
use super::columns::{Columns, Print, age, containers, labels, or, since, text};
use super::jobs;
use super::parts::checks::{nonnegative, one_of};
use super::parts::selector;
use super::parts::strategy::{count_changes, spec_and_status};
use super::pod::defaults;
use crate::api::Path;
use crate::api::differences::{CRON_JOBS_COUNTED, TIME_ZONE_SHOWN};
use crate::api::field::Errors;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::{Value, json};

/// What a name leaves room for: eleven characters follow in a job's name.
const NAME_MAX: usize = 63 - 11;

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
    validate: |object, errors| {
        validate(object.at("spec"), None, errors);
        if object.name().len() > NAME_MAX {
            let detail = format!("must be no more than {NAME_MAX} characters");
            errors.invalid("metadata.name", object.name(), detail);
        }
    },
    whole_update: false,
    validate_update: |new, old, subresource, errors| {
        if subresource.is_empty() {
            validate(new.at("spec"), Some(old.at("spec")), errors);
        }
    },
    columns: &[
        Columns::new("Name|Schedule|Suspend|Active#|Last Schedule|Age|Containers*|Images*|Selector*", row)
            .until(TIME_ZONE_SHOWN),
        Columns::new(
            "Name|Schedule|Timezone|Suspend|Active#|Last Schedule|Age|Containers*|Images*|Selector*",
            row,
        )
        .since(TIME_ZONE_SHOWN),
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

fn validate(spec: &Value, old: Option<&Value>, errors: &mut Errors) {
    let path = Path::new("spec");
    let schedule = spec.text("schedule");
    match (schedule, wrong_schedule(schedule)) {
        ("", _) => errors.required(path.child("schedule"), ""),
        (_, Some(wrong)) => errors.invalid(path.child("schedule"), schedule, wrong),
        (_, None) => {}
    }
    nonnegative(spec, &path, "startingDeadlineSeconds", errors);
    one_of(spec, &path, "concurrencyPolicy", &["Allow", "Forbid", "Replace"], errors);
    let template = path.child("jobTemplate");
    let (job, at) = (spec.at("jobTemplate.spec"), template.child("spec"));
    let old = old.map(|spec| spec.at("jobTemplate.spec"));
    jobs::validate_template(job, old, &at, errors);
    if job.has("selector") {
        let detail = "`selector` will be auto-generated";
        selector::invalid(job.at("selector"), &at.child("selector"), detail, errors);
    }
    if job.flag("manualSelector") {
        errors.not_supported(at.child("manualSelector"), true, &["nil", "false"]);
    }
    nonnegative(spec, &path, "successfulJobsHistoryLimit", errors);
    nonnegative(spec, &path, "failedJobsHistoryLimit", errors);
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

fn row(object: &Value, print: Print) -> Vec<Value> {
    let last = match object.text("status.lastScheduleTime") {
        "" => "<none>".to_owned(),
        at => since(at, print),
    };
    let suspend = if object.flag("spec.suspend") { "True" } else { "False" };
    let mut cells = vec![
        object.name().into(),
        text(object, "spec.schedule"),
        suspend.into(),
        json!(object.list("status.active").len()),
        last.into(),
        age(object, print),
    ];
    if print.version.has(TIME_ZONE_SHOWN) {
        cells.insert(2, or(object, "spec.timeZone", "<none>"));
    }
    cells.extend(containers(object.at("spec.jobTemplate.spec.template.spec")));
    cells.push(labels(object.at("spec.jobTemplate.spec.selector")).into());
    cells
}
