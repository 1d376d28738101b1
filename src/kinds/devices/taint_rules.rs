//! Rules that taint devices, wherever they are.

use super::{names, taints};
use crate::api::{Dig, Version};
use crate::json::{Value, json};
use crate::kinds::Kind;
use crate::kinds::field::Field;
use crate::kinds::parts::conditions;
use crate::kinds::parts::strategy::{keep, spec_with_generation};

const CONDITIONS_MAX: usize = 8;

/// The row of rules that taint devices.
pub(in crate::kinds) const KIND: Kind = Kind {
    prepare,
    validate: |rule| validate(rule.child("spec"), &Value::Null),
    validate_update: |new, old, subresource| match subresource {
        "" => validate(new.child("spec"), old.at("spec")),
        _ => {
            let list = new.child("status.conditions");
            conditions::validate(list);
            if list.list("").len() > CONDITIONS_MAX {
                list.errors.too_many(list.path, list.list("").len(), CONDITIONS_MAX);
            }
        }
    },
    returned: |_| true,
    ..Kind::plain("resource.k8s.io", "devicetaintrules")
};

fn prepare(rule: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_with_generation(rule, old, subresource, version);
    match old {
        None => {
            rule.set("status", json!({}));
            if !rule.has("spec.taint.timeAdded") {
                rule.set("spec.taint.timeAdded", rule.at("metadata.creationTimestamp").clone());
            }
        }
        Some(old) if subresource == "status" => keep(rule, old, "metadata.labels"),
        Some(_) => {}
    }
}

fn validate(spec: Field<'_>, old: &Value) {
    let selector = spec.child("deviceSelector");
    for (key, check) in
        [("driver", names::driver as fn(Field<'_>)), ("pool", names::pool), ("device", names::label)]
    {
        if selector.has(key) {
            check(selector.child(key));
        }
    }
    taints::taint(spec.child("taint"), old.at("taint"));
}
