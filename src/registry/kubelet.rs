//! What a node's kubelet says to the server that passes a stream on to it (`pkg/kubelet/server`, `kubelet_pods.go`).
//!
//! Differs from Kubernetes: what a container writes is known of few (`written`), and the log of any other says so; what goes
//! through a stream is the client's and the server's, and no verdict; the kubelet's own paths (`nodes/NAME/proxy`) lead nowhere, as an answer with 501
//! tells.

use super::written;
use crate::api::{Dig, Query, Response, Status};
use crate::json::Value;
use jiff::{SignedDuration, Timestamp};

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
pub(super) fn log(pod: &Value, container: &str, query: &Query, now: Timestamp) -> Result<Response, Status> {
    let name = pod.name();
    let Some(state) = state(pod, container) else {
        return Err(Status::bad_request(format!("container {container:?} in pod {name:?} is not available")));
    };
    let previous = query.flag("previous");
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
        let text = lines(pod, container, state, query, now).unwrap_or_else(|| {
            let place = format!("{container:?} in {}/{name}", pod.namespace());
            format!("(what containers write is not modelled: this is the log of {place})\n")
        });
        return Ok(Response::text(200, text).typed("text/plain"));
    }
    let why = match state.text("state.waiting.reason") {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        reason => reason,
    };
    Err(Status::bad_request(format!("container {container:?} in pod {name:?} is waiting to start: {why}")))
}

/// What a container has written, as much of it as is asked for; none where that is not known.
fn lines(pod: &Value, container: &str, state: &Value, query: &Query, now: Timestamp) -> Option<String> {
    let lists = ["spec.containers", "spec.initContainers", "spec.ephemeralContainers"];
    let own = lists.iter().flat_map(|list| pod.list(list)).find(|own| own.text("name") == container)?;
    let mut runs = ["state.running", "state.terminated", "lastState.terminated"].into_iter();
    let run = runs.find(|run| state.has(run) && (!query.flag("previous") || run.starts_with("last")))?;
    let time = |field: &str| state.text(&format!("{run}.{field}")).parse::<Timestamp>().ok();
    let (started, ended) = (time("startedAt")?, time("finishedAt").unwrap_or(now));
    let number = |key: &str| query.get(key).and_then(|text| text.parse::<i64>().ok());
    let since = match number("sinceSeconds") {
        Some(seconds) => now.checked_sub(SignedDuration::from_secs(seconds)).ok(),
        None => query.get("sinceTime").and_then(|time| time.parse().ok()),
    };
    let mut told = Vec::new();
    for (after, line) in written::of(own)? {
        let at = started.checked_add(SignedDuration::from_secs(after)).ok()?;
        if at > ended || since.is_some_and(|since| at < since) {
            continue;
        }
        told.push(match query.flag("timestamps") {
            true => format!("{} {line}", at.strftime("%Y-%m-%dT%H:%M:%S%.9fZ")),
            false => line,
        });
    }
    let tail = number("tailLines").and_then(|lines| usize::try_from(lines).ok()).unwrap_or(usize::MAX);
    let mut text = told[told.len().saturating_sub(tail)..].concat();
    let limit = number("limitBytes").and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usize::MAX);
    text.truncate(text.floor_char_boundary(limit));
    Some(text)
}

/// What no kubelet here does.
pub(super) fn not_modelled(what: &str) -> Status {
    Status::plain(501, "NotImplemented", format!("{what} is not modelled"))
}

#[cfg(test)]
mod tests {
    use super::{log, stream};
    use crate::api::{Body, Query};
    use crate::json::json;
    use jiff::Timestamp;

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
            let query = Query::parse(if previous { "previous=true" } else { "" });
            let got = log(&pod, container, &query, Timestamp::UNIX_EPOCH);
            let got = got.map(|response| response.code).map_err(|status| status.message);
            assert_eq!(got, want.map_err(str::to_owned), "{container} {previous}");
        }
    }

    #[test]
    fn a_log_holds_what_is_asked_for() {
        let script = "echo a; sleep 10; echo é; sleep 10; echo c; sleep 3600";
        let pod = json!({
            "metadata": {"name": "p", "namespace": "red"},
            "spec": {"containers": [
                {"name": "c", "command": ["sh", "-c", script]}, {"name": "other", "image": "nginx"},
            ]},
            "status": {"containerStatuses": [
                {"name": "c", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}},
                {"name": "other", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}},
            ]},
        });
        let now: Timestamp = "2026-01-01T00:00:15Z".parse().expect("a time");
        let unknown = "(what containers write is not modelled: this is the log of \"other\" in red/p)\n";
        for (container, query, want) in [
            ("c", "", "a\né\n"),
            ("c", "tailLines=1", "é\n"),
            ("c", "tailLines=0", ""),
            ("c", "sinceSeconds=6", "é\n"),
            ("c", "sinceTime=2026-01-01T00:00:11Z", ""),
            ("c", "limitBytes=3", "a\n"),
            ("c", "timestamps=true&tailLines=1", "2026-01-01T00:00:10.000000000Z é\n"),
            ("other", "tailLines=1", unknown),
        ] {
            let got = log(&pod, container, &Query::parse(query), now).map(|response| response.body);
            assert_eq!(got, Ok(Body::Text(want.to_owned())), "{container}?{query}");
        }
    }
}
