//! Everybody has a system call filter.

use super::seccomp_profile_baseline::REASON;
use super::*;

pub(super) const CHECK: Check = Check {
    id: "seccompProfile_restricted",
    level: Level::Restricted,
    versions: &[
        since(19, since_1_19).overriding(seccomp_profile_baseline::CHECK.id),
        since(25, since_1_19).overriding(seccomp_profile_baseline::CHECK.id).sparing(is_windows),
    ],
};

fn since_1_19(pod: &Pod<'_>) -> Option<Violation> {
    let set = |owner: &Value| owner.has("securityContext.seccompProfile");
    seccomp_profile_baseline::since_1_19(pod).or_else(|| {
        let who = pod.who(|container| !set(container)).filter(|_| !set(pod.spec))?;
        let allowed = "\"RuntimeDefault\" or \"Localhost\"";
        Violation::new(
            REASON,
            format!("pod or {who} must set securityContext.seccompProfile.type to {allowed}"),
        )
    })
}
