//! Amounts of resources inside objects, and how messages show them.

use crate::api::Quantity;
use crate::api::differences::AMOUNTS_SHOWN;
use crate::api::field::quote;
use crate::kinds::field::Field;
use serde_json::Value;
use std::fmt::Display;

/// The amount that a field holds; text that is none was refused at decoding.
pub(crate) fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An amount breaks a rule. Old releases show the type's insides, later ones the amount, then JSON.
pub(crate) fn invalid(field: Field<'_>, amount: &Quantity, detail: impl Display) {
    let text = amount.to_string();
    let go = if field.version().has(AMOUNTS_SHOWN) { text.clone() } else { insides(&text) };
    field.invalid_go(go, quote(&text), detail);
}

/// A map of amounts in Go's syntax, of a type of that name.
pub(crate) fn go_map(kind: &str, map: &Value) -> String {
    let Some(map) = map.as_object() else { return format!("{kind}(nil)") };
    let amounts = map.iter().filter_map(|(key, amount)| {
        Some(format!("{}:{}", quote(key), insides(&quantity(amount)?.to_string())))
    });
    format!("{kind}{{{}}}", amounts.collect::<Vec<_>>().join(", "))
}

/// `resource.Quantity` in Go's syntax, for an amount of digits and a suffix.
fn insides(text: &str) -> String {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = text.get(digits.len()..).unwrap_or_default();
    let binary = suffix.ends_with('i');
    let power = "KMGTPE".find(suffix.trim_end_matches('i')).filter(|_| binary);
    let scale = match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        _ => 0,
    };
    let times = power.map_or(1, |power| 1024_i128.pow(u32::try_from(power).unwrap_or_default() + 1));
    let value = digits.parse::<i128>().unwrap_or_default() * times;
    let format = if binary { "BinarySI" } else { "DecimalSI" };
    format!(
        "resource.Quantity{{i:resource.int64Amount{{value:{value}, scale:{scale}}}, \
         d:resource.infDecAmount{{Dec:(*inf.Dec)(nil)}}, s:{}, Format:\"{format}\"}}",
        quote(text)
    )
}
