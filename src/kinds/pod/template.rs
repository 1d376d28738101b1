//! Pod templates inside workloads (`ValidatePodTemplateSpec`).

use super::options::Options;
use super::{annotations, spec};
use crate::api::Dig;
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::{meta, selector};

/// Checks a template.
pub(in crate::kinds) fn validate(template: Field<'_>, old: Option<&Value>) {
    metadata(template);
    let pod = template.child("spec");
    spec::validate(pod, &Options::template(old));
    annotations::seccomp_matches(template.value, pod);
    annotations::app_armor_matches(template.value, pod);
    if !pod.list("ephemeralContainers").is_empty() {
        pod.child("ephemeralContainers").forbidden("ephemeral containers not allowed in pod template");
    }
}

/// Checks a template's labels and annotations; errors leave out `metadata`.
pub(in crate::kinds) fn metadata(template: Field<'_>) {
    meta::labels(template.told_as("labels", template.value.at("metadata.labels")));
    let map = template.told_as("annotations", template.value.at("metadata.annotations"));
    meta::annotations(map);
    annotations::validate(map, template.value.at("spec"));
}

/// Checks that a template's labels are those that a workload selects.
pub(in crate::kinds) fn is_selected(template: Field<'_>, selector: &Value) {
    let labels = template.child("metadata.labels");
    if !selector::matches(selector, labels.value) {
        selector::invalid_labels(labels, "`selector` does not match template `labels`");
    }
}

/// Checks what a workload that keeps its pods running needs of them.
pub(in crate::kinds) fn runs_on(template: Field<'_>, kind: &str) {
    if template.text("spec.restartPolicy") != "Always" {
        template.child("spec.restartPolicy").not_supported(&["Always"]);
    }
    if template.has("spec.activeDeadlineSeconds") {
        let deadline = template.child("spec.activeDeadlineSeconds");
        deadline.forbidden(format_args!("activeDeadlineSeconds in {kind} is not Supported"));
    }
}

/// Checks a selector that must be there and select something, and the template against it. The words are those for an
/// empty selector, for one that can't be used, and the kind.
pub(in crate::kinds) fn selected_by(spec: Field<'_>, old: Option<&Value>, words: [&str; 3]) {
    let [empty, unusable, kind] = words;
    let selector = spec.child("selector");
    if selector.is_null() {
        selector.required("");
    } else {
        selector::validate(selector);
        if selector::is_empty(selector.value) {
            selector::invalid(selector, empty);
        }
    }
    if !selector::is_usable(selector.value) {
        return selector::invalid(selector, unusable);
    }
    let template = spec.child("template");
    // A selector that isn't there selects nothing, not even this; an empty one isn't compared.
    if selector.is_null() || !selector::is_empty(selector.value) {
        is_selected(template, selector.value);
    }
    validate(template, old.map(|spec| spec.at("template")));
    runs_on(template, kind);
}

/// Checks that a strategy is one of a few; a wrong one is told of as a whole.
pub(in crate::kinds) fn strategy_type(strategy: Field<'_>, kind: &str, allowed: &[&str]) -> bool {
    let known = allowed.contains(&strategy.text("type"));
    if !known {
        strategy.not_supported_internal(kind, allowed);
    }
    known
}
