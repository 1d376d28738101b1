//! Jobs and cron jobs.

use super::super::Ctx;
use super::super::error::Done;
use super::text::{Text, or, or_none, or_unset, selector, time, yes_no};
use super::{pod, workload};
use crate::api::{Dig, human};
use crate::json::Value;

/// A job.
pub(super) fn job(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    let new = !ctx.old();
    text.namespace(object);
    text.field("Selector", selector(object.at("spec.selector.matchLabels")));
    text.metadata(object);
    pod::controlled_by(text, object);
    text.field("Parallelism", or_unset(object.at("spec.parallelism")));
    text.field("Completions", or_unset(object.at("spec.completions")));
    if new {
        let details = [
            ("Completion Mode", "spec.completionMode"),
            ("Suspend", "spec.suspend"),
            ("Backoff Limit", "spec.backoffLimit"),
            ("TTL Seconds After Finished", "spec.ttlSecondsAfterFinished"),
        ];
        text.present(object, &details);
    }
    let (start, end) = (object.text("status.startTime"), object.text("status.completionTime"));
    for (label, at) in [("Start Time", start), ("Completed At", end)].iter().filter(|(_, at)| !at.is_empty())
    {
        text.field(label, time(at));
    }
    if let (Ok(start), Ok(end)) = (start.parse::<jiff::Timestamp>(), end.parse::<jiff::Timestamp>()) {
        text.field("Duration", human(end.as_second() - start.as_second()));
    }
    if object.has("spec.activeDeadlineSeconds") {
        let seconds = object.number("spec.activeDeadlineSeconds");
        text.field("Active Deadline Seconds", format_args!("{seconds}s"));
    }
    let [active, ready, succeeded, failed] =
        ["active", "ready", "succeeded", "failed"].map(|count| object.number(&format!("status.{count}")));
    let running = if new { format!("{active} Active ({ready} Ready)") } else { format!("{active} Running") };
    text.field("Pods Statuses", format_args!("{running} / {succeeded} Succeeded / {failed} Failed"));
    workload::template(ctx, text, object.at("spec.template"));
    Ok(())
}

/// A cron job.
pub(super) fn cron_job(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    text.metadata(object);
    text.field("Schedule", object.text("spec.schedule"));
    text.field("Concurrency Policy", object.text("spec.concurrencyPolicy"));
    text.field("Suspend", yes_no(object.flag("spec.suspend")));
    if !ctx.old() {
        text.field("Time Zone", or_unset(object.at("spec.timeZone")));
    }
    text.field("Successful Job History Limit", or_unset(object.at("spec.successfulJobsHistoryLimit")));
    text.field("Failed Job History Limit", or_unset(object.at("spec.failedJobsHistoryLimit")));
    let deadline = object.at("spec.startingDeadlineSeconds").as_i64().map(|seconds| format!("{seconds}s"));
    text.field("Starting Deadline Seconds", or(deadline.unwrap_or_default(), "<unset>"));
    let job = object.at("spec.jobTemplate.spec");
    let chosen = job.has("selector").then(|| selector(job.at("selector.matchLabels")));
    text.field("Selector", chosen.as_deref().unwrap_or("<unset>"));
    text.field("Parallelism", or_unset(job.at("parallelism")));
    text.field("Completions", or_unset(job.at("completions")));
    workload::template(ctx, text, job.at("template"));
    text.field("Last Schedule Time", time(object.text("status.lastScheduleTime")));
    let active: Vec<&str> = object.list("status.active").iter().map(|job| job.text("name")).collect();
    text.field("Active Jobs", or_none(active.join(", ")));
    Ok(())
}
