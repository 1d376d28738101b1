//! Amounts of resources inside objects, and how messages show them.

use crate::api::Quantity;
use crate::api::field::quote;
use crate::api::internal;
use crate::json::Value;
use crate::kinds::field::Field;
use std::fmt::Display;

/// The amount that a field holds; text that is none was refused at decoding.
pub(crate) fn quantity(value: &Value) -> Option<Quantity> {
    internal::amount(value)
}

/// A map of amounts in Go's syntax, of a type of that name.
pub(crate) fn go_map(kind: &str, map: &Value) -> String {
    let Some(map) = map.as_object() else { return format!("{kind}(nil)") };
    let amounts = map.iter().filter_map(|(key, amount)| {
        Some(format!("{}:{}", quote(key), internal::go_quantity(&quantity(amount)?.to_string())))
    });
    format!("{kind}{{{}}}", amounts.collect::<Vec<_>>().join(", "))
}

/// An amount breaks a rule, and is shown as the type: its insides before JSON.
pub(crate) fn invalid_whole(field: Field<'_>, amount: &Value, detail: impl Display) {
    let written = amount.as_str().map_or_else(|| amount.to_string(), str::to_owned);
    let shown = quantity(amount).map_or_else(|| written.clone(), |amount| amount.to_string());
    field.invalid_go(internal::go_quantity(&written), quote(&shown), detail);
}

/// An amount may not be negative (`ValidateNonnegativeQuantity`).
pub(crate) fn nonnegative(field: Field<'_>) {
    if let Some(amount) = quantity(field.value).filter(|amount| amount.sign() < 0) {
        field.invalid_as(amount.to_string(), "must be greater than or equal to 0");
    }
}
