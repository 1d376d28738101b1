//! Subresources that lead away from the store: scale, logs, and streams to a kubelet
//! (`pkg/registry/apps/*/storage`, `pkg/registry/core/pod/rest`, `pkg/registry/core/{node,service}/…`).
//!
//! What ends before a kubelet is reached is answered as a server would. Where a node has a kubelet, [`kubelet`] speaks
//! for it; beyond that the answer says that there is nobody.

use super::{kubelet, read};
use crate::admit::{Operation, Stop};
use crate::api::differences::{CREATE_FOR_STREAMS, NO_EMPTY_TIMES, STREAMS_TRANSLATED};
use crate::api::fact::Wanted;
use crate::api::resources::Resource;
use crate::api::{
    Attributes, By, Decision, Dig, Errors, Fact, Finding, GroupResource, Headers, Outcome, Refusal,
    RequestInfo, Response, Stage, Status,
};
use crate::config::gates;
use crate::controllers::kubelet::has_kubelet;
use crate::json::{Value, json};
use crate::pipeline::{self, AsDrafted, Call, Draft, Served, key_of};
use std::sync::Arc;

/// The subresources that are streams to somebody else.
pub(crate) const STREAMS: [&str; 5] = ["exec", "attach", "portforward", "proxy", "log"];

/// The protocol of WebSockets in which a channel can be closed by itself; before it a client could not end its input.
pub(crate) const STREAM_CLOSE: &str = "v5.channel.k8s.io";

/// Which stream a resource is, if it is one.
pub(super) fn stream_of(row: &Resource) -> Option<&'static str> {
    STREAMS.into_iter().find(|stream| *stream == row.subresource)
}

/// Answers a request for a stream.
pub(super) fn stream(call: &mut Call<'_>, row: &Arc<Resource>, stream: &'static str) -> Served {
    if stream != "log" {
        admit(call, row)?;
    }
    may_create(call, row)?;
    let object = read::stored(call, row)?;
    let answer = match (&*row.name, &*row.subresource) {
        ("pods", "log") => log(call, &object),
        ("pods", "proxy") => Err(no_address(&object)),
        ("pods", _) => container_of_host(call, row, &object),
        ("services", _) => Err(Status::plain(
            503,
            "ServiceUnavailable",
            format!("no endpoints available for service {:?}", object.name()),
        )),
        _ if has_kubelet(call.config, object.name()) => {
            Err(kubelet::not_modelled("what a kubelet serves itself"))
        }
        _ => Err(unreachable_kubelet(object.name())),
    };
    let by = By::Stream(stream);
    let response = call.checked(Stage::Store, by, answer)?;
    let node = object.text("spec.nodeName");
    let told = |outcome, text: String| Finding::new(Stage::Store, by, outcome, text);
    call.trace.add(match node {
        _ if response.code == 500 => {
            told(Outcome::Refused, "refused by the kubelet".to_owned()).with(Fact::Broken)
        }
        "" => told(Outcome::Passed, "nothing to stream".to_owned()),
        node => told(Outcome::Passed, format!("passed on to the kubelet of {node}")),
    });
    Ok(response)
}

/// Lets admission plugins see the stream (`CONNECT`), before the object is looked for.
fn admit(call: &mut Call<'_>, row: &Arc<Resource>) -> Result<(), Stop> {
    let info = call.request.info();
    let mut options = json!({"kind": row.kind, "apiVersion": row.kind_api_version()});
    let query = call.query;
    for flag in ["stdin", "stdout", "stderr", "tty"] {
        if query.get(flag).is_some() {
            options[flag] = query.flag(flag).into();
        }
    }
    if let Some(container) = query.get("container") {
        options["container"] = container.into();
    }
    let command: Vec<&str> = query.all("command").collect();
    if !command.is_empty() {
        options["command"] = json!(command);
    }
    let ports =
        query.all("ports").flat_map(|list| list.split(',')).filter_map(|port| port.parse::<u16>().ok());
    let ports: Vec<u16> = ports.collect();
    if &*row.subresource == "portforward" && !ports.is_empty() {
        options["ports"] = json!(ports);
    }
    let draft = Draft::new(call, row, Operation::Connect, key_of(row, info, &info.name)).object(options);
    pipeline::admit(call, draft, &mut AsDrafted).map(drop)
}

