//! Everybody has a system call filter.

use super::seccomp_profile_baseline::REASON;
use super::words::containers;
use super::*;

pub(super) const CHECK: Check = Check {
    id: "seccompProfile_restricted",
    level: Level::Restricted,
    versions: &[
        since(19, since_1_19).overriding(seccomp_profile_baseline::CHECK.id),
        since(25, since_1_25).overriding(seccomp_profile_baseline::CHECK.id),
    ],
};

fn since_1_19(pod: &Pod<'_>) -> Option<Violation> {
    let set = |owner: &Value| owner.has("securityContext.seccompProfile");
    let unset = || pod.containers_where(|container| !set(container));
    seccomp_profile_baseline::since_1_19(pod).or_else(|| match unset().as_slice() {
        names @ [_, ..] if !set(pod.spec) => Violation::new(
            REASON,
            format!(
                "pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
                containers(names)
            ),
        ),
        _ => None,
    })
}

fn since_1_25(pod: &Pod<'_>) -> Option<Violation> {
    if pod.is_windows() { None } else { since_1_19(pod) }
}
