//! What drivers are told about devices (`validateDeviceConfiguration`).

use super::names::{self, Requests, references};
use crate::json::Value;
use crate::kinds::field::Field;

/// How long the JSON may be that a driver reads or writes.
pub(super) const RAW_MAX: usize = 10 * 1024;
const SOURCES: [&str; 2] = ["FromClaim", "FromClass"];

/// Checks a configuration of a claim.
pub(super) fn of_requests(config: Field<'_>, requests: &Requests<'_>) {
    references(config.child("requests"), requests);
    validate(config);
}

/// Checks a configuration of an allocation.
pub(super) fn of_allocation(config: Field<'_>, requests: &Requests<'_>) {
    config.child("source").one_of(&SOURCES);
    of_requests(config, requests);
}

/// Checks a configuration.
pub(super) fn validate(config: Field<'_>) {
    let opaque = config.child("opaque");
    if opaque.is_null() {
        return opaque.required("");
    }
    names::driver(opaque.child("driver"));
    raw(opaque.child("parameters"));
}

/// Checks JSON that only drivers understand (`validateRawExtension`).
pub(super) fn raw(json: Field<'_>) {
    match json.value {
        Value::Null => json.required(""),
        value if value.to_string().len() > RAW_MAX => json.errors.too_long(json.path, RAW_MAX),
        Value::Object(_) => {}
        _ => json.invalid_as("<value omitted>", "must be a valid JSON object"),
    }
}