/// Who opens a stream by `GET`, as a WebSocket does, must be allowed what a `POST` would need, unless a feature gate is off.
fn may_create(call: &mut Call<'_>, row: &Resource) -> Result<(), Stop> {
    let opens = &*row.name == "pods" && matches!(&*row.subresource, "exec" | "attach" | "portforward");
    let checked = call.version.has(CREATE_FOR_STREAMS) && call.config.feature(gates::CREATE_FOR_STREAMS);
    if !checked || !opens || call.request.info().verb == "create" {
        return Ok(());
    }
    let info = RequestInfo { verb: "create".to_owned(), ..call.request.info().clone() };
    let wanted = Wanted::of(&info);
    let said = call.decide(&Attributes { user: call.request.user().clone(), info });
    if said.decision == Decision::Allow {
        return Ok(());
    }
    let status =
        Status::forbidden(&call.request.info().group_resource(), &call.request.info().name, said.reason());
    Err(call.stop(Stage::Authorize, By::Create, Refusal::new(status, Fact::MayNot(wanted))))
}

fn no_address(pod: &Value) -> Status {
    match pod.text("status.podIP") {
        "" => Status::bad_request("address not allowed"),
        address => no_backend(&format!("dial tcp {address}:80: connect: connection refused")),
    }
}

fn no_backend(why: &str) -> Status {
    Status::plain(503, "ServiceUnavailable", format!("error trying to reach service: {why}"))
}

fn unreachable_kubelet(node: &str) -> Status {
    Status::internal(format!("error dialing backend: dial tcp: lookup {node}: no such host"))
}

fn containers<'a>(pod: &'a Value, lists: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    lists.iter().flat_map(|list| pod.list(list)).map(|container| container.text("name"))
}

/// The container that is meant: the one that is named, or the only one.
fn container(call: &Call<'_>, pod: &Value) -> Result<String, Status> {
    let asked = call.query.get("container").unwrap_or_default();
    let all = ["spec.containers", "spec.initContainers", "spec.ephemeralContainers"];
    if !asked.is_empty() {
        return match containers(pod, &all).any(|name| name == asked) {
            true => Ok(asked.to_owned()),
            false => {
                Err(Status::bad_request(format!("container {asked} is not valid for pod {}", pod.name())))
            }
        };
    }
    let own: Vec<&str> = containers(pod, &["spec.containers"]).collect();
    if let [only] = own.as_slice() {
        return Ok((*only).to_owned());
    }
    let init: Vec<&str> = containers(pod, &["spec.initContainers"]).collect();
    let mut text = format!(
        "a container name must be specified for pod {}, choose one of: [{}]",
        pod.name(),
        own.join(" ")
    );
    if !init.is_empty() {
        text += &format!(" or one of the init containers: [{}]", init.join(" "));
    }
    Err(Status::bad_request(text))
}

/// A pod that has no host has an empty log.
fn log(call: &Call<'_>, pod: &Value) -> Result<Response, Status> {
    log_options(call, pod.name())?;
    let container = container(call, pod)?;
    if pod.text("spec.nodeName").is_empty() {
        return Ok(Response::text(200, "").typed("text/plain"));
    }
    reach(call, pod.text("spec.nodeName"))?;
    kubelet::log(pod, &container, call.query, call.now)
}

/// Checks what of a log is asked for (`ValidatePodLogOptions`).
fn log_options(call: &Call<'_>, name: &str) -> Result<(), Status> {
    let errors = Errors::new(call.version);
    let number = |key: &str| call.query.get(key).and_then(|text| text.parse::<i64>().ok());
    if let Some(lines) = number("tailLines").filter(|lines| *lines < 0) {
        errors.invalid("tailLines", lines, "must be greater than or equal to 0");
    }
    if let Some(bytes) = number("limitBytes").filter(|bytes| *bytes < 1) {
        errors.invalid("limitBytes", bytes, "must be greater than 0");
    }
    match (number("sinceSeconds"), call.query.get("sinceTime").filter(|time| !time.is_empty())) {
        (Some(_), Some(_)) => {
            errors.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified");
        }
        (Some(seconds), None) if seconds < 1 => {
            errors.invalid("sinceSeconds", seconds, "must be greater than 0");
        }
        _ => {}
    }
    errors.into_status("", "PodLogOptions", name)
}

