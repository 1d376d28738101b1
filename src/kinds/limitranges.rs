//! Limit ranges (`pkg/apis/core/v1/defaults.go`, `pkg/apis/core/validation`).

use super::Kind;
use super::field::Field;
use super::parts::quantities::{invalid_whole, quantity};
use super::pod::{is_of_containers, is_standard, wrong_name};
use crate::api::names::qualified_name;
use crate::api::{Dig, Quantity, Version};
use crate::json::{Text, Value};
use std::collections::BTreeSet;

const TYPES: [&str; 3] = ["Pod", "Container", "PersistentVolumeClaim"];

/// The row of limit ranges.
pub(super) const KIND: Kind = Kind {
    defaults,
    prepare: |_, _, _, _| {},
    validate,
    whole_update: true,
    created_by_update: |_, _| true,
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
        let wrong = qualified_name(kind, field.version());
        if wrong.is_empty() && !kind.contains('/') && !TYPES.contains(&kind) {
            field.invalid_as(kind, "must be a standard limit type or fully qualified");
        }
        field.invalid_each(wrong);
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

/// Which lists count for a type: what is forbidden anyway does not.
fn lists(item: Field<'_>) -> impl Iterator<Item = &'static str> {
    let whole = item.text("type") == "Pod";
    let all = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];
    all.into_iter().filter(move |key| !whole || !key.starts_with("default"))
}

fn validate_order(item: Field<'_>) {
    for key in lists(item) {
        for (name, entry) in item.entries(key) {
            resource_name(name, entry, item.text("type"));
        }
    }
    let resources: BTreeSet<&Text> =
        lists(item).flat_map(|key| item.value.entries(key)).map(|(k, _)| k).collect();
    for resource in resources {
        let written = |key: &str| {
            let counts = lists(item).any(|list| list == key);
            item.value.at(key).get(resource).filter(|_| counts)
        };
        let amount = |key: &str| written(key).and_then(quantity);
        let refuse = |key: &str, shown: &Value, detail: String| {
            invalid_whole(Field { path: item.path.entry(key, resource), ..item }, shown, detail);
        };
        for (low_key, low_words, high_key, high_words, told_at, shows_low) in ORDER {
            let (Some(low), Some(high)) = (amount(low_key), amount(high_key)) else {
                continue;
            };
            if low > high {
                let detail = format!("{low_words} {low} is greater than {high_words} {high}");
                let shown = written(if shows_low { low_key } else { high_key }).unwrap_or(&Value::Null);
                refuse(told_at, shown, detail);
            }
        }
        let Some((ratio, shown)) = amount("maxLimitRequestRatio").zip(written("maxLimitRequestRatio")) else {
            continue;
        };
        if ratio < Quantity::whole(1) {
            refuse("maxLimitRequestRatio", shown, format!("ratio {ratio} is less than 1"));
        }
        if let (Some(min), Some(max)) = (amount("min"), amount("max"))
            && let Some(limit) = exceeded(&ratio, &min, &max)
        {
            let detail = format!("ratio {ratio} is greater than max/min = {limit}");
            refuse("maxLimitRequestRatio", shown, detail);
        }
    }
}

/// Maximum by minimum, in millionths as text, if a ratio is greater.
fn exceeded(ratio: &Quantity, min: &Quantity, max: &Quantity) -> Option<String> {
    let [ratio, min, max] = [ratio, min, max].map(|amount| i128::from(amount.milli_value()));
    if min <= 0 || ratio * min <= max * 1000 {
        return None;
    }
    let millionths = (max * 2_000_000 / min + 1) / 2;
    Some(format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000))
}

/// Checks the name of a resource by the rules of a type's objects.
fn resource_name(name: &str, entry: Field<'_>, kind: &str) {
    let shown = Value::from(name);
    let named = entry.told_as("", &shown);
    let wrong = qualified_name(name, entry.version());
    let standard = name.contains('/') || is_standard(name);
    if wrong.is_empty() && !standard {
        wrong_name(named, true, "must be a standard resource type or fully qualified");
    }
    let fits = match kind {
        "Pod" | "Container" => name.contains('/') || is_of_containers(name),
        _ => true,
    };
    if wrong.is_empty() && standard && !fits {
        wrong_name(named, true, "must be a standard resource for containers");
    }
    wrong.into_iter().for_each(|message| wrong_name(named, true, message));
}
