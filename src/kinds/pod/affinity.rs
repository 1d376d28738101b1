//! Which nodes and which neighbours a pod likes (`validateAffinity`).

use crate::api::Dig;
use crate::api::differences::{AFFINITY_SELECTORS_PLACED, NODE_AFFINITY_VALUES_CHECKED};
use crate::api::names::{dns1123_label, dns1123_subdomain, label_value, qualified_name};
use crate::kinds::field::Field;
use crate::kinds::parts::selector;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Checks the affinities of a spec.
pub(super) fn validate(affinity: Field<'_>) {
    validate_node(affinity.child("nodeAffinity"));
    for kind in ["podAffinity", "podAntiAffinity"] {
        let affinity = affinity.child(kind);
        affinity.items(REQUIRED).for_each(validate_pod_term);
        for term in affinity.items(PREFERRED) {
            validate_weight(term);
            validate_pod_term(term.child("podAffinityTerm"));
        }
    }
}

fn validate_weight(term: Field<'_>) {
    let weight = term.number("weight").unwrap_or_default();
    if !(1..=100).contains(&weight) {
        term.child("weight").invalid_as(weight, "must be in the range 1-100");
    }
}

fn validate_node(affinity: Field<'_>) {
    if affinity.has(REQUIRED) {
        node_selector(affinity.child(REQUIRED));
    }
    for term in affinity.items(PREFERRED) {
        validate_weight(term);
        validate_node_term(term.child("preference"), false);
    }
}

/// Checks which nodes are wanted (`ValidateNodeSelector`).
pub(crate) fn node_selector(selector: Field<'_>) {
    let terms = selector.child("nodeSelectorTerms");
    if terms.list("").is_empty() {
        terms.required("must have at least one node selector term");
    }
    let strict = selector.version().has(NODE_AFFINITY_VALUES_CHECKED);
    terms.items("").for_each(|term| validate_node_term(term, strict));
}

fn validate_node_term(term: Field<'_>, strict: bool) {
    term.items("matchExpressions").for_each(|requirement| validate_node_labels(requirement, strict));
    term.items("matchFields").for_each(validate_node_field);
}

fn validate_node_labels(requirement: Field<'_>, strict: bool) {
    let (operator, values) = (requirement.string("operator"), requirement.child("values"));
    match (operator.text(""), values.list("").len()) {
        ("In" | "NotIn", 0) => values.required("must be specified when `operator` is 'In' or 'NotIn'"),
        ("Exists" | "DoesNotExist", 1..) => {
            values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        ("Gt" | "Lt", 0 | 2..) => {
            values.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        ("In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt", _) => {}
        _ => operator.invalid("not a valid selector operator"),
    }
    let version = requirement.version();
    requirement.child("key").invalid_each(qualified_name(requirement.text("key"), version));
    if strict {
        values.items("").for_each(|value| value.invalid_each(label_value(value.text(""), version)));
    }
}

fn validate_node_field(requirement: Field<'_>) {
    let (operator, values) = (requirement.string("operator"), requirement.child("values"));
    match (operator.text(""), values.list("").len()) {
        ("In" | "NotIn", 1) => {}
        ("In" | "NotIn", _) => {
            let detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            values.required(detail);
        }
        _ => operator.invalid("not a valid selector operator"),
    }
    let key = requirement.string("key");
    match key.text("") {
        "metadata.name" => {
            values.items("").for_each(|value| value.invalid_each(dns1123_subdomain(value.text(""))));
        }
        _ => key.invalid("not a valid field selector key"),
    }
}

fn validate_pod_term(term: Field<'_>) {
    for key in ["labelSelector", "namespaceSelector"] {
        // Once a selector was told of as if it stood in one of its lists.
        match term.version().has(AFFINITY_SELECTORS_PLACED) {
            true => selector::validate(term.child(key)),
            false => selector::validate(term.told_as("matchExpressions", term.value.at(key))),
        }
    }
    let version = term.version();
    for namespace in term.list("namespaces") {
        let told = term.told_as("namespace", namespace);
        told.invalid_each(dns1123_label(told.text(""), version));
    }
    for list in ["matchLabelKeys", "mismatchLabelKeys"] {
        if !term.list(list).is_empty() && !term.has("labelSelector") {
            term.child(list).forbidden("must not be specified when labelSelector is not set");
            continue;
        }
        term.items(list).for_each(|key| key.invalid_each(qualified_name(key.text(""), version)));
    }
    for key in term.items("matchLabelKeys").filter(|key| term.list("mismatchLabelKeys").contains(key.value)) {
        key.invalid("exists in both matchLabelKeys and mismatchLabelKeys");
    }
    let key = term.child("topologyKey");
    if key.text("").is_empty() {
        key.required("can not be empty");
    }
    key.invalid_each(qualified_name(key.text(""), version));
}
