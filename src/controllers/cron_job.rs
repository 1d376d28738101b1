//! A cron job makes a job whenever its schedule says so, and deletes those that ended longest ago beyond its history limits
//! (`pkg/controller/cronjob`).

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::differences::CRON_JOBS_COUNTED;
use crate::api::{Dig, Response, time};
use crate::json::{Value, json};
use crate::kinds::parts::schedule::{self, Schedule};
use crate::store::Key;
use jiff::Timestamp;
use std::sync::Arc;

const RESOURCE: &str = "cronjobs.batch";
const COMPONENT: &str = "cronjob-controller";

/// The cron job controller.
pub(super) const CONTROLLER: Controller = Controller::new(
    COMPONENT,
    ActsAs::Account("cronjob-controller"),
    |event, objects| calls::wakes(event, objects, "CronJob", RESOURCE, "jobs.batch"),
    reconcile,
);

fn reconcile(mut cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(cron) = cx.cache.of(key).cloned() else { return plan };
    let mine: Vec<_> = cx
        .cache
        .list("jobs.batch", &key.namespace)
        .filter(|job| calls::is_controlled_by(job, &cron))
        .cloned()
        .collect();
    forget(&mut cx, &mut plan, &cron, &mine);
    let Ok(zone) = schedule::zone(cron.text("spec.timeZone")) else { return plan };
    let Ok(schedule) = Schedule::parse(cron.text("spec.schedule")) else { return plan };
    if cron.has("metadata.deletionTimestamp") || cron.flag("spec.suspend") {
        return plan;
    }
    let finished = |job: &Value| calls::end_of_job(job).is_some();
    let active: Vec<_> = mine.iter().filter(|job| !finished(job)).collect();
    let since = match cron.text("status.lastScheduleTime") {
        "" => cron.text("metadata.creationTimestamp"),
        last => last,
    };
    let mut due = None;
    let mut next = since.parse().ok().and_then(|since| schedule.after(since, &zone));
    // The last time that has come counts; a schedule that was missed for long is not made up for.
    for _ in 0..100 {
        let Some(at) = next.filter(|at| *at <= cx.now) else { break };
        due = Some(at);
        next = schedule.after(at, &zone);
    }
    if let Some(at) = due {
        let policy = cron.text("spec.concurrencyPolicy");
        if policy == "Replace" {
            active.iter().for_each(|job| plan.call(calls::delete("jobs", job)));
        }
        if policy != "Forbid" || active.is_empty() {
            plan.call_then(calls::create("jobs", &job(&cx, &cron, at)), created);
        }
    }
    let mut status = cron.at("status").clone();
    if !status.is_object() {
        status = json!({});
    }
    if let Some(at) = due {
        status.set("lastScheduleTime", time(at));
    }
    let references: Vec<Value> = active
        .iter()
        .map(|job| {
            json!({
                "apiVersion": "batch/v1", "kind": "Job", "name": job.name(), "namespace": job.namespace(),
                "uid": job.uid(), "resourceVersion": job.text("metadata.resourceVersion"),
            })
        })
        .collect();
    let names = |list: &[Value]| list.iter().map(|job| job.text("name").to_owned()).collect::<Vec<_>>();
    if names(&references) != names(status.list("active")) {
        if references.is_empty() { drop(status.take_out("active")) } else { status.set("active", references) }
    }
    if cron.has("status") || status != json!({}) {
        calls::report(&mut plan, "cronjobs", &cron, status);
    }
    if let Some(next) = schedule.after(cx.now, &zone) {
        plan.look_again_before(next.duration_since(cx.now));
    }
    plan
}

/// Deletes the jobs that began longest ago of those that have succeeded, and of those that have failed, beyond how many are kept
/// (`cleanupFinishedJobs`).
fn forget(cx: &mut Cx<'_>, plan: &mut Plan, cron: &Value, jobs: &[Arc<Value>]) {
    for (end, limit) in [("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")] {
        let Some(kept) = cron.at("spec").at(limit).as_i64() else { continue };
        let ended = |job: &&Arc<Value>| calls::end_of_job(job).is_some_and(|by| by.text("type") == end);
        let mut ended: Vec<_> = jobs.iter().filter(ended).collect();
        ended.sort_by_key(|job| (job.text("status.startTime"), job.name()));
        let beyond = ended.len().saturating_sub(usize::try_from(kept).unwrap_or_default());
        for job in ended.into_iter().take(beyond).filter(|job| !job.has("metadata.deletionTimestamp")) {
            plan.call(calls::delete_with("jobs", job, &json!({"propagationPolicy": "Background"})));
            let text = format!("Deleted job {}", job.name());
            plan.try_call(calls::event(cx, COMPONENT, cron, "Normal", "SuccessfulDelete", &text));
        }
    }
}

fn created(cx: Cx<'_>, key: &Key, response: &Response) -> Plan {
    let text = format!("Created job {}", response.object().name());
    calls::told(cx, key, COMPONENT, "Normal", "SuccessfulCreate", &text)
}

fn job(cx: &Cx<'_>, cron: &Value, at: Timestamp) -> Value {
    // Named after the minute since 1.21, after the second before.
    let stamp = if cx.version.has(CRON_JOBS_COUNTED) { at.as_second() / 60 } else { at.as_second() };
    let mut job = calls::of_template("batch/v1", "Job", cron.at("spec.jobTemplate"), cron);
    job.take_out("metadata.finalizers");
    job.set("metadata.name", format!("{}-{stamp}", cron.name()));
    job
}
