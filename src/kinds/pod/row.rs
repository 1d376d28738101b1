//! What people see of a pod: its state in one word.

use crate::api::Dig;
use crate::api::differences::LAST_RESTART_SHOWN;
use crate::json::Value;
use crate::kinds::columns::{Print, condition, number, since};

/// What the containers' states say of a pod.
struct Summary {
    reason: String,
    ready: usize,
    restarts: i64,
    /// When the last restart was, RFC 3339.
    last_restart: String,
}

/// Ready containers, and all of them.
pub(super) fn ready(pod: &Value) -> Value {
    let total = pod.list("spec.containers").len() + sidecars(pod).count();
    format!("{}/{total}", summary(pod).ready).into()
}

/// The state in one word.
pub(super) fn status(pod: &Value) -> Value {
    summary(pod).reason.into()
}

/// How often containers were restarted, and from 1.22 on when last.
pub(super) fn restarts(pod: &Value, print: Print) -> Value {
    let summary = summary(pod);
    match (!print.version.has(LAST_RESTART_SHOWN), summary.last_restart.as_str()) {
        (true, _) => summary.restarts.into(),
        (false, at) if summary.restarts > 0 && !at.is_empty() => {
            format!("{} ({} ago)", summary.restarts, since(at, print)).into()
        }
        (false, _) => summary.restarts.to_string().into(),
    }
}

/// Readiness gates that are open, and all of them.
pub(super) fn gates(pod: &Value) -> Value {
    let gates = pod.list("spec.readinessGates");
    let open = |gate: &&Value| is(pod, gate.text("conditionType"));
    match gates {
        [] => "<none>".into(),
        gates => format!("{}/{}", gates.iter().filter(open).count(), gates.len()).into(),
    }
}

fn is(pod: &Value, kind: &str) -> bool {
    condition(pod, "status.conditions", kind) == Some("True")
}

/// Init containers that go on running.
fn sidecars(pod: &Value) -> impl Iterator<Item = &str> {
    pod.list("spec.initContainers")
        .iter()
        .filter(|c| c.text("restartPolicy") == "Always")
        .map(|c| c.text("name"))
}

fn summary(pod: &Value) -> Summary {
    let mut summary = Summary {
        reason: pod.text("status.phase").to_owned(),
        ready: 0,
        restarts: 0,
        last_restart: String::new(),
    };
    if !pod.text("status.reason").is_empty() {
        summary.reason = pod.text("status.reason").to_owned();
    }
    if pod.list("status.conditions").iter().any(|c| c.text("reason") == "SchedulingGated") {
        summary.reason = "SchedulingGated".to_owned();
    }
    if !initializing(pod, &mut summary) {
        running(pod, &mut summary);
    }
    if pod.has("metadata.deletionTimestamp") {
        let lost = pod.text("status.reason") == "NodeLost";
        let over = matches!(pod.text("status.phase"), "Succeeded" | "Failed");
        match (lost, over) {
            (true, _) => summary.reason = "Unknown".to_owned(),
            (false, false) => summary.reason = "Terminating".to_owned(),
            (false, true) => {}
        }
    }
    summary
}

/// A word for a container that ended.
fn ended(state: &Value) -> String {
    let terminated = state.at("terminated");
    match (terminated.text("reason"), number(terminated, "signal")) {
        ("", 0) => format!("ExitCode:{}", number(terminated, "exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

fn restarted(status: &Value, summary: &mut Summary) {
    summary.restarts += number(status, "restartCount");
    let at = status.text("lastState.terminated.finishedAt");
    // RFC 3339 in one time zone sorts as text.
    if at > summary.last_restart.as_str() {
        summary.last_restart = at.to_owned();
    }
}

/// Whether the pod is still at its init containers.
fn initializing(pod: &Value, summary: &mut Summary) -> bool {
    let total = pod.list("spec.initContainers").len();
    for (i, status) in pod.list("status.initContainerStatuses").iter().enumerate() {
        restarted(status, summary);
        let state = status.at("state");
        let sidecar = sidecars(pod).any(|name| name == status.text("name"));
        if state.has("terminated") && number(state, "terminated.exitCode") == 0 {
            continue;
        }
        if sidecar && status.flag("started") {
            summary.ready += usize::from(status.flag("ready"));
            continue;
        }
        let waiting = state.text("waiting.reason");
        summary.reason = match state.has("terminated") {
            true => format!("Init:{}", ended(state)),
            false if !matches!(waiting, "" | "PodInitializing") => format!("Init:{waiting}"),
            false => format!("Init:{i}/{total}"),
        };
        return true;
    }
    false
}

fn running(pod: &Value, summary: &mut Summary) {
    if sidecars(pod).next().is_none() {
        summary.restarts = 0;
        summary.last_restart.clear();
    }
    let mut any = false;
    for status in pod.list("status.containerStatuses").iter().rev() {
        restarted(status, summary);
        let state = status.at("state");
        match state.text("waiting.reason") {
            "" if state.has("terminated") => summary.reason = ended(state),
            "" if status.flag("ready") && state.has("running") => {
                any = true;
                summary.ready += 1;
            }
            "" => {}
            waiting => summary.reason = waiting.to_owned(),
        }
    }
    if summary.reason == "Completed" && any {
        let ready = is(pod, "Ready");
        summary.reason = if ready { "Running" } else { "NotReady" }.to_owned();
    }
}
