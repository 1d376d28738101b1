//! Limit ranges (`pkg/apis/core/v1/defaults.go`, `pkg/apis/core/validation`).
//!
//! Differs from Kubernetes: that minimum, default and maximum rise in this order isn't checked.

use super::Rules;
use super::names::qualified_name;
use crate::api::field::Errors;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::Value;

const TYPES: [&str; 3] = ["Pod", "Container", "PersistentVolumeClaim"];

/// Rules of limit ranges.
pub const RULES: Rules = Rules {
    defaults,
    prepare: |_, _, _, _| {},
    validate,
    whole_update: true,
    ..Rules::PLAIN
};

/// A container's limit is the maximum unless given, its request the limit, else the minimum.
fn defaults(range: &mut Value, _: Version) {
    let limits = range.at_mut("spec.limits").and_then(Value::as_array_mut);
    for item in limits.into_iter().flatten() {
        if item.text("type") != "Container" {
            continue;
        }
        for (from, to) in [
            ("max", "default"),
            ("default", "defaultRequest"),
            ("min", "defaultRequest"),
        ] {
            for (resource, quantity) in item.at(from).as_object().cloned().unwrap_or_default() {
                let place = &mut item.make(to)[resource];
                if place.is_null() {
                    *place = quantity;
                }
            }
        }
    }
}

fn validate(range: &Value, errors: &mut Errors) {
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
    }
}
