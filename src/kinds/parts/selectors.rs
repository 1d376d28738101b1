//! Label selectors (`apimachinery/pkg/apis/meta/v1/validation`).

use super::meta;
use crate::api::differences::SELECTOR_VALUES_CHECKED;
use crate::api::names::{label_value, qualified_name};
use crate::kinds::field::Field;

/// Checks a label selector, and says whether it can be used.
pub(crate) fn label_selector(selector: Field<'_>) -> bool {
    let before = selector.errors.len();
    meta::labels(selector.child("matchLabels"));
    let mut usable = selector.errors.len() == before;
    for requirement in selector.items("matchExpressions") {
        usable &= requirement_ok(requirement);
    }
    usable
}

fn requirement_ok(requirement: Field<'_>) -> bool {
    let before = requirement.errors.len();
    let values = requirement.child("values");
    match (requirement.text("operator"), values.list("").is_empty()) {
        ("In" | "NotIn", true) => values.required("must be specified when `operator` is 'In' or 'NotIn'"),
        ("Exists" | "DoesNotExist", false) => {
            values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
        (other, _) => requirement.child("operator").invalid_as(other, "not a valid selector operator"),
    }
    let (key, version) = (requirement.child("key"), requirement.version());
    key.invalid_each(qualified_name(key.text(""), version));
    let mut unusable = false;
    for value in values.items("") {
        let wrong = label_value(value.text(""), version);
        unusable |= !wrong.is_empty();
        // Earlier releases found it out when they made the selector.
        if version.has(SELECTOR_VALUES_CHECKED) {
            value.invalid_each(wrong);
        }
    }
    !unusable && requirement.errors.len() == before
}
