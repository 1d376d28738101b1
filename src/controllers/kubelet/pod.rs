//! One pod on its node, from its binding to its end (`pkg/kubelet/kubelet.go`, `volumemanager`, `token`).

use super::super::{Call, Cx, Plan, calls};
use super::faults::{self, Fault};
use super::sources::{self, Need, Source};
use super::status::{self, State};
use super::{ahead, by, by_clock_of, ends, node_of, number};
use crate::api::{Dig, Response, time};
use crate::json::{Value, json};
use crate::store::Key;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How long a container takes to start.
const STARTING: SignedDuration = SignedDuration::from_secs(1);
/// When a kubelet looks at what it has fetched.
const LOOK: SignedDuration = SignedDuration::from_secs(1);
/// How often a kubelet looks at each pod (`syncFrequency`): no token is fetched more often.
const SYNC: SignedDuration = SignedDuration::from_secs(60);
/// When a kubelet tries again to make a container that it could not make, at first and at most.
const RETRY: SignedDuration = SignedDuration::from_secs(10);
const LONGEST_RETRY: SignedDuration = SignedDuration::from_secs(300);
/// How long a pod takes to end, if its grace period is not shorter.
const ENDING: SignedDuration = SignedDuration::from_secs(1);

pub(super) fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(pod) = cx.cache.of(key).cloned() else { return plan };
    let mut cx = by_clock_of(node_of(&pod), cx);
    if number(cx.config, node_of(&pod)).is_none() {
        return plan;
    }
    if pod.has("metadata.deletionTimestamp") {
        end(&cx, &mut plan, &pod);
        return plan;
    }
    match pod.text("status.phase") {
        "Succeeded" | "Failed" => return plan,
        "Running" => run(&cx, &mut plan, &pod),
        _ => start(&mut cx, &mut plan, &pod),
    }
    plan
}

fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Since when a kubelet knows of a pod.
fn started(cx: &Cx<'_>, pod: &Value) -> String {
    match pod.text("status.startTime") {
        "" => time(cx.now),
        given => given.to_owned(),
    }
}

/// A deleted pod ends, its last status is told, and then its object goes (`SyncTerminatingPod`, `SyncTerminatedPod`).
fn end(cx: &Cx<'_>, plan: &mut Plan, pod: &Value) {
    let grace = SignedDuration::from_secs(calls::number(pod, "metadata.deletionGracePeriodSeconds"));
    // It counts from when it hears of the deletion, which the API server's clock tells here.
    let at = instant(pod.text("metadata.deletionTimestamp")).map(|at| at + ahead(cx, node_of(pod)));
    let due = at.unwrap_or(cx.now) - grace + grace.min(ENDING);
    if cx.now < due {
        plan.go_on_after(due.duration_since(cx.now));
        return;
    }
    let is_stopped = pod.list("status.containerStatuses").iter().all(|status| status.has("state.terminated"));
    if !is_stopped || !pod.has("status.containerStatuses") {
        tell(cx, plan, pod, &started(cx, pod), State::Stopped(cx.now));
    }
    // Its grace is over already, and other finalizers hold it.
    if grace.is_zero() && !pod.list("metadata.finalizers").is_empty() {
        return;
    }
    let gone = calls::delete_with("pods", pod, &json!({"gracePeriodSeconds": 0}));
    plan.requests.push(by(node_of(pod), gone));
}

