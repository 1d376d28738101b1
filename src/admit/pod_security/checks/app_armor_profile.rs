//! The runtime's AppArmor profile, or one of the node's own.

use super::words::{join_quote, plural, setters};
use super::*;
use crate::api::differences::APP_ARMOR_CHECKED_AS_FIELD;
use crate::api::field::quote;
use std::collections::BTreeSet;

pub(super) const CHECK: Check =
    Check { id: "appArmorProfile", level: Level::Baseline, versions: &[since(0, since_1_0)] };

const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    if !pod.server.has(APP_ARMOR_CHECKED_AS_FIELD) {
        let list = annotations(pod);
        return match list.len() {
            0 => None,
            count => Violation::new(reason(count), list.join(", ")),
        };
    }
    let mut values = BTreeSet::new();
    let mut is_bad = |owner: &Value| {
        let bad = bad_type(owner);
        values.extend(bad.map(str::to_owned));
        bad.is_some()
    };
    let bad_pod = is_bad(pod.spec);
    let bad_containers = pod.containers_where(is_bad);
    let annotations = annotations(pod);
    let annotated =
        (!annotations.is_empty()).then(|| plural("annotation", "annotations", annotations.len()).to_owned());
    let who: Vec<String> = setters(bad_pod, &bad_containers).into_iter().chain(annotated).collect();
    if who.is_empty() {
        return None;
    }
    let values: Vec<String> = values.into_iter().chain(annotations).collect();
    let detail =
        format!("{} must not set AppArmor profile type to {}", who.join(" and "), join_quote(&values));
    Violation::new(reason(values.len()), detail)
}

const fn reason(count: usize) -> &'static str {
    plural("forbidden AppArmor profile", "forbidden AppArmor profiles", count)
}

fn bad_type(owner: &Value) -> Option<&str> {
    let profile = owner.at("securityContext.appArmorProfile");
    let is_bad = !profile.is_null() && !matches!(profile.text("type"), "RuntimeDefault" | "Localhost");
    is_bad.then(|| profile.text("type"))
}

/// The annotations that name a forbidden profile, as a message shows them.
fn annotations(pod: &Pod<'_>) -> Vec<String> {
    let ours = pod.metadata.entries("annotations").filter(|(key, _)| key.starts_with(ANNOTATION));
    let values = ours.map(|(key, value)| (key, value.as_str().unwrap_or_default()));
    let allowed =
        |profile: &str| matches!(profile, "" | "runtime/default") || profile.starts_with("localhost/");
    let bad = values.filter(|(_, profile)| !allowed(profile));
    let mut shown: Vec<String> = bad.map(|(key, profile)| format!("{key}={}", quote(profile))).collect();
    shown.sort();
    shown
}
