//! What a kubelet tells of a pod (`pkg/kubelet/status`).

use super::super::Cx;
use super::faults::{self, Fault};
use super::{ends, host_ip, node_of, number};
use crate::api::differences::{DELETED_PODS_END, FAILED_PODS_ARE_NOT_READY, HOST_IPS, SANDBOX_CONDITION};
use crate::api::{Dig, time};
use crate::json::{Value, json};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The state of a pod's containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State<'a> {
    /// They are being made.
    Creating,
    /// Some can't be made; the others run since then.
    Held(&'a [Fault], Timestamp),
    /// They run since then.
    Running(Timestamp),
    /// They ran from then to then.
    Ended(Timestamp, Timestamp),
    /// Those that ran are stopped then, since the pod is deleted.
    Stopped(Timestamp),
}

/// The state of one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum One<'a> {
    /// Why it waits: reason and message.
    Waits(&'static str, &'a str),
    Runs(Timestamp),
    Ended(Timestamp, Timestamp),
    /// It is asked to end, and does.
    Stopped(Timestamp, Timestamp),
    /// It is as was told last.
    Kept,
    /// It never ran, and the pod is at its end (`TerminatePod`).
    Lost,
}

/// What becomes of a container whose pod is deleted: one that waits is given up if its turn had come.
fn stopped(told: &Value, at: Timestamp, had_turn: bool) -> One<'static> {
    match told.text("state.running.startedAt").parse() {
        Ok(since) => One::Stopped(since, at),
        Err(_) if told.has("state.terminated") => One::Kept,
        Err(_) if had_turn => One::Lost,
        Err(_) if told.is_null() => One::Waits("PodInitializing", ""),
        Err(_) => One::Kept,
    }
}

impl<'a> State<'a> {
    /// That of an init container. They end at once.
    fn of_init(self, pod: &Value, name: &str) -> One<'a> {
        let (faults, at) = match self {
            State::Creating => return One::Waits("PodInitializing", ""),
            State::Held(faults, at) => (faults, at),
            State::Running(at) | State::Ended(at, _) => return One::Ended(at, at),
            State::Stopped(at) => {
                let is_first =
                    pod.list("spec.initContainers").first().is_some_and(|c| c.text("name") == name);
                return stopped(former(pod, "initContainerStatuses", name), at, is_first);
            }
        };
        let mut up_to = pod.list("spec.initContainers").iter().map(|container| container.text("name"));
        let held = |other: &str| faults.iter().find(|fault| fault.container == other);
        match (
            held(name),
            up_to.by_ref().take_while(|other| *other != name).any(|other| held(other).is_some()),
        ) {
            (Some(fault), _) => One::Waits(faults::REASON, &fault.message),
            (None, true) => One::Waits("PodInitializing", ""),
            (None, false) => One::Ended(at, at),
        }
    }

    /// That of one of the containers proper, which wait for the init containers.
    fn of_main(self, pod: &Value, name: &str) -> One<'a> {
        let mut init = pod.list("spec.initContainers").iter();
        match self {
            State::Creating if init.len() > 0 => One::Waits("PodInitializing", ""),
            State::Creating => One::Waits("ContainerCreating", ""),
            State::Held(faults, at) => match faults.iter().find(|fault| fault.container == name) {
                Some(fault) => One::Waits(faults::REASON, &fault.message),
                None if init.any(|c| faults.iter().any(|fault| fault.container == c.text("name"))) => {
                    One::Waits("PodInitializing", "")
                }
                None => One::Runs(at),
            },
            State::Running(at) => One::Runs(at),
            State::Ended(from, to) => One::Ended(from, to),
            State::Stopped(at) => {
                let is_done =
                    |c: &Value| former(pod, "initContainerStatuses", c.text("name")).has("state.terminated");
                stopped(former(pod, "containerStatuses", name), at, init.next_back().is_none_or(is_done))
            }
        }
    }
}

/// The status of a pod in that state.
pub(super) fn of(cx: &Cx<'_>, pod: &Value, started: &str, state: State<'_>) -> Value {
    let number = number(cx.config, node_of(pod)).unwrap_or_default();
    let all = containers(cx, pod, "containers", |name| state.of_main(pod, name));
    let phase = phase(cx, pod, state, &all);
    let mut status = json!({
        "phase": phase, "hostIP": host_ip(number), "startTime": started,
        "conditions": conditions(cx, pod, state, phase), "containerStatuses": all,
    });
    if cx.version.has(HOST_IPS) {
        status.set("hostIPs", json!([{"ip": host_ip(number)}]));
    }
    let had_address = !pod.text("status.podIP").is_empty();
    if !matches!(state, State::Creating | State::Stopped(_)) || had_address {
        let ip = ip(cx, pod, number);
        status.set("podIPs", json!([{"ip": ip}]));
        status.set("podIP", ip);
    }
    if !pod.list("spec.initContainers").is_empty() {
        let init = containers(cx, pod, "initContainers", |name| state.of_init(pod, name));
        status.set("initContainerStatuses", init);
    }
    status
}

/// The phase of a pod whose containers are so. A deleted one ends well or badly, whatever its restart policy; once,
/// it stayed as it was where its containers would have been started again (`getPhase`).
fn phase<'p>(cx: &Cx<'_>, pod: &'p Value, state: State<'_>, containers: &Value) -> &'p str {
    let former = pod.text("status.phase");
    let went_well =
        containers.list("").iter().all(|status| status.at("state.terminated.exitCode").as_i64() == Some(0));
    let would_go_on = || match pod.text("spec.restartPolicy") {
        "Always" => true,
        "OnFailure" => !went_well,
        _ => former == "Pending",
    };
    match state {
        State::Creating | State::Held(..) => "Pending",
        State::Running(_) => "Running",
        State::Stopped(_) if !cx.version.has(DELETED_PODS_END) && would_go_on() => former,
        State::Ended(..) | State::Stopped(_) if went_well => "Succeeded",
        State::Ended(..) | State::Stopped(_) => "Failed",
    }
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
    let there = cx.cache.on_node(node_of(pod));
    let taken: BTreeSet<&str> = there.map(|pod| pod.text("status.podIP")).collect();
    (2..65_000_usize)
        .map(|n| format!("10.{}.{}.{}", 244 + number / 256, number % 256, n))
        .find(|ip| !taken.contains(ip.as_str()))
        .unwrap_or_default()
}

