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
        usable &= label_requirement(requirement, Unknown::Refused);
    }
    usable
}

/// What becomes of an operator that this server does not know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It is an error.
    Refused,
    /// It may be one of a later release (`AllowUnknownOperatorInRequirement`).
    Let,
}

/// Checks a requirement of a field selector (`ValidateFieldSelectorRequirement`).
pub(crate) fn field_requirement(requirement: Field<'_>, unknown: Unknown) {
    if requirement.text("key").is_empty() {
        requirement.child("key").required("must be specified");
    }
    operator(requirement, unknown);
}

fn operator(requirement: Field<'_>, unknown: Unknown) {
    let values = requirement.child("values");
    match (requirement.text("operator"), values.list("").is_empty()) {
        ("In" | "NotIn", true) => values.required("must be specified when `operator` is 'In' or 'NotIn'"),
        ("Exists" | "DoesNotExist", false) => {
            values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        ("In" | "NotIn" | "Exists" | "DoesNotExist", _) => {}
        (other, _) if unknown == Unknown::Refused => {
            requirement.child("operator").invalid_as(other, "not a valid selector operator");
        }
        _ => {}
    }
}

/// Checks a requirement of a label selector (`ValidateLabelSelectorRequirement`), and says whether it can be used.
pub(crate) fn label_requirement(requirement: Field<'_>, unknown: Unknown) -> bool {
    let before = requirement.errors.len();
    operator(requirement, unknown);
    let values = requirement.child("values");
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
