//! Limit ranges (`pkg/apis/core/v1/defaults.go`, `pkg/apis/core/validation`).
//!
//! Differs from Kubernetes: a ratio isn't compared with maximum and minimum.

use super::Kind;
use super::field::Field;
use super::parts::quantities::{invalid, quantity};
use crate::api::names::qualified_name;
use crate::api::{Dig, Quantity, Version};
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

fn validate(range: Field<'_>) {
    let mut seen = Vec::new();
    for item in range.items("spec.limits") {
        let (field, kind) = (item.child("type"), item.text("type"));
        field.invalid_each(qualified_name(kind, field.version()));
        if !kind.contains('/') && !TYPES.contains(&kind) {
            field.invalid_as(kind, "must be a standard limit type or fully qualified");
        }
        if seen.contains(&kind) {
            field.errors.duplicate(field.path, kind);
        }
        seen.push(kind);
        for key in ["default", "defaultRequest"] {
            if kind == "Pod" && item.value.entries(key).next().is_some() {
                item.child(key).forbidden(format_args!("may not be specified when `type` is '{kind}'"));
            }
        }
        let storage = |key: &str| item.value.at(key).get("storage").is_some();
        if kind == "PersistentVolumeClaim" && !storage("min") && !storage("max") {
            let detail = "either minimum or maximum storage value is required, but neither was provided";
            item.child("limits").required(detail);
        }
        validate_order(item);
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

fn validate_order(item: Field<'_>) {
    let lists = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];
    let resources: BTreeSet<&String> =
        lists.into_iter().flat_map(|key| item.value.entries(key)).map(|(k, _)| k).collect();
    for resource in resources {
        let amount = |key: &str| item.value.at(key).get(resource).and_then(quantity);
        let refuse = |key: &str, shown: &Quantity, detail: String| {
            invalid(Field { path: item.path.entry(key, resource), ..item }, shown, detail);
        };
        for (low, low_words, high, high_words, told_at, shows_low) in ORDER {
            let (Some(low), Some(high)) = (amount(low), amount(high)) else {
                continue;
            };
            if low > high {
                let detail = format!("{low_words} {low} is greater than {high_words} {high}");
                refuse(told_at, if shows_low { &low } else { &high }, detail);
            }
        }
        if let Some(ratio) = amount("maxLimitRequestRatio").filter(|ratio| *ratio < Quantity::whole(1)) {
            refuse("maxLimitRequestRatio", &ratio, format!("ratio {ratio} is less than 1"));
        }
    }
}
