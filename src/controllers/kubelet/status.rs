//! What a kubelet tells of a pod (`pkg/kubelet/status`).

use super::super::{Cx, calls};
use super::{ends, host_ip, node_of, number};
use crate::api::Dig;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The state of a pod's containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// They are being made.
    Creating,
    /// They run since then.
    Running(Timestamp),
    /// They ran from then to then.
    Ended(Timestamp, Timestamp),
}

/// The status of a pod in that state.
pub(super) fn of(cx: &Cx<'_>, pod: &Value, started: &str, state: State) -> Value {
    let number = number(cx.config, node_of(pod)).unwrap_or_default();
    let failed = pod
        .list("spec.containers")
        .iter()
        .any(|container| ends::of(container).is_some_and(|(_, code)| code != 0));
    let phase = match state {
        State::Creating => "Pending",
        State::Running(_) => "Running",
        State::Ended(..) if failed => "Failed",
        State::Ended(..) => "Succeeded",
    };
    let mut status = json!({
        "phase": phase, "hostIP": host_ip(number), "startTime": started, "conditions": conditions(cx, pod, state),
        "containerStatuses": containers(pod, "spec.containers", state),
    });
    if cx.version.at_least(28) {
        status.set("hostIPs", json!([{"ip": host_ip(number)}]));
    }
    if state != State::Creating {
        let ip = ip(cx, pod, number);
        status.set("podIPs", json!([{"ip": ip}]));
        status.set("podIP", ip);
    }
    if !pod.list("spec.initContainers").is_empty() {
        let state = match state {
            State::Running(at) | State::Ended(at, _) => State::Ended(at, at),
            State::Creating => State::Creating,
        };
        status.set("initContainerStatuses", containers(pod, "spec.initContainers", state));
    }
    status
}

/// The pod's address: the first of its node that no other pod has.
fn ip(cx: &Cx<'_>, pod: &Value, number: usize) -> String {
    if pod.flag("spec.hostNetwork") {
        return host_ip(number);
    }
    let given = pod.text("status.podIP");
    if !given.is_empty() {
        return given.to_owned();
    }
    let taken: Vec<&str> = cx.cache.all("pods").map(|pod| pod.text("status.podIP")).collect();
    (2..65_000_usize)
        .map(|n| format!("10.{}.{}.{}", 244 + number / 256, number % 256, n))
        .find(|ip| !taken.contains(&ip.as_str()))
        .unwrap_or_default()
}

fn conditions(cx: &Cx<'_>, pod: &Value, state: State) -> Value {
    let ready = match state {
        State::Creating => Some(("ContainersNotReady", unready(pod))),
        State::Running(_) => None,
        State::Ended(..) => Some(("PodCompleted", String::new())),
    };
    let condition = |kind: &str, why: Option<&(&str, String)>| {
        let status = if why.is_none() { "True" } else { "False" };
        let old = pod
            .list("status.conditions")
            .iter()
            .find(|c| c.text("type") == kind && c.text("status") == status);
        let since = old.map_or_else(|| calls::time(cx.now), |old| old.text("lastTransitionTime").to_owned());
        let mut condition =
            json!({"type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": since});
        if let Some((reason, message)) = why {
            condition.set("reason", *reason);
            if !message.is_empty() {
                condition.set("message", message.as_str());
            }
        }
        condition
    };
    let completed = ("PodCompleted", String::new());
    let initialized = if matches!(state, State::Ended(..)) { Some(&completed) } else { None };
    let mut all = Vec::new();
    if cx.version.at_least(29) {
        let bare = ("", String::new());
        let mut sandbox = condition(
            "PodReadyToStartContainers",
            if matches!(state, State::Running(_)) { None } else { Some(&bare) },
        );
        sandbox.take_out("reason");
        all.push(sandbox);
    }
    let mut first = condition("Initialized", None);
    if let Some((reason, _)) = initialized {
        first.set("reason", *reason);
    }
    all.push(first);
    all.push(condition("Ready", ready.as_ref()));
    all.push(condition("ContainersReady", ready.as_ref()));
    all.push(condition("PodScheduled", None));
    Value::Array(all)
}

fn unready(pod: &Value) -> String {
    let names: Vec<&str> =
        pod.list("spec.containers").iter().map(|container| container.text("name")).collect();
    format!("containers with unready status: [{}]", names.join(" "))
}

fn containers(pod: &Value, list: &str, state: State) -> Value {
    let of = |container: &Value| {
        let id = format!("containerd://{}-{}", pod.uid(), container.text("name"));
        let image = container.text("image");
        let (now, id) = match state {
            State::Creating => (json!({"waiting": {"reason": "ContainerCreating"}}), String::new()),
            State::Running(at) => (json!({"running": {"startedAt": calls::time(at)}}), id),
            State::Ended(from, to) => {
                let code = ends::of(container).map_or(0, |(_, code)| code);
                let reason = if code == 0 { "Completed" } else { "Error" };
                let ended = json!({"terminated": {
                    "exitCode": code, "reason": reason, "startedAt": calls::time(from), "finishedAt": calls::time(to),
                    "containerID": id,
                }});
                (ended, id)
            }
        };
        let runs = matches!(state, State::Running(_));
        let mut status = json!({
            "name": container.text("name"), "state": now, "lastState": {}, "ready": runs, "restartCount": 0,
            "image": image, "imageID": "", "started": runs,
        });
        if !id.is_empty() {
            status.set("containerID", id);
            status.set("imageID", image);
        }
        status
    };
    Value::Array(pod.list(list).iter().map(of).collect())
}
