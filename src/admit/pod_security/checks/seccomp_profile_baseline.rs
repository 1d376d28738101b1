//! Nobody turns the system call filter off: by annotations at first, by a field since 1.19.

use super::words::{join_quote, plural, setters};
use super::*;
use crate::api::field::quote;
use std::collections::BTreeSet;

pub(super) const CHECK: Check = Check {
    id: "seccompProfile_baseline",
    level: Level::Baseline,
    versions: &[since(0, since_1_0), since(19, since_1_19)],
};

pub(super) const REASON: &str = "seccompProfile";

const POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    let of_containers = pod.containers().map(|c| format!("{CONTAINER_ANNOTATION}{}", c.text("name")));
    let keys = [POD_ANNOTATION.to_owned()].into_iter().chain(of_containers);
    let allowed = |profile: &str| {
        matches!(profile, "runtime/default" | "docker/default") || profile.starts_with("localhost/")
    };
    let values = keys.filter_map(|key| Some((pod.metadata.entry("annotations", &key)?, key)));
    let bad = values.filter(|(profile, _)| !allowed(profile));
    let shown: BTreeSet<String> = bad.map(|(profile, key)| format!("{key}={}", quote(profile))).collect();
    let word = plural("annotation", "annotations", shown.len());
    let list: Vec<String> = shown.into_iter().collect();
    match list.is_empty() {
        true => None,
        false => Violation::new(REASON, format!("forbidden {word} {}", list.join(", "))),
    }
}

/// Somebody sets another type than the two allowed ones.
pub(super) fn since_1_19(pod: &Pod<'_>) -> Option<Violation> {
    let mut types = BTreeSet::new();
    let mut is_bad = |owner: &Value| {
        let profile = owner.at("securityContext.seccompProfile");
        let kind = profile.text("type");
        let bad = !profile.is_null() && !matches!(kind, "RuntimeDefault" | "Localhost");
        if bad {
            types.insert(kind.to_owned());
        }
        bad
    };
    let bad_pod = is_bad(pod.spec);
    let who = setters(bad_pod, &pod.containers_where(is_bad))?;
    let types = join_quote(types);
    Violation::new(REASON, format!("{who} must not set securityContext.seccompProfile.type to {types}"))
}
