//! Limit ranges (`pkg/apis/core/v1/defaults.go`, `pkg/apis/core/validation`).
//!
//! Differs from Kubernetes: a ratio isn't compared with maximum and minimum.

use super::Kind;
use super::parts::quantities::{invalid, quantity};
use crate::api::field::Errors;
use crate::api::names::qualified_name;
use crate::api::quantity::Quantity;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::Value;
use std::collections::BTreeSet;

const TYPES: [&str; 3] = ["Pod", "Container", "PersistentVolumeClaim"];

/// The row of limit ranges.
pub(super) const KIND: Kind = Kind {
    defaults,
    prepare: |_, _, _, _| {},
    validate,
    whole_update: true,
    created_by_update: true,
    ..Kind::plain("", "limitranges")
};

/// A container's limit is the maximum unless given, its request the limit, else the minimum.
fn defaults(range: &mut Value, _: Version) {
    let limits = range.at_mut("spec.limits").and_then(Value::as_array_mut);
    for item in limits.into_iter().flatten() {
        if item.text("type") != "Container" {
            continue;
        }
        for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
            for (resource, quantity) in item.at(from).as_object().cloned().unwrap_or_default() {
                let place = &mut item.make(to)[resource];
                if place.is_null() {
                    *place = quantity;
                }
            }
        }
    }
}

fn validate(range: &Value, errors: &Errors) {
    let limits = range.list("spec.limits");
    for (i, item) in limits.iter().enumerate() {
        let path = format!("spec.limits[{i}]");
        let kind = item.text("type");
        let path_type = format!("{path}.type");
        errors.invalid_each(&path_type, kind, qualified_name(kind, errors.version()));
        if !kind.contains('/') && !TYPES.contains(&kind) {
            let detail = "must be a standard limit type or fully qualified";
            errors.invalid(&path_type, kind, detail);
        }
        if limits.iter().take(i).any(|other| other.text("type") == kind) {
            errors.duplicate(&path_type, kind);
        }
        for key in ["default", "defaultRequest"] {
            if kind == "Pod" && item.entries(key).next().is_some() {
                let detail = format!("may not be specified when `type` is '{kind}'");
                errors.forbidden(format_args!("{path}.{key}"), detail);
            }
        }
        let storage = |key: &str| item.at(key).get("storage").is_some();
        if kind == "PersistentVolumeClaim" && !storage("min") && !storage("max") {
            let detail = "either minimum or maximum storage value is required, but neither was provided";
            errors.required(format_args!("{path}.limits"), detail);
        }
        validate_order(item, &path, errors);
    }
}

/// What may not be greater than what: key and words of each, the key at which it is told, and whose value is shown.
const ORDER: [(&str, &str, &str, &str, &str, bool); 6] = [
    ("min", "min value", "max", "max value", "min", true),
    ("min", "min value", "defaultRequest", "default request value", "defaultRequest", false),
    ("defaultRequest", "default request value", "max", "max value", "defaultRequest", true),
    ("defaultRequest", "default request value", "default", "default limit value", "defaultRequest", true),
    ("min", "min value", "default", "default value", "default", true),
    ("default", "default value", "max", "max value", "default", false),
];

fn validate_order(item: &Value, path: &str, errors: &Errors) {
    let lists = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];
    let resources: BTreeSet<&String> =
        lists.into_iter().flat_map(|key| item.entries(key)).map(|(k, _)| k).collect();
    for resource in resources {
        let amount = |key: &str| item.at(key).get(resource).and_then(quantity);
        for (low, low_words, high, high_words, told_at, shows_low) in ORDER {
            let (Some(low), Some(high)) = (amount(low), amount(high)) else {
                continue;
            };
            if low > high {
                let shown = if shows_low { &low } else { &high };
                let detail = format!("{low_words} {low} is greater than {high_words} {high}");
                invalid(format_args!("{path}.{told_at}[{resource}]"), shown, detail, errors);
            }
        }
        if let Some(ratio) = amount("maxLimitRequestRatio").filter(|ratio| *ratio < Quantity::whole(1)) {
            let detail = format!("ratio {ratio} is less than 1");
            invalid(format_args!("{path}.maxLimitRequestRatio[{resource}]"), &ratio, detail, errors);
        }
    }
}
