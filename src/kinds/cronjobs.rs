//! Cron jobs (`pkg/apis/batch/v1/defaults.go`, `pkg/registry/batch/cronjob`, `pkg/apis/batch/validation`).

use super::columns::{AGE, NAME, Print, containers, count, labels, or, since, text, with};
use super::field::Field;
use super::jobs;
use super::parts::schedule::{self, Schedule};
use super::parts::selector;
use super::parts::strategy::{count_changes, spec_and_status};
use super::pod::{defaults, warnings};
use super::{Kind, When};
use crate::api::differences::{
    CRON_JOBS_COUNTED, SCHEDULES_OR_ZONE, SCHEDULES_WITHOUT_ZONE, TIME_ZONE_SHOWN, ZONE_PARTS_CHECKED,
    ZONES_WARNED_OF,
};
use crate::api::{Dig, Errors, Version};
use crate::json::{Value, json};

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
    warn,
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
    validate_schedule(spec, old);
    validate_zone(spec.child("timeZone"));
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

fn validate_schedule(spec: Field<'_>, old: Option<&Value>) {
    let (schedule, version) = (spec.child("schedule"), spec.version());
    let text = schedule.text("");
    if text.is_empty() {
        return schedule.required("");
    }
    if let Err(wrong) = Schedule::parse(text) {
        schedule.invalid(wrong);
    }
    let names_zone = |text: &str| text.contains("TZ");
    let kept = old.is_some_and(|old| names_zone(old.text("schedule")));
    if !names_zone(text) {
    } else if version.has(SCHEDULES_WITHOUT_ZONE) && !kept {
        schedule.invalid("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    } else if version.has(SCHEDULES_OR_ZONE) && spec.has("timeZone") {
        schedule.invalid("cannot use both timeZone field and TZ or CRON_TZ in schedule");
    }
}

fn validate_zone(zone: Field<'_>) {
    let name = zone.text("");
    if zone.is_null() {
        return;
    }
    if name.is_empty() {
        return zone.invalid("timeZone must be nil or non-empty string");
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
    let odd = |part: &str| {
        matches!(part, "" | "." | "..") || part.starts_with('-') || part.len() > 14 || !part.chars().all(fits)
    };
    if zone.version().has(ZONE_PARTS_CHECKED) && name.split('/').any(odd) {
        return zone.invalid(format_args!("unknown time zone {name}"));
    }
    if name.eq_ignore_ascii_case("Local") {
        zone.invalid("timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    }
    if let Err(why) = schedule::zone(name) {
        zone.invalid(why);
    }
}

fn warn(object: &Value, when: When<'_>, version: Version) -> Vec<String> {
    let mut warned = Vec::new();
    if when == When::Created {
        warned.extend(warnings::name_of_pods(object, version));
    }
    if when.is_of_spec(object) {
        let errors = Errors::new(version);
        warned.extend(jobs::spec_warnings(Field::of(object, &errors).child("spec.jobTemplate.spec")));
    }
    if when != When::Arrived && object.text("spec.schedule").contains("TZ") && version.has(ZONES_WARNED_OF) {
        warned.push(format!(
            "CRON_TZ or TZ used in {} is not officially supported, see \
             https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details",
            "spec.spec.schedule"
        ));
    }
    warned
}

fn last_schedule(object: &Value, print: Print) -> Value {
    match object.text("status.lastScheduleTime") {
        "" => "<none>".into(),
        at => since(at, print).into(),
    }
}
