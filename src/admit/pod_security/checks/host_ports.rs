//! No port of the node.

use super::words::{containers, plural};
use super::*;
use std::collections::BTreeSet;

pub(super) const CHECK: Check =
    Check { id: "hostPorts", level: Level::Baseline, versions: &[since(0, since_1_0)] };

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    // Sorted as texts, as the real check sorts them.
    let mut ports = BTreeSet::new();
    let names = pod.containers_where(|container| {
        let all = container.list("ports").iter().filter_map(|port| port.at("hostPort").as_i64());
        let taken: Vec<String> = all.filter(|port| *port != 0).map(|port| port.to_string()).collect();
        ports.extend(taken.iter().cloned());
        !taken.is_empty()
    });
    if names.is_empty() {
        return None;
    }
    let uses = plural("uses", "use", names.len());
    let word = plural("hostPort", "hostPorts", ports.len());
    let list: Vec<String> = ports.into_iter().collect();
    Violation::new("hostPort", format!("{} {uses} {word} {}", containers(&names), list.join(", ")))
}
