//! Jobs, cron jobs, daemon sets.

use super::super::Ctx;
use super::super::error::Done;
use super::super::mapping::Mapping;
use super::super::print::human;
use super::super::send::query;
use super::workload::template;
use super::{Text, chunk, events, pod, selector, time};
use crate::api::Dig;
use serde_json::Value;

fn number(object: &Value, path: &str) -> i64 {
    object.at(path).as_i64().unwrap_or_default()
}

fn or_unset(value: &Value) -> String {
    match value {
        Value::Null => "<unset>".to_owned(),
        value => value.shown(),
    }
}

fn or_none(text: String) -> String {
    if text.is_empty() { "<none>".to_owned() } else { text }
}

/// A job.
pub(super) fn job(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let new = !ctx.old();
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.field(0, "Namespace", object.namespace());
    text.field(0, "Selector", selector(object.at("spec.selector.matchLabels")));
    text.labels(object);
    text.annotations(object);
    if let Some(owner) = pod::controller(object) {
        text.field(0, "Controlled By", owner);
    }
    text.field(0, "Parallelism", or_unset(object.at("spec.parallelism")));
    text.field(0, "Completions", or_unset(object.at("spec.completions")));
    let details = [
        ("Completion Mode", "spec.completionMode"),
        ("Suspend", "spec.suspend"),
        ("Backoff Limit", "spec.backoffLimit"),
        ("TTL Seconds After Finished", "spec.ttlSecondsAfterFinished"),
    ];
    for (label, field) in details.iter().filter(|(_, field)| new && object.has(field)) {
        text.field(0, label, or_unset(object.at(field)));
    }
    let (start, end) = (object.text("status.startTime"), object.text("status.completionTime"));
    for (label, at) in [("Start Time", start), ("Completed At", end)].iter().filter(|(_, at)| !at.is_empty())
    {
        text.field(0, label, time(at));
    }
    if let (Ok(start), Ok(end)) = (start.parse::<jiff::Timestamp>(), end.parse::<jiff::Timestamp>()) {
        text.field(0, "Duration", human(end.as_second() - start.as_second()));
    }
    if object.has("spec.activeDeadlineSeconds") {
        text.field(
            0,
            "Active Deadline Seconds",
            format!("{}s", number(object, "spec.activeDeadlineSeconds")),
        );
    }
    let active = number(object, "status.active");
    let running = match new {
        true => format!("{active} Active ({} Ready)", number(object, "status.ready")),
        false => format!("{active} Running"),
    };
    let (succeeded, failed) = (number(object, "status.succeeded"), number(object, "status.failed"));
    text.field(0, "Pods Statuses", format!("{running} / {succeeded} Succeeded / {failed} Failed"));
    template(ctx, &mut text, object.at("spec.template"));
    events(ctx, &mut text, object, "Job");
    Ok(text)
}

/// A cron job.
pub(super) fn cron_job(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.field(0, "Namespace", object.namespace());
    text.labels(object);
    text.annotations(object);
    text.field(0, "Schedule", object.text("spec.schedule"));
    text.field(0, "Concurrency Policy", object.text("spec.concurrencyPolicy"));
    text.field(0, "Suspend", if object.flag("spec.suspend") { "True" } else { "False" });
    if !ctx.old() {
        text.field(0, "Time Zone", or_unset(object.at("spec.timeZone")));
    }
    text.field(0, "Successful Job History Limit", or_unset(object.at("spec.successfulJobsHistoryLimit")));
    text.field(0, "Failed Job History Limit", or_unset(object.at("spec.failedJobsHistoryLimit")));
    let deadline = object.at("spec.startingDeadlineSeconds").as_i64();
    text.field(
        0,
        "Starting Deadline Seconds",
        deadline.map_or_else(|| "<unset>".to_owned(), |seconds| format!("{seconds}s")),
    );
    let job = object.at("spec.jobTemplate.spec");
    let chosen = match job.has("selector") {
        true => selector(job.at("selector.matchLabels")),
        false => "<unset>".to_owned(),
    };
    text.field(0, "Selector", chosen);
    text.field(0, "Parallelism", or_unset(job.at("parallelism")));
    text.field(0, "Completions", or_unset(job.at("completions")));
    template(ctx, &mut text, job.at("template"));
    match object.text("status.lastScheduleTime") {
        "" => text.field(0, "Last Schedule Time", "<unset>"),
        at => text.field(0, "Last Schedule Time", time(at)),
    }
    let active: Vec<&str> = object.list("status.active").iter().map(|job| job.text("name")).collect();
    text.field(0, "Active Jobs", or_none(active.join(", ")));
    events(ctx, &mut text, object, "CronJob");
    Ok(text)
}

/// A daemon set.
pub(super) fn daemon_set(ctx: &mut Ctx<'_>, _: &Mapping, object: &Value) -> Done<Text> {
    let labels = selector(object.at("spec.selector.matchLabels"));
    let path = format!("/api/v1/namespaces/{}/pods", object.namespace());
    let pods = ctx.fetch(&query(&path, &[("labelSelector", &labels), ("limit", chunk(ctx))]));
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    if !ctx.old() {
        text.field(0, "Namespace", object.namespace());
    }
    text.field(0, "Selector", labels);
    text.field(0, "Node-Selector", or_none(selector(object.at("spec.template.spec.nodeSelector"))));
    text.labels(object);
    text.annotations(object);
    let counts = [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ];
    for (label, field) in counts {
        text.line(0, format!("{label}: {}", number(object, &format!("status.{field}"))));
    }
    match pods {
        Ok(pods) => {
            let mine = |p: &&Value| {
                let mut owners = p.list("metadata.ownerReferences").iter();
                owners.any(|owner| owner.flag("controller") && owner.text("uid") == object.uid())
            };
            let count = |phase: &str| {
                pods.list("items").iter().filter(mine).filter(|p| p.text("status.phase") == phase).count()
            };
            let (running, waiting) = (count("Running"), count("Pending"));
            let (succeeded, failed) = (count("Succeeded"), count("Failed"));
            text.field(
                0,
                "Pods Status",
                format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed"),
            );
        }
        Err(failure) => {
            text.field(0, "Pods Status", format!("error in fetching pods: {}", failure.message()));
        }
    }
    template(ctx, &mut text, object.at("spec.template"));
    events(ctx, &mut text, object, "DaemonSet");
    Ok(text)
}
