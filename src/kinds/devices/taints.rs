//! Taints of devices, and tolerations of them (`validateDeviceTaint`, `validateDeviceToleration`).

use crate::api::Dig;
use crate::api::differences::TAINTS_WITHOUT_EFFECT;
use crate::api::names::{label_value, qualified_name};
use crate::json::Value;
use crate::kinds::field::Field;

const OPERATORS: [&str; 2] = ["Equal", "Exists"];

/// What a taint may do; since [`TAINTS_WITHOUT_EFFECT`] nothing, too.
fn effects(field: Field<'_>) -> &'static [&'static str] {
    match field.version().has(TAINTS_WITHOUT_EFFECT) {
        true => &["NoExecute", "NoSchedule", "None"],
        false => &["NoExecute", "NoSchedule"],
    }
}

fn value(value: Field<'_>) {
    value.errors.invalid_each(value.path, value.text(""), label_value(value.text(""), value.version()));
}

/// Checks the name of a label (`ValidateLabelName`).
pub(super) fn label_name(name: Field<'_>) {
    name.errors.invalid_each(name.path, name.text(""), qualified_name(name.text(""), name.version()));
}

/// Checks a taint; an effect that is stored may stay.
pub(super) fn taint(taint: Field<'_>, old: &Value) {
    label_name(taint.child("key"));
    if !taint.text("value").is_empty() {
        value(taint.child("value"));
    }
    let effect = taint.child("effect");
    if old.is_null() || old.text("effect") != effect.text("") {
        effect.one_of(effects(taint));
    }
}

/// Checks a toleration.
pub(super) fn toleration(toleration: Field<'_>) {
    let (key, operator, effect) =
        (toleration.child("key"), toleration.child("operator"), toleration.child("effect"));
    if !key.text("").is_empty() {
        label_name(key);
    }
    match operator.text("") {
        "" => operator.required(""),
        "Exists" if !toleration.text("value").is_empty() => {
            toleration.child("value").invalid("must be empty for operator `Exists`");
        }
        "Exists" => {}
        "Equal" => value(toleration.child("value")),
        _ => operator.not_supported(&OPERATORS),
    }
    if !effect.text("").is_empty() && !effects(toleration).contains(&effect.text("")) {
        effect.not_supported(effects(toleration));
    }
}
