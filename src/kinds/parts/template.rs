//! Pod templates inside workloads (`ValidatePodTemplateSpec`).

use super::meta::annotation_map;
use super::selector;
use crate::api::Path;
use crate::api::field::Errors;
use crate::api::value::Dig;
use crate::kinds::pod::options::Options;
use crate::kinds::pod::{annotations, spec};
use serde_json::Value;

/// Checks a template.
pub(crate) fn validate(template: &Value, old: Option<&Value>, path: &Path<'_>, errors: &mut Errors) {
    metadata(template, path, errors);
    let (pod, at) = (template.at("spec"), path.child("spec"));
    spec::validate(pod, &at, &Options::template(old), errors);
    annotations::seccomp_matches(template, &at, errors);
    annotations::app_armor_matches(template, &at, errors);
    if !pod.list("ephemeralContainers").is_empty() {
        let detail = "ephemeral containers not allowed in pod template";
        errors.forbidden(at.child("ephemeralContainers"), detail);
    }
}

/// Checks a template's labels and annotations; errors leave out `metadata`.
pub(crate) fn metadata(template: &Value, path: &Path<'_>, errors: &mut Errors) {
    selector::validate_labels(template.at("metadata.labels"), &path.child("labels"), errors);
    let (map, at) = (template.at("metadata.annotations"), path.child("annotations"));
    annotation_map(map, &at.to_string(), errors);
    annotations::validate(map, template.at("spec"), &at, errors);
}

/// Checks that a template's labels are those that a workload selects.
pub(crate) fn is_selected(template: &Value, selector: &Value, path: &Path<'_>, errors: &mut Errors) {
    let labels = template.at("metadata.labels");
    if !selector::matches(selector, labels) {
        let detail = "`selector` does not match template `labels`";
        selector::invalid_labels(labels, &path.child("metadata.labels"), detail, errors);
    }
}

/// Checks what a workload that keeps its pods running needs of them.
pub(crate) fn runs_on(template: &Value, kind: &str, path: &Path<'_>, errors: &mut Errors) {
    let policy = template.at("spec.restartPolicy");
    if policy.as_str() != Some("Always") {
        errors.not_supported(path.child("spec.restartPolicy"), policy, &["Always"]);
    }
    if template.has("spec.activeDeadlineSeconds") {
        let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
        errors.forbidden(path.child("spec.activeDeadlineSeconds"), detail);
    }
}

/// Checks a selector that must be there and select something, and the template against it.
pub(crate) fn selected_by(
    spec: &Value,
    old: Option<&Value>,
    words: [&str; 3],
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let [empty, unusable, kind] = words;
    let (selector, at) = (spec.at("selector"), path.child("selector"));
    if selector.is_null() {
        errors.required(at, "");
    } else {
        selector::validate(selector, &at, errors);
        if selector::is_empty(selector) {
            selector::invalid(selector, &at, empty, errors);
        }
    }
    if !selector::is_usable(selector) {
        return selector::invalid(selector, &at, unusable, errors);
    }
    let (template, path) = (spec.at("template"), path.child("template"));
    // A selector that isn't there selects nothing, not even this; an empty one isn't compared.
    if selector.is_null() || !selector::is_empty(selector) {
        is_selected(template, selector, &path, errors);
    }
    validate(template, old.map(|spec| spec.at("template")), &path, errors);
    runs_on(template, kind, &path, errors);
}

/// Checks that a strategy is one of a few; a wrong one is told of as a whole.
pub(crate) fn strategy_type(
    strategy: &Value,
    path: &Path<'_>,
    allowed: &[&str],
    errors: &mut Errors,
) -> bool {
    let known = allowed.contains(&strategy.text("type"));
    if !known {
        errors.not_supported(path, strategy, allowed);
    }
    known
}
