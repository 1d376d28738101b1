//! Nodes and the pods on them (`pkg/kubelet`), as far as the API server sees of them.
//!
//! Each kubelet registers its node, fetches what its pods mount, as `system:node:NAME`, and tells how they are. A pod
//! that lacks something it mounts waits, and an event says for what; so does a container that lacks what a variable is
//! read from.
//!
//! Differs from Kubernetes: images are always there, containers run for ever unless their command evidently ends, or is
//! not known and that of a Job (and the pod's restart policy lets it), probes succeed, and a deleted pod ends well and within a
//! second; what is told of its end is told in one write. A clock that goes wrong (the fault `skew`) is noticed at once, and not when
//! the kubelet next looks at its pods.

mod ends;
mod environment;
mod faults;
mod files;
mod node;
mod pod;
mod sources;
mod status;
#[cfg(test)]
mod tests;

pub(crate) use environment::environment;
pub(crate) use files::files;

use super::{ActsAs, Call, Controller, Cx, Plan};
use crate::api::{Dig, Request, User};
use crate::config::Config;
use crate::json::Value;
use crate::store::{Event, Key, Objects};
use jiff::SignedDuration;

/// The kubelets of all nodes.
pub(crate) const CONTROLLER: Controller = Controller {
    refused: pod::refused,
    starts: |config| node_names(config).map(|name| Key::new("nodes", "", &name)).collect(),
    ..Controller::new("kubelet", ActsAs::Kubelet, wakes, reconcile)
};

/// The names of the nodes that have a kubelet.
pub(crate) fn node_names(config: &Config) -> impl Iterator<Item = String> {
    (1..=config.nodes).map(|number| format!("node-{number}"))
}

/// A node's number, if it has a kubelet.
fn number(config: &Config, node: &str) -> Option<usize> {
    let number = node.strip_prefix("node-")?.parse().ok()?;
    ((1..=config.nodes).contains(&number) && node == format!("node-{number}")).then_some(number)
}

/// Whether a node has a kubelet that answers.
pub(crate) fn has_kubelet(config: &Config, node: &str) -> bool {
    number(config, node).is_some()
}

fn wakes(event: &Event, objects: &Objects) -> Vec<Key> {
    match (&*event.key.resource, &event.new) {
        ("nodes", _) => vec![event.key.clone()],
        ("pods", pod) => match pod.as_ref().or(event.old.as_ref()) {
            Some(pod) if !pod.text("spec.nodeName").is_empty() => vec![event.key.clone()],
            Some(_) | None => Vec::new(),
        },
        (resource @ ("secrets" | "configmaps"), Some(_)) => objects
            .list("pods", &event.key.namespace)
            .filter(|pod| !pod.text("spec.nodeName").is_empty())
            .filter(|pod| sources::of(pod).iter().any(|source| source.reads(resource, &event.key.name)))
            .map(|pod| Key::new("pods", pod.namespace(), pod.name()))
            .collect(),
        _ => Vec::new(),
    }
}

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    match &*key.resource {
        "nodes" => node::reconcile(&by_clock_of(&key.name, cx), key),
        _ => pod::reconcile(cx, key),
    }
}

/// How far the clock of a node is ahead of the API server's.
fn ahead(cx: &Cx<'_>, node: &str) -> SignedDuration {
    cx.clocks.get(node).copied().unwrap_or_default()
}

/// The time is what the clock of a node says.
fn by_clock_of<'a>(node: &str, cx: Cx<'a>) -> Cx<'a> {
    let now = cx.now + ahead(&cx, node);
    Cx { now, ..cx }
}

/// A request of a node's kubelet.
fn by(node: &str, request: Request) -> Call {
    Call { user: Some(User::new(format!("system:node:{node}"), &["system:nodes"])), ..Call::new(request) }
}

/// The address of a node.
fn host_ip(number: usize) -> String {
    format!("172.18.{}.{}", number / 250, number % 250 + 1)
}

/// The node that a pod runs on.
fn node_of(pod: &Value) -> &str {
    pod.text("spec.nodeName")
}

/// A container by name, or the first.
fn container<'p>(pod: &'p Value, name: Option<&str>) -> Option<&'p Value> {
    let mut all = pod.list("spec.containers").iter();
    match name {
        Some(name) => all.find(|container| container.text("name") == name),
        None => all.next(),
    }
}
