//! The kubelet probes and calls nobody but the pod itself.

use super::words::{containers, join_quote, plural};
use super::*;
use std::collections::BTreeSet;

pub(super) const CHECK: Check =
    Check { id: "hostProbesAndHostLifecycle", level: Level::Baseline, versions: &[since(34, since_1_34)] };

const HANDLERS: [&str; 5] =
    ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"];

fn since_1_34(pod: &Pod<'_>) -> Option<Violation> {
    let mut hosts = BTreeSet::new();
    let mut names = pod.containers_where(|container| {
        let handlers = HANDLERS.into_iter().map(|handler| container.at(handler));
        let called =
            handlers.flat_map(|handler| [handler.text("httpGet.host"), handler.text("tcpSocket.host")]);
        let named: Vec<String> = called.filter(|host| !host.is_empty()).map(str::to_owned).collect();
        hosts.extend(named.iter().cloned());
        !named.is_empty()
    });
    if names.is_empty() {
        return None;
    }
    names.sort_unstable();
    names.dedup();
    let uses = plural("uses", "use", names.len());
    let word = plural("probe or lifecycle host", "probe or lifecycle hosts", hosts.len());
    let detail = format!("{} {uses} {word} {}", containers(&names), join_quote(hosts));
    Violation::new("probe or lifecycle host", detail)
}