/// Tells that a pod is being made, fetches what it mounts, and starts it.
fn start(cx: &mut Cx<'_>, plan: &mut Plan, pod: &Value) {
    let started = started(cx, pod);
    if pod.text("status.startTime").is_empty() {
        tell(cx, plan, pod, &started, State::Creating);
    }
    fetch(cx, plan, pod);
    let due = instant(&started).unwrap_or(cx.now) + STARTING;
    // A longer wait is none: the clock was put back meanwhile.
    let starts = (SignedDuration::from_nanos(1)..=STARTING).contains(&due.duration_since(cx.now));
    if plan.requests.iter().any(|call| is_awaited(cx, call)) || starts {
        // A refusal of what is mounted ends the plan before this, and the pod is tried again later.
        plan.go_on_after(due.duration_since(cx.now).clamp(SignedDuration::from_millis(1), STARTING));
        return;
    }
    let faults = faults::of(cx, pod);
    if !faults.is_empty() && faults::are_told(pod, &faults) {
        retry(cx, plan, pod, &faults);
        return;
    }
    let state = match faults.as_slice() {
        [] => State::Running(cx.now),
        faults => State::Held(faults, cx.now),
    };
    let told = tell(cx, plan, pod, &started, state);
    for status in told.list("containerStatuses").iter().filter(|status| status.has("state.running")) {
        let name = status.text("name");
        if !status::former(pod, "containerStatuses", name).has("state.running") {
            say(cx, plan, pod, ("Normal", "Started"), &format!("Started container {name}"));
        }
    }
    if !faults.is_empty() {
        complain(cx, plan, pod, &faults);
        plan.look_again_before(RETRY);
    }
}

/// Whether nothing can be said of a pod before this answer has come: a refusal that stays is no longer awaited.
fn is_awaited(cx: &Cx<'_>, call: &Call) -> bool {
    let Some(place) = &call.keep else { return false };
    let held = cx.mounts.get(place);
    !call.optional || held.is_none_or(|held| !faults::is_refusal(held) || faults::is_missing(held))
}

fn say(cx: &mut Cx<'_>, plan: &mut Plan, pod: &Value, (kind, reason): (&str, &str), text: &str) {
    let event = calls::event(cx, "kubelet", pod, kind, reason, text);
    plan.requests.push(Call { optional: true, ..by(node_of(pod), event) });
}

fn complain(cx: &mut Cx<'_>, plan: &mut Plan, pod: &Value, faults: &[Fault]) {
    for fault in faults {
        say(cx, plan, pod, ("Warning", "Failed"), &format!("Error: {}", fault.message));
    }
}

/// Says once more what a pod waits for, after ever longer pauses.
fn retry(cx: &mut Cx<'_>, plan: &mut Plan, pod: &Value, faults: &[Fault]) {
    let said = cx.cache.list("events", pod.namespace()).find(|event| {
        event.text("involvedObject.uid") == pod.uid()
            && event.text("reason") == "Failed"
            && faults.iter().any(|fault| event.text("message").ends_with(&fault.message))
    });
    let last = said.and_then(|event| instant(event.text("lastTimestamp")));
    let count = said.and_then(|event| event.at("count").as_u64()).unwrap_or(1);
    let pause = |count: u64| (RETRY * (1 << count.saturating_sub(1).min(10))).min(LONGEST_RETRY);
    let due = last.map_or(cx.now, |last| last + pause(count));
    if cx.now < due {
        plan.look_again_before(due.duration_since(cx.now));
        return;
    }
    complain(cx, plan, pod, faults);
    plan.look_again_before(pause(count + 1));
}

/// Keeps the mounts of a running pod fresh, and sees its containers end.
fn run(cx: &Cx<'_>, plan: &mut Plan, pod: &Value) {
    fetch(cx, plan, pod);
    let since = pod
        .list("status.containerStatuses")
        .iter()
        .find_map(|status| instant(status.text("state.running.startedAt")));
    let ends = pod
        .list("spec.containers")
        .iter()
        .map(|container| ends::seen(cx, pod, container).map(|(seconds, _)| seconds));
    let longest = ends.collect::<Option<Vec<i64>>>().and_then(|all| all.into_iter().max());
    if let (Some(since), Some(seconds), false) = (since, longest, pod.text("spec.restartPolicy") == "Always")
    {
        let due = since + SignedDuration::from_secs(seconds);
        if cx.now < due {
            plan.look_again_before(due.duration_since(cx.now));
            return;
        }
        tell(cx, plan, pod, pod.text("status.startTime"), State::Ended(since, cx.now));
    }
}

/// Writes the pod's status, and returns it.
fn tell(cx: &Cx<'_>, plan: &mut Plan, pod: &Value, started: &str, state: State<'_>) -> Value {
    let status = status::of(cx, pod, started, state);
    let path = format!("{}/{}/status", calls::path("v1", "pods", pod.namespace()), pod.name());
    let patch = calls::merge(path, &json!({"metadata": {"uid": pod.uid()}, "status": status}));
    plan.requests.push(by(node_of(pod), patch));
    status
}

