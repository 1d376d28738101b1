//! Which nodes and which neighbours a pod likes (`validateAffinity`).

use crate::api::Path;
use crate::api::differences::NODE_AFFINITY_VALUES_CHECKED;
use crate::api::field::Errors;
use crate::api::names::{dns1123_label, dns1123_subdomain, label_value, qualified_name};
use crate::api::value::Dig;
use crate::kinds::parts::selector;
use serde_json::Value;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Checks the affinities of a spec.
pub(super) fn validate(affinity: &Value, path: &Path<'_>, errors: &mut Errors) {
    validate_node(affinity.at("nodeAffinity"), &path.child("nodeAffinity"), errors);
    for kind in ["podAffinity", "podAntiAffinity"] {
        let (terms, path) = (affinity.at(kind), path.child(kind));
        let required = path.child(REQUIRED);
        for (i, term) in terms.list(REQUIRED).iter().enumerate() {
            validate_pod_term(term, &required.index(i), errors);
        }
        let preferred = path.child(PREFERRED);
        for (i, term) in terms.list(PREFERRED).iter().enumerate() {
            let path = preferred.index(i);
            validate_weight(term, &path, errors);
            validate_pod_term(term.at("podAffinityTerm"), &path.child("podAffinityTerm"), errors);
        }
    }
}

fn validate_weight(term: &Value, path: &Path<'_>, errors: &mut Errors) {
    let weight = term.at("weight").as_i64().unwrap_or_default();
    if !(1..=100).contains(&weight) {
        errors.invalid(path.child("weight"), weight, "must be in the range 1-100");
    }
}

fn validate_node(affinity: &Value, path: &Path<'_>, errors: &mut Errors) {
    let required = affinity.at(REQUIRED);
    if !required.is_null() {
        let path = path.child(REQUIRED);
        let path = path.child("nodeSelectorTerms");
        match required.list("nodeSelectorTerms") {
            [] => errors.required(path, "must have at least one node selector term"),
            terms => {
                let strict = errors.version().has(NODE_AFFINITY_VALUES_CHECKED);
                for (i, term) in terms.iter().enumerate() {
                    validate_node_term(term, strict, &path.index(i), errors);
                }
            }
        }
    }
    let preferred = path.child(PREFERRED);
    for (i, term) in affinity.list(PREFERRED).iter().enumerate() {
        let path = preferred.index(i);
        validate_weight(term, &path, errors);
        validate_node_term(term.at("preference"), false, &path.child("preference"), errors);
    }
}

fn validate_node_term(term: &Value, strict: bool, path: &Path<'_>, errors: &mut Errors) {
    let expressions = path.child("matchExpressions");
    for (i, one) in term.list("matchExpressions").iter().enumerate() {
        validate_node_labels(one, strict, &expressions.index(i), errors);
    }
    let fields = path.child("matchFields");
    for (i, one) in term.list("matchFields").iter().enumerate() {
        validate_node_field(one, &fields.index(i), errors);
    }
}

fn validate_node_labels(requirement: &Value, strict: bool, path: &Path<'_>, errors: &mut Errors) {
    let (operator, values) = (requirement.text("operator"), requirement.list("values"));
    let at = path.child("values");
    match operator {
        "In" | "NotIn" if values.is_empty() => {
            errors.required(at, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            errors.forbidden(at, detail);
        }
        "Gt" | "Lt" if values.len() != 1 => {
            let detail = "must be specified single value when `operator` is 'Lt' or 'Gt'";
            errors.required(at, detail);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        _ => errors.invalid(path.child("operator"), operator, "not a valid selector operator"),
    }
    let (key, version) = (requirement.text("key"), errors.version());
    errors.invalid_each(path.child("key"), key, qualified_name(key, version));
    if strict {
        for (i, value) in values.iter().filter_map(Value::as_str).enumerate() {
            errors.invalid_each(at.index(i), value, label_value(value, version));
        }
    }
}

fn validate_node_field(requirement: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (operator, values) = (requirement.text("operator"), requirement.list("values"));
    match operator {
        "In" | "NotIn" if values.len() == 1 => {}
        "In" | "NotIn" => {
            let detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            errors.required(path.child("values"), detail);
        }
        _ => errors.invalid(path.child("operator"), operator, "not a valid selector operator"),
    }
    match requirement.text("key") {
        "metadata.name" => {
            let path = path.child("values");
            for (i, value) in values.iter().filter_map(Value::as_str).enumerate() {
                errors.invalid_each(path.index(i), value, dns1123_subdomain(value));
            }
        }
        key => errors.invalid(path.child("key"), key, "not a valid field selector key"),
    }
}

fn validate_pod_term(term: &Value, path: &Path<'_>, errors: &mut Errors) {
    for key in ["labelSelector", "namespaceSelector"] {
        selector::validate(term.at(key), &path.child(key), errors);
    }
    let version = errors.version();
    for name in term.list("namespaces").iter().filter_map(Value::as_str) {
        errors.invalid_each(path.child("namespace"), name, dns1123_label(name, version));
    }
    for key in ["matchLabelKeys", "mismatchLabelKeys"] {
        let (keys, path) = (term.list(key), path.child(key));
        if !keys.is_empty() && !term.has("labelSelector") {
            errors.forbidden(path, "must not be specified when labelSelector is not set");
            continue;
        }
        for (i, key) in keys.iter().filter_map(Value::as_str).enumerate() {
            errors.invalid_each(path.index(i), key, qualified_name(key, version));
        }
    }
    let mismatched = term.list("mismatchLabelKeys");
    for (i, key) in term.list("matchLabelKeys").iter().enumerate() {
        if mismatched.contains(key) {
            let detail = "exists in both matchLabelKeys and mismatchLabelKeys";
            errors.invalid(path.child("matchLabelKeys").index(i), key, detail);
        }
    }
    let key = term.text("topologyKey");
    if key.is_empty() {
        errors.required(path.child("topologyKey"), "can not be empty");
    }
    errors.invalid_each(path.child("topologyKey"), key, qualified_name(key, version));
}
