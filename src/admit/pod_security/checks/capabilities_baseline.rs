//! No capability beyond those that a runtime gives anyway, less `NET_RAW`.

use super::words::join_quote;
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
    Violation::new("non-default capabilities", adding_others(pod, &ALLOWED)?)
}

/// The containers that add other capabilities than the allowed ones, in words.
pub(super) fn adding_others(pod: &Pod<'_>, allowed: &[&str]) -> Option<String> {
    let mut added = BTreeSet::new();
    let who = pod.who(|container| {
        let all = container.list("securityContext.capabilities.add").iter();
        let others: Vec<&str> =
            all.filter_map(Value::as_str).filter(|name| !allowed.contains(name)).collect();
        added.extend(others.iter().map(|&name| name.to_owned()));
        !others.is_empty()
    })?;
    Some(format!("{who} must not include {} in securityContext.capabilities.add", join_quote(added)))
}