/// Asks for what is not there yet, has changed, or expires soon.
fn fetch(cx: &Cx<'_>, plan: &mut Plan, pod: &Value) {
    let mut due: Option<SignedDuration> = None;
    for source in sources::of(pod) {
        let place = (pod.uid().to_owned(), source.place.clone());
        let wait = match cx.mounts.get(&place) {
            None => SignedDuration::ZERO,
            Some(held) => freshness(cx, pod, &source, held),
        };
        if wait > SignedDuration::ZERO {
            due = Some(due.map_or(wait, |due| due.min(wait)));
        } else if !is_vain(cx, pod, &source) {
            // How long a token lasts is known once it is there.
            if source.is_token() {
                due = Some(due.map_or(LOOK, |due| due.min(LOOK)));
            }
            let call = by(node_of(pod), source.request(pod));
            plan.requests.push(Call { optional: source.need < Need::Pod, keep: Some(place), ..call });
        }
    }
    if let Some(due) = due.filter(|due| *due < SignedDuration::MAX) {
        plan.look_again_before(due);
    }
}

/// An optional object that isn't there need not be asked for.
fn is_vain(cx: &Cx<'_>, pod: &Value, source: &Source) -> bool {
    let there = source
        .object()
        .is_none_or(|(resource, name)| cx.cache.get(resource, pod.namespace(), name).is_some());
    source.need == Need::Nothing && !there
}

/// How long what is held may still be used: a token for 80% of its life, or a day; an object until it changes.
///
/// The API server says when a token ends, and the kubelet's clock when that is near.
fn freshness(cx: &Cx<'_>, pod: &Value, source: &Source, held: &Arc<Value>) -> SignedDuration {
    if let Some((resource, name)) = source.object() {
        let stored = cx.cache.get(resource, pod.namespace(), name);
        let changed = stored.is_some_and(|stored| {
            stored.text("metadata.resourceVersion") != held.text("metadata.resourceVersion")
        });
        return if changed { SignedDuration::ZERO } else { SignedDuration::MAX };
    }
    let seconds = held.at("spec.expirationSeconds").as_i64().unwrap_or(3600);
    let Some(expires) = instant(held.text("status.expirationTimestamp")) else { return SignedDuration::MAX };
    let issued = expires - SignedDuration::from_secs(seconds);
    let due = issued + SignedDuration::from_secs((seconds * 8 / 10).min(24 * 3600));
    let fetched = issued + ahead(cx, node_of(pod));
    due.max(fetched + SYNC).duration_since(cx.now).max(SignedDuration::ZERO)
}

/// Something was refused: an event says what the pod waits for.
pub(super) fn refused(cx: Cx<'_>, key: &Key, response: &Response) -> Plan {
    let mut plan = Plan::default();
    let Some(pod) = cx.cache.of(key).cloned() else { return plan };
    let mut cx = by_clock_of(node_of(&pod), cx);
    if &*key.resource != "pods" || pod.text("status.phase") == "Running" {
        return plan;
    }
    let status = response.object();
    let asked = (status.text("details.kind"), status.text("details.name"));
    let wanted = sources::of(&pod);
    let mut mounted = wanted.iter().filter(|source| source.need == Need::Pod);
    let of_object = mounted.clone().find(|source| source.object() == Some(asked));
    let of_token = || mounted.find(|source| source.is_token() && asked.0 != "pods");
    let Some(source) = of_object.or_else(of_token) else { return plan };
    let why = match source.object() {
        Some((_, name)) if response.code == 404 => format!("{} \"{name}\" not found", source.kind()),
        Some(_) => format!("failed to sync {} cache: timed out waiting for the condition", source.kind()),
        None => format!("failed to fetch token: {}", status.text("message")),
    };
    let text = format!("MountVolume.SetUp failed for volume \"{}\" : {why}", source.volume);
    say(&mut cx, &mut plan, &pod, ("Warning", "FailedMount"), &text);
    plan
}
