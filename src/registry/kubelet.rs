//! What a node's kubelet says to the server that passes a stream on to it (`pkg/kubelet/server`, `kubelet_pods.go`).
//!
//! Differs from Kubernetes: a container writes nothing that is kept, and its log says so; nobody is attached to, no port
//! is forwarded, and the kubelet's own paths (`nodes/NAME/proxy`) lead nowhere; answers with 501 tell each.

use crate::api::differences::STREAMS_TRANSLATED;
use crate::api::{Dig, Response, Status, Version};
use crate::json::Value;

/// The state of a container, as its kubelet told it.
fn state<'p>(pod: &'p Value, container: &str) -> Option<&'p Value> {
    ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]
        .iter()
        .flat_map(|list| pod.list(&format!("status.{list}")))
        .find(|status| status.text("name") == container)
}

/// Runs a command in a container: 101, if the container runs.
pub(super) fn exec(
    pod: &Value,
    container: &str,
    websocket: bool,
    version: Version,
) -> Result<Response, Status> {
    if state(pod, container).is_some_and(|state| state.has("state.running")) {
        return Ok(Response::text(101, ""));
    }
    let why = format!("container not found ({container:?})");
    match websocket && version.has(STREAMS_TRANSLATED) {
        true => Err(Status::internal(format!("unable to upgrade connection: {why}"))),
        // A kubelet's refusal is passed back as it is: plain text.
        false => Ok(Response::text(500, why)),
    }
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
    use super::{exec, log};
    use crate::api::Version;
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
        for (container, websocket, minor, want) in [
            ("runs", true, 36, Ok(101)),
            ("runs", false, 20, Ok(101)),
            ("waits", false, 36, Ok(500)),
            ("waits", true, 29, Ok(500)),
            (
                "ended",
                true,
                36,
                Err("Internal error occurred: unable to upgrade connection: container not found (\"ended\")"),
            ),
        ] {
            let got = exec(&pod, container, websocket, Version::minor(minor));
            let got = got.map(|response| response.code).map_err(|status| status.message);
            assert_eq!(got, want.map_err(str::to_owned), "{container} {websocket} {minor}");
        }
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