fn conditions(cx: &Cx<'_>, pod: &Value, state: State<'_>, phase: &str) -> Value {
    let runs = |name: &str| matches!(state.of_main(pod, name), One::Runs(_));
    let unready = without(pod, "spec.containers", "unready", runs);
    let ready = match phase {
        "Succeeded" => Some(("PodCompleted", String::new())),
        "Failed" if cx.version.has(FAILED_PODS_ARE_NOT_READY) => Some(("PodFailed", String::new())),
        _ if unready.is_empty() => None,
        _ => Some(("ContainersNotReady", unready)),
    };
    let condition = |kind: &str, why: Option<&(&str, String)>| {
        let status = if why.is_none() { "True" } else { "False" };
        let old = pod
            .list("status.conditions")
            .iter()
            .find(|c| c.text("type") == kind && c.text("status") == status);
        let since = old.map_or_else(|| time(cx.now), |old| old.text("lastTransitionTime").to_owned());
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
    let mut all = Vec::new();
    if cx.version.has(SANDBOX_CONDITION) {
        let bare = ("", String::new());
        let mut sandbox = condition(
            "PodReadyToStartContainers",
            if matches!(state, State::Running(_) | State::Held(..)) { None } else { Some(&bare) },
        );
        sandbox.take_out("reason");
        all.push(sandbox);
    }
    let is_done = |name: &str| match state.of_init(pod, name) {
        One::Ended(..) => true,
        One::Kept => former(pod, "initContainerStatuses", name).has("state.terminated"),
        _ => false,
    };
    let undone = without(pod, "spec.initContainers", "incomplete", is_done);
    let undone = (!undone.is_empty()).then_some(("ContainersNotInitialized", undone));
    let mut initialized = condition("Initialized", undone.as_ref());
    if phase == "Succeeded" {
        initialized.set("reason", "PodCompleted");
    }
    all.push(initialized);
    all.push(condition("Ready", ready.as_ref()));
    all.push(condition("ContainersReady", ready.as_ref()));
    all.push(condition("PodScheduled", None));
    all.into()
}

/// The message that names the containers that are not yet as they should be; empty where all are.
fn without(pod: &Value, list: &str, status: &str, is_so: impl Fn(&str) -> bool) -> String {
    let names = pod.list(list).iter().map(|container| container.text("name"));
    let names: Vec<&str> = names.filter(|name| !is_so(name)).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!("containers with {status} status: [{}]", names.join(" ")),
    }
}

/// What was told last of a container: `state` and all.
pub(super) fn former<'p>(pod: &'p Value, list: &str, name: &str) -> &'p Value {
    let all = pod.at("status").list(list);
    all.iter().find(|status| status.text("name") == name).unwrap_or(&Value::Null)
}

fn containers<'a>(cx: &Cx<'_>, pod: &Value, list: &str, state: impl Fn(&str) -> One<'a>) -> Value {
    let (told, list) = match list {
        "initContainers" => ("initContainerStatuses", pod.list("spec.initContainers")),
        _ => ("containerStatuses", pod.list("spec.containers")),
    };
    let of = |container: &Value| {
        let name = container.text("name");
        let id = format!("containerd://{}-{name}", pod.uid());
        let image = container.text("image");
        let former = former(pod, told, name);
        let one = state(name);
        let (now, id) = match one {
            One::Waits(reason, "") => (json!({"waiting": {"reason": reason}}), String::new()),
            One::Waits(reason, message) => {
                (json!({"waiting": {"reason": reason, "message": message}}), String::new())
            }
            // It has been so all the time that others waited.
            One::Runs(_) if former.has("state.running") => (former.at("state").clone(), id),
            One::Ended(from, to) if from == to && former.has("state.terminated") => {
                (former.at("state").clone(), id)
            }
            One::Runs(at) => (json!({"running": {"startedAt": time(at)}}), id),
            One::Kept => {
                (former.at("state").clone(), if former.has("state.waiting") { String::new() } else { id })
            }
            One::Lost => {
                let message = "The container could not be located when the pod was terminated";
                let lost = json!({"terminated": {
                    "exitCode": 137, "reason": "ContainerStatusUnknown", "message": message,
                    "startedAt": null, "finishedAt": null,
                }});
                (lost, String::new())
            }
            One::Ended(from, to) | One::Stopped(from, to) => {
                let own = ends::seen(cx, pod, container).filter(|_| matches!(one, One::Ended(..)));
                let code = own.map_or(0, |(_, code)| code);
                let reason = if code == 0 { "Completed" } else { "Error" };
                let ended = json!({"terminated": {
                    "exitCode": code, "reason": reason, "startedAt": time(from), "finishedAt": time(to),
                    "containerID": id,
                }});
                (ended, id)
            }
        };
        let runs = matches!(one, One::Runs(_));
        let mut status = json!({
            "name": name, "state": now, "lastState": {}, "ready": runs, "restartCount": 0,
            "image": image, "imageID": "", "started": runs,
        });
        if !id.is_empty() {
            status.set("containerID", id);
            status.set("imageID", image);
        }
        status
    };
    Value::Array(list.iter().map(of).collect())
}
