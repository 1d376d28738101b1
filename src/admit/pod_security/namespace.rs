//! What is asked of a namespace's labels, and which pods of it would not pass anew
//! (`ValidateNamespace` of `pod-security-admission/admission/admission.go`).
//!
//! # Differs from Kubernetes
//! The real server stops after a second; here only the number of pods is limited.

use super::checks;
use super::policy::{Level, LevelVersion, Mode, Policy};
use super::settings::Settings;
use super::{is_exempt_class, pod};
use crate::admit::{Cx, Operation, Outcome, Review, Verdict};
use crate::api::field::quote;
use crate::api::{Dig, Errors};
use crate::json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many pods are looked at.
const MOST_PODS: usize = 3000;

/// Labels must be valid where they change; a stricter enforce level warns of the pods that violate it.
pub(super) fn validate(cx: &Cx<'_>, settings: &Settings, review: &mut Review) -> Outcome {
    let (new, errors) = Policy::of(&review.object, settings.defaults, cx.version);
    let old = match (review.operation, &review.old) {
        (Operation::Update, Some(old)) => Some(Policy::of(old, settings.defaults, cx.version)),
        (Operation::Create | Operation::Update | Operation::Delete | Operation::Connect, _) => None,
    };
    let same_errors = old.as_ref().is_some_and(|(_, old)| old.list() == errors.list());
    if !same_errors {
        refuse(review, errors)?;
    }
    if let Some((old, _)) = old
        && !is_stricter(new.enforce, old.enforce)
    {
        return Ok(Verdict::Passed(format!("enforces no more than before: {}", new.enforce)));
    }
    let name = review.object.name();
    if settings.exempt.namespaces.iter().any(|exempt| exempt == name) {
        let warning = ignored(name, &review.object, &new, &settings.defaults);
        review.warnings.extend(warning);
    } else if old.is_some() {
        let warnings = violating(cx, settings, name, new.enforce);
        review.warnings.extend(warnings);
    }
    Ok(Verdict::Passed(format!("enforces {}", new.enforce)))
}

fn refuse(review: &Review, errors: Errors) -> Result<(), crate::api::Status> {
    errors.into_status("", "Namespace", review.object.name())
}

/// Whether pods that passed may not pass any more.
fn is_stricter(new: LevelVersion, old: LevelVersion) -> bool {
    new != old && new.level != Level::Privileged && (new.version != old.version || new.level > old.level)
}

/// The warning that an exempt namespace's labels mean nothing.
fn ignored(name: &str, namespace: &Value, policy: &Policy, defaults: &Policy) -> Option<String> {
    if policy.is_fully_privileged() || policy.is_equivalent(defaults) {
        return None;
    }
    let has = |label: String| namespace.label(&label).is_some();
    let said = Mode::ALL.into_iter().filter(|mode| {
        let labelled = has(mode.level_label()) || has(mode.version_label());
        labelled && policy.of_mode(*mode).level != Level::Privileged
    });
    let said: Vec<String> = said.map(|mode| format!("{}={}", mode.name(), policy.of_mode(mode))).collect();
    Some(format!(
        "namespace {} is exempt from Pod Security, and the policy ({}) will be ignored",
        quote(name),
        said.join(", ")
    ))
}

/// The warnings about pods that violate a new level: those that violate the same are one warning.
fn violating(cx: &Cx<'_>, settings: &Settings, namespace: &str, enforce: LevelVersion) -> Vec<String> {
    let pods = one_of_each_controller_first(settings, cx.list("pods", namespace));
    let mut by_reason: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for object in pods.iter().take(MOST_PODS) {
        let violations = checks::evaluate(enforce, &pod(cx, object));
        if !violations.is_empty() {
            by_reason.entry(checks::reasons(&violations)).or_default().push(object.name());
        }
    }
    let mut lines: Vec<String> = by_reason.iter().map(|(reasons, names)| line(reasons, names)).collect();
    lines.sort();
    let limited = (pods.len() > MOST_PODS).then(|| {
        format!(
            "new PodSecurity enforce level only checked against the first {MOST_PODS} of {} existing pods",
            pods.len()
        )
    });
    let heading = (!lines.is_empty()).then(|| {
        format!(
            "existing pods in namespace {} violate the new PodSecurity enforce level {}",
            quote(namespace),
            quote(&enforce.to_string())
        )
    });
    limited.into_iter().chain(heading).chain(lines).collect()
}

fn line(reasons: &str, names: &[&str]) -> String {
    let first = names.iter().min().copied().unwrap_or_default();
    match names.len() {
        1 => format!("{first}: {reasons}"),
        2 => format!("{first} (and 1 other pod): {reasons}"),
        count => format!("{first} (and {} other pods): {reasons}", count - 1),
    }
}

/// So that the limit leaves out what is most alike; without the pods of exempt runtime classes.
fn one_of_each_controller_first(settings: &Settings, pods: Vec<Arc<Value>>) -> Vec<Arc<Value>> {
    let mut seen = BTreeSet::new();
    let subject = pods.into_iter().filter(|pod| !is_exempt_class(settings, pod.at("spec")));
    let (mut first, more): (Vec<_>, Vec<_>) = subject.partition(|pod| {
        let mut owners = pod.list("metadata.ownerReferences").iter();
        let controller = owners.find(|owner| owner.flag("controller"));
        controller.is_none_or(|owner| seen.insert(owner.text("uid").to_owned()))
    });
    first.extend(more);
    first
}
