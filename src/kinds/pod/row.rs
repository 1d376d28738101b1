//! What people see of a pod: its state in one word.

use crate::api::Dig;
use crate::api::differences::LAST_RESTART_SHOWN;
use crate::kinds::columns::{Print, age, count, or, since};
use serde_json::{Value, json};

/// What the containers' states say of a pod.
struct Summary {
    reason: String,
    ready: usize,
    restarts: i64,
    /// When the last restart was, RFC 3339.
    last_restart: String,
}

pub(super) fn row(pod: &Value, print: Print) -> Vec<Value> {
    let summary = summary(pod);
    let restarts = match (!print.version.has(LAST_RESTART_SHOWN), summary.last_restart.as_str()) {
        (true, _) => json!(summary.restarts),
        (false, at) if summary.restarts > 0 && !at.is_empty() => {
            json!(format!("{} ({} ago)", summary.restarts, since(at, print)))
        }
        (false, _) => json!(summary.restarts.to_string()),
    };
    let gates = pod.list("spec.readinessGates");
    let open = gates.iter().filter(|gate| condition(pod, gate.text("conditionType")) == Some("True")).count();
    let gates = if gates.is_empty() { "<none>".to_owned() } else { format!("{open}/{}", gates.len()) };
    let total = pod.list("spec.containers").len() + sidecars(pod).count();
    vec![
        pod.name().into(),
        format!("{}/{total}", summary.ready).into(),
        summary.reason.into(),
        restarts,
        age(pod, print),
        or(pod, "status.podIP", "<none>"),
        or(pod, "spec.nodeName", "<none>"),
        or(pod, "status.nominatedNodeName", "<none>"),
        gates.into(),
    ]
}

fn condition<'a>(pod: &'a Value, kind: &str) -> Option<&'a str> {
    pod.list("status.conditions").iter().find(|c| c.text("type") == kind).map(|c| c.text("status"))
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
    match (terminated.text("reason"), count(terminated, "signal")) {
        ("", 0) => format!("ExitCode:{}", count(terminated, "exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

fn restarted(status: &Value, summary: &mut Summary) {
    summary.restarts += count(status, "restartCount");
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
        if state.has("terminated") && count(state, "terminated.exitCode") == 0 {
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
        let ready = condition(pod, "Ready") == Some("True");
        summary.reason = if ready { "Running" } else { "NotReady" }.to_owned();
    }
}
