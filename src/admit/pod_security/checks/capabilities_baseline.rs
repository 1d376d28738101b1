//! No capability beyond those that a runtime gives anyway, less `NET_RAW`.

use super::words::{containers, join_quote};
use super::*;
use std::collections::BTreeSet;

pub(super) const CHECK: Check =
    Check { id: "capabilities_baseline", level: Level::Baseline, versions: &[since(0, since_1_0)] };

const ALLOWED: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    let (names, added) = adding_others(pod, &ALLOWED)?;
    Violation::new("non-default capabilities", must_not_include(&names, &added))
}

/// The containers that add other capabilities than the allowed ones, and which those are.
pub(super) fn adding_others<'a>(pod: &Pod<'a>, allowed: &[&str]) -> Option<(Vec<&'a str>, BTreeSet<String>)> {
    let mut added = BTreeSet::new();
    let names = pod.containers_where(|container| {
        let all = container.list("securityContext.capabilities.add").iter();
        let others: Vec<&str> =
            all.filter_map(Value::as_str).filter(|name| !allowed.contains(name)).collect();
        added.extend(others.iter().map(|&name| name.to_owned()));
        !others.is_empty()
    });
    (!names.is_empty()).then_some((names, added))
}

pub(super) fn must_not_include(names: &[&str], added: &BTreeSet<String>) -> String {
    let who = containers(names);
    format!("{who} must not include {} in securityContext.capabilities.add", join_quote(added))
}
