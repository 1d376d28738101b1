//! A job runs pods until enough of them have succeeded (`pkg/controller/job`), and goes some time after, if it says so
//! (`pkg/controller/ttlafterfinished`).
//!
//! Differs from Kubernetes: pods have no tracking finalizer and no index, and policies for single failures are not read.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::differences::{JOB_SUCCESS_REASONS, JOBS_BY_FINALIZERS, POD_REPLACEMENT, READY_PODS_OF_JOBS};
use crate::api::{Dig, time};
use crate::json::{Value, json};
use crate::store::Key;
use jiff::{SignedDuration, Timestamp};

const RESOURCE: &str = "jobs.batch";
const COMPONENT: &str = "job-controller";

/// The job controller.
pub(super) const CONTROLLER: Controller = Controller {
    refused: |cx, key, response| calls::pod_refused(cx, key, response, COMPONENT),
    ..Controller::new(
        COMPONENT,
        ActsAs::Account("job-controller"),
        |event, objects| calls::wakes(event, objects, "Job", RESOURCE, "pods"),
        reconcile,
    )
};

/// The controller that deletes jobs that are done.
pub(super) const TTL: Controller = Controller::new(
    "ttl-after-finished-controller",
    ActsAs::Account("ttl-after-finished-controller"),
    |event, _| if &*event.key.resource == RESOURCE { vec![event.key.clone()] } else { Vec::new() },
    expire,
);

fn reconcile(mut cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(job) = cx.cache.of(key).cloned() else { return plan };
    if job.has("metadata.deletionTimestamp") || calls::end_of_job(&job).is_some() || job.flag("spec.suspend")
    {
        return plan;
    }
    let count = |phase: &str| {
        // Differs from Kubernetes, where finalizers hold deleted pods until they are counted: these count neither way.
        let of = |pod: &&std::sync::Arc<Value>| {
            pod.text("status.phase") == phase && !pod.has("metadata.deletionTimestamp")
        };
        i64::try_from(calls::own_pods(cx.cache, &job).filter(of).count()).unwrap_or(i64::MAX)
    };
    let (succeeded, failed) = (count("Succeeded"), count("Failed"));
    let active = calls::living_pods(cx.cache, &job);
    let running = i64::try_from(active.len()).unwrap_or(i64::MAX);
    let parallel = job.at("spec.parallelism").as_i64().unwrap_or(1);
    let wanted = job.at("spec.completions").as_i64();
    let done = wanted.map_or(succeeded > 0 && running == 0, |wanted| succeeded >= wanted);
    let given_up = failed > job.at("spec.backoffLimit").as_i64().unwrap_or(6);
    let mut conditions = job.list("status.conditions").to_vec();
    if done {
        let why = "Reached expected number of succeeded pods";
        match cx.version.has(JOB_SUCCESS_REASONS) {
            true => conditions.extend(
                ["SuccessCriteriaMet", "Complete"]
                    .map(|kind| condition(&cx, kind, "CompletionsReached", why)),
            ),
            false => conditions.push(condition(&cx, "Complete", "", "")),
        }
        plan.try_call(calls::event(&mut cx, COMPONENT, &job, "Normal", "Completed", "Job completed"));
    } else if given_up {
        let why = "Job has reached the specified backoff limit";
        // Since a done job says why it counts as done, one that fails does so, too.
        let target = cx.version.has(JOB_SUCCESS_REASONS).then_some("FailureTarget");
        conditions.extend(
            target
                .into_iter()
                .chain(["Failed"])
                .map(|kind| condition(&cx, kind, "BackoffLimitExceeded", why)),
        );
        active.iter().for_each(|pod| plan.call(calls::delete("pods", pod)));
        plan.try_call(calls::event(&mut cx, COMPONENT, &job, "Warning", "BackoffLimitExceeded", why));
    } else {
        let open = wanted.map_or(if succeeded > 0 { running } else { parallel }, |wanted| {
            parallel.min(wanted - succeeded)
        });
        let lacking = usize::try_from(open - running).unwrap_or_default();
        for _ in 0..calls::burst(&cx, &mut plan, &job, lacking) {
            plan.call_then(calls::create("pods", &calls::pod_of(&job)), |cx, key, response| {
                calls::pod_created(cx, key, response, COMPONENT)
            });
        }
        let extra = active.iter().skip(usize::try_from(open.max(0)).unwrap_or_default());
        for pod in extra.take(calls::BURST) {
            plan.call(calls::delete("pods", pod));
        }
    }
    let mut status = json!({"startTime": match job.text("status.startTime") {
        "" => time(cx.now),
        given => given.to_owned(),
    }});
    let running = if done || given_up { 0 } else { running };
    for (name, count) in [("active", running), ("succeeded", succeeded), ("failed", failed)] {
        if count > 0 {
            status.set(name, count);
        }
    }
    if cx.version.has(JOBS_BY_FINALIZERS) {
        status.set("uncountedTerminatedPods", json!({}));
    }
    if cx.version.has(READY_PODS_OF_JOBS) {
        status.set("ready", active.iter().filter(|pod| calls::is_ready(pod)).count());
    }
    if cx.version.has(POD_REPLACEMENT) {
        status.set("terminating", calls::ending_pods(cx.cache, &job));
    }
    if done {
        status.set("completionTime", time(cx.now));
    }
    if !conditions.is_empty() {
        status.set("conditions", conditions);
    }
    calls::report(&mut plan, "jobs", &job, status);
    plan
}

fn condition(cx: &Cx<'_>, kind: &str, reason: &str, message: &str) -> Value {
    let now = time(cx.now);
    let mut condition =
        json!({"type": kind, "status": "True", "lastProbeTime": now, "lastTransitionTime": now});
    if !reason.is_empty() {
        condition.set("reason", reason);
        condition.set("message", message);
    }
    condition
}

/// A job that is done goes after its time to live.
fn expire(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(job) = cx.cache.of(key) else { return plan };
    let (Some(end), Some(seconds)) =
        (calls::end_of_job(job), job.at("spec.ttlSecondsAfterFinished").as_i64())
    else {
        return plan;
    };
    if job.has("metadata.deletionTimestamp") || !cx.config.feature("TTLAfterFinished") {
        return plan;
    }
    let ended: Timestamp = end.text("lastTransitionTime").parse().unwrap_or(cx.now);
    let due = ended + SignedDuration::from_secs(seconds);
    if cx.now < due {
        plan.look_again_before(due.duration_since(cx.now));
        return plan;
    }
    plan.call(calls::delete_with("jobs", job, &json!({"propagationPolicy": "Foreground"})));
    plan
}