fn container_of_host(call: &Call<'_>, row: &Resource, pod: &Value) -> Result<Response, Status> {
    let container = match &*row.subresource {
        "portforward" => String::new(),
        _ => container(call, pod)?,
    };
    if pod.text("spec.nodeName").is_empty() {
        return Err(Status::bad_request(format!("pod {} does not have a host assigned", pod.name())));
    }
    let node = pod.text("spec.nodeName");
    has_address(call, node)?;
    let headers = &call.request.request().headers;
    if !upgrades(headers) {
        return Err(Status::bad_request("Upgrade request required"));
    }
    dial(call, node)?;
    let translated = call.version.has(STREAMS_TRANSLATED) && closes_streams(headers);
    kubelet::stream(pod, &row.subresource, &container, translated)
}

/// Whether a request asks to switch protocols (`httpstream.IsUpgradeRequest`).
fn upgrades(headers: &Headers) -> bool {
    headers.all("Connection").any(|line| line.to_ascii_lowercase().contains("upgrade"))
}

/// Whether it asks for the WebSocket that the server itself translates for the kubelet
/// (`wsstream.IsWebSocketRequestWithStreamCloseProtocol`).
fn closes_streams(headers: &Headers) -> bool {
    let mut offered = headers.all("Sec-WebSocket-Protocol").flat_map(|line| line.split(','));
    headers.get("Upgrade").is_some_and(|to| to.eq_ignore_ascii_case("websocket"))
        && offered.any(|name| name.trim() == STREAM_CLOSE)
}

/// Whether the kubelet of a node is reached.
fn reach(call: &Call<'_>, node: &str) -> Result<(), Status> {
    has_address(call, node)?;
    dial(call, node)
}

/// Whether it is known where the kubelet of a node is (`NodeConnectionInfoGetter`).
fn has_address(call: &Call<'_>, node: &str) -> Result<(), Status> {
    match call.store.objects().get("nodes", "", node) {
        Some(object) if object.list("status.addresses").is_empty() && !has_kubelet(call.config, node) => {
            Err(Status::plain(500, "", "no preferred addresses found; known addresses: []"))
        }
        Some(_) => Ok(()),
        None => Err(Status::not_found(&GroupResource::new("", "nodes"), node)),
    }
}

/// Whether somebody answers there.
fn dial(call: &Call<'_>, node: &str) -> Result<(), Status> {
    match has_kubelet(call.config, node) {
        true => Ok(()),
        false => Err(unreachable_kubelet(node)),
    }
}

/// The health of the components behind the server; they are not asked here.
pub(super) fn component_statuses(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let name = call.request.info().name.as_str();
    let has_times = !call.version.has(NO_EMPTY_TIMES);
    let status = |name: &str, message: &str| {
        let metadata =
            if has_times { json!({"name": name, "creationTimestamp": null}) } else { json!({"name": name}) };
        json!({
            "kind": row.kind, "apiVersion": row.api_version(),
            "metadata": metadata,
            "conditions": [{"type": "Healthy", "status": "True", "message": message}],
        })
    };
    let known = [("controller-manager", "ok"), ("etcd-0", "ok"), ("scheduler", "ok")];
    call.found(Stage::Store, By::Components, Outcome::Passed, "read");
    if call.request.info().verb == "get" {
        let found = known.iter().find(|(known, _)| *known == name);
        let (name, message) =
            found.ok_or_else(|| Status::not_found(&GroupResource::new("", &row.name), name))?;
        return Ok(Response::json(200, status(name, message)));
    }
    let items: Vec<Value> = known.iter().map(|(name, message)| status(name, message)).collect();
    let list = json!({"kind": "ComponentStatusList", "apiVersion": "v1", "metadata": {}, "items": items});
    Ok(Response::json(200, list))
}
