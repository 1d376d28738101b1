//! Only kernel parameters that stay inside the pod.

use super::*;

pub(super) const CHECK: Check = Check {
    id: "sysctls",
    level: Level::Baseline,
    versions: &[
        since(0, |pod| check(pod, 0)),
        since(27, |pod| check(pod, 27)),
        since(29, |pod| check(pod, 29)),
        since(32, |pod| check(pod, 32)),
    ],
};

/// Safe parameters, with the release's policy that allows them first.
const SAFE: [(&str, u8); 12] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
];

fn check(pod: &Pod<'_>, minor: u8) -> Option<Violation> {
    let is_safe = |name: &str| SAFE.iter().any(|(safe, since)| *safe == name && *since <= minor);
    let names = pod.spec.list("securityContext.sysctls").iter().map(|sysctl| sysctl.text("name"));
    let unsafe_ones: Vec<&str> = names.filter(|name| !is_safe(name)).collect();
    if unsafe_ones.is_empty() { None } else { Violation::new("forbidden sysctls", unsafe_ones.join(", ")) }
}
