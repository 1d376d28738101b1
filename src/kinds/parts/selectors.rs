//! Label selectors (`apimachinery/pkg/apis/meta/v1/validation`).

use super::meta::label_map;
use crate::api::differences::SELECTOR_VALUES_CHECKED;
use crate::api::field::Errors;
use crate::api::names::{label_value, qualified_name};
use crate::api::value::Dig;
use serde_json::Value;

/// Checks a label selector, and says whether it can be used.
pub(crate) fn label_selector(selector: &Value, path: &str, errors: &mut Errors) -> bool {
    let before = errors.len();
    label_map(selector.at("matchLabels"), &format!("{path}.matchLabels"), errors);
    let mut usable = errors.len() == before;
    for (i, requirement) in selector.list("matchExpressions").iter().enumerate() {
        usable &= requirement_ok(requirement, &format!("{path}.matchExpressions[{i}]"), errors);
    }
    usable
}

fn requirement_ok(requirement: &Value, path: &str, errors: &mut Errors) -> bool {
    let before = errors.len();
    let values = requirement.list("values");
    match requirement.text("operator") {
        "In" | "NotIn" if values.is_empty() => errors
            .required(format_args!("{path}.values"), "must be specified when `operator` is 'In' or 'NotIn'"),
        "Exists" | "DoesNotExist" if !values.is_empty() => errors.forbidden(
            format_args!("{path}.values"),
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        ),
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => errors.invalid(format_args!("{path}.operator"), other, "not a valid selector operator"),
    }
    let (key, version) = (requirement.text("key"), errors.version());
    errors.invalid_each(format_args!("{path}.key"), key, qualified_name(key, version));
    let mut unusable = false;
    for (i, value) in values.iter().enumerate() {
        let value = value.as_str().unwrap_or_default();
        let wrong = label_value(value, version);
        unusable |= !wrong.is_empty();
        // Earlier releases found it out when they made the selector.
        if version.has(SELECTOR_VALUES_CHECKED) {
            errors.invalid_each(format_args!("{path}.values[{i}]"), value, wrong);
        }
    }
    !unusable && errors.len() == before
}
