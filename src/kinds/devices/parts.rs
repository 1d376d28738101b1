//! What classes, claims and slices have in common: selectors, configuration, taints.

use super::{limited, names};
use crate::api::Dig;
use crate::api::names::{label_value, qualified_name};
use crate::kinds::field::Field;
use crate::kinds::pod::is_extended;
use serde_json::Value;

const ITEMS_MAX: usize = 32;
const EFFECTS: [&str; 3] = ["NoExecute", "NoSchedule", "None"];

/// Checks a class of devices.
pub(super) fn class(spec: Field<'_>) {
    selectors(spec.child("selectors"));
    let config = spec.child("config");
    limited(config, ITEMS_MAX);
    config.items("").for_each(opaque);
    let resource = spec.child("extendedResourceName");
    if !resource.is_null() && !is_extended(resource.text(""), resource.version()) {
        resource.invalid("must be a valid extended resource name");
    }
}

/// Checks by what devices are chosen.
pub(super) fn selectors(selectors: Field<'_>) {
    limited(selectors, ITEMS_MAX);
    for selector in selectors.items("").filter(|selector| !selector.has("cel")) {
        selector.child("cel").required("");
    }
}

/// Checks what a driver is to be told.
pub(super) fn opaque(config: Field<'_>) {
    let opaque = config.child("opaque");
    if opaque.is_null() {
        return opaque.required("");
    }
    names::driver(opaque.child("driver"));
    let parameters = opaque.child("parameters");
    match parameters.value {
        Value::Null => parameters.required(""),
        Value::Object(_) => {}
        _ => parameters.invalid_as("<value omitted>", "must be a valid JSON object"),
    }
}

/// Checks which taints of a device are put up with.
pub(super) fn toleration(toleration: Field<'_>) {
    let (key, value) = (toleration.child("key"), toleration.child("value"));
    let (operator, effect) = (toleration.string("operator"), toleration.child("effect"));
    key.named_if_set(|key| qualified_name(key, toleration.version()));
    match operator.text("") {
        "Exists" if !value.text("").is_empty() => value.invalid("must be empty for operator `Exists`"),
        "Exists" => {}
        "Equal" => value.invalid_each(label_value(value.text(""), value.version())),
        "" => operator.required(""),
        _ => operator.not_supported(&["Equal", "Exists"]),
    }
    if operator.text("") == "Equal" && key.text("").is_empty() {
        key.required("must not be empty when operator is `Equal`");
    }
    if !effect.text("").is_empty() && !EFFECTS.contains(&effect.text("")) {
        effect.not_supported(&EFFECTS);
    }
}

/// Checks a taint of a device.
pub(super) fn taint(taint: Field<'_>) {
    let (key, value) = (taint.child("key"), taint.child("value"));
    key.named(|key| qualified_name(key, taint.version()));
    value.invalid_each(label_value(value.text(""), value.version()));
    taint.string("effect").one_of(&EFFECTS);
}

/// Which of some fields are there, in order.
pub(super) fn given<'k>(object: &Value, keys: &[&'k str]) -> Vec<&'k str> {
    keys.iter().copied().filter(|key| object.has(key)).collect()
}
