//! What a node's kubelet says to the server that passes a stream on to it (`pkg/kubelet/server`, `kubelet_pods.go`).
//!
//! Differs from Kubernetes: a container writes nothing that is kept, and its log says so; what goes through a stream is the
//! client's and the server's, and no verdict; the kubelet's own paths (`nodes/NAME/proxy`) lead nowhere, as an answer with 501
//! tells.

use crate::api::{Dig, Response, Status};
use crate::json::Value;

/// The state of a container, as its kubelet told it.
fn state<'p>(pod: &'p Value, container: &str) -> Option<&'p Value> {
    ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]
        .iter()
        .flat_map(|list| pod.list(&format!("status.{list}")))
        .find(|status| status.text("name") == container)
}

/// Begins a stream (`GetExec`, `GetAttach`, `GetPortForward`): 101, if what it leads to runs. What is refused of a stream that
/// the server translates comes wrapped (KEP-4006); anything else is passed back as it is, in plain text.
pub(super) fn stream(pod: &Value, kind: &str, container: &str, translated: bool) -> Result<Response, Status> {
    let full_name = format!("{}_{}", pod.name(), pod.namespace());
    let runs = state(pod, container).is_some_and(|state| state.has("state.running"));
    let why = match kind {
        "exec" if !runs => format!("container not found ({container:?})"),
        "attach" if !runs => format!("container {container} not found in pod {full_name}"),
        "portforward" if !has_sandbox(pod) => {
            return Ok(Response::text(500, format!("pod not found ({full_name:?})")));
        }
        _ => return Ok(Response::text(101, "")),
    };
    match translated {
        true => Err(Status::internal(format!("unable to upgrade connection: {why}"))),
        false => Ok(Response::text(500, why)),
    }
}

/// Whether a pod is on its node's network: it has its address before its containers run.
fn has_sandbox(pod: &Value) -> bool {
    !pod.text("status.podIP").is_empty() && !matches!(pod.text("status.phase"), "Succeeded" | "Failed")
}

/// A container's log (`validateContainerLogStatus`).
pub(super) fn log(pod: &Value, container: &str, previous: bool) -> Result<Response, Status> {
    let name = pod.name();
    let Some(state) = state(pod, container) else {
        return Err(Status::bad_request(format!("container {container:?} in pod {name:?} is not available")));
    };
    let ended = |which: &str| state.has(&format!("{which}.terminated"));
    let written = match previous {
        true if ended("lastState") => true,
        true => {
            return Err(Status::bad_request(format!(
                "previous terminated container {container:?} in pod {name:?} not found"
            )));
        }
        false => state.has("state.running") || ended("state") || ended("lastState"),
    };
    if written {
        let line = format!(
            "(what containers write is not modelled: this is the log of {container:?} in {}/{name})\n",
            pod.namespace()
        );
        return Ok(Response::text(200, line).typed("text/plain"));
    }
    let why = match state.text("state.waiting.reason") {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        reason => reason,
    };
    Err(Status::bad_request(format!("container {container:?} in pod {name:?} is waiting to start: {why}")))
}

/// What no kubelet here does.
pub(super) fn not_modelled(what: &str) -> Status {
    Status::plain(501, "NotImplemented", format!("{what} is not modelled"))
}

#[cfg(test)]
mod tests {
    use super::{log, stream};
    use crate::json::json;

    #[test]
    fn only_a_running_container_is_entered_and_only_a_started_one_has_a_log() {
        let pod = json!({"metadata": {"name": "p", "namespace": "red"}, "status": {
            "containerStatuses": [
                {"name": "runs", "state": {"running": {}}},
                {"name": "waits", "state": {"waiting": {"reason": "ContainerCreating"}}},
                {"name": "ended", "state": {"terminated": {"exitCode": 0}}},
            ],
        }});
        const WRAPPED: &str = "Internal error occurred: unable to upgrade connection: container";
        for (kind, container, translated, want) in [
            ("exec", "runs", true, Ok(101)),
            ("exec", "runs", false, Ok(101)),
            ("exec", "waits", false, Ok(500)),
            ("exec", "ended", true, Err(format!("{WRAPPED} not found (\"ended\")"))),
            ("attach", "runs", false, Ok(101)),
            ("attach", "none", true, Err(format!("{WRAPPED} none not found in pod p_red"))),
            ("portforward", "", false, Ok(500)),
        ] {
            let got = stream(&pod, kind, container, translated);
            let got = got.map(|response| response.code).map_err(|status| status.message);
            assert_eq!(got, want, "{kind} {container} {translated}");
        }
        let mut there = pod.clone();
        there["status"]["podIP"] = "10.0.0.1".into();
        assert_eq!(stream(&there, "portforward", "", false).map(|response| response.code), Ok(101));
        there["status"]["phase"] = "Succeeded".into();
        assert_eq!(stream(&there, "portforward", "", false).map(|response| response.code), Ok(500));
        for (container, previous, want) in [
            ("runs", false, Ok(200)),
            ("ended", false, Ok(200)),
            ("runs", true, Err("previous terminated container \"runs\" in pod \"p\" not found")),
            ("waits", false, Err("container \"waits\" in pod \"p\" is waiting to start: ContainerCreating")),
            ("none", false, Err("container \"none\" in pod \"p\" is not available")),
        ] {
            let got = log(&pod, container, previous);
            let got = got.map(|response| response.code).map_err(|status| status.message);
            assert_eq!(got, want.map_err(str::to_owned), "{container} {previous}");
        }
    }
}
