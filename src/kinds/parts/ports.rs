//! Ports in fields: numbers, names, protocols (`apimachinery/pkg/util/validation`, `pkg/apis/core/validation`).

use crate::api::names::{dns1123_label, port_name, port_number, qualified_name};
use crate::json::Value;
use crate::kinds::field::Field;

/// The protocols that ports may have.
pub(crate) const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];

/// Checks a port's number; an absent one is zero.
pub(crate) fn number(field: Field<'_>) {
    let number = field.number("").unwrap_or_default();
    port_number(number).iter().for_each(|wrong| field.invalid_as(number, wrong));
}

/// Checks a port that is a number or the name of one (`ValidatePortNumOrName`).
pub(crate) fn number_or_name(field: Field<'_>) {
    match field.value {
        Value::String(_) => name(field),
        _ => number(field),
    }
}

/// Checks the name of a port.
pub(crate) fn name(field: Field<'_>) {
    field.invalid_each(port_name(field.text(""), field.version()));
}

/// Checks the name of an endpoint's port, which is there if there are several ports.
pub(crate) fn label(field: Field<'_>, needed: bool) {
    match field.text("") {
        "" if needed => field.required(""),
        "" => {}
        text => field.invalid_each(dns1123_label(text, field.version())),
    }
}

/// Checks what a port speaks above its protocol.
pub(crate) fn app_protocol(field: Field<'_>) {
    if !field.is_null() {
        field.invalid_each(qualified_name(field.text(""), field.version()));
    }
}
