//! The body and the options of a request, read (`endpoints/handlers`). 400, 413, 415, 422.

use super::{Call, raw};
use crate::admit::Stop;
use crate::api::decode::{self, FieldValidation};
use crate::api::differences::FIELD_VALIDATION;
use crate::api::resources::Resource;
use crate::api::{By, Errors, Query, Stage};
use crate::json::Value;
use crate::kinds;
use std::sync::Arc;

/// The decoded body of a write.
///
/// # Errors
/// 400, 413, 415 or 422.
pub fn body(call: &mut Call<'_>, row: &Arc<Resource>) -> Result<Value, Stop> {
    let (body, media) = (&call.request.request().body, call.header("Content-Type"));
    let decoded = decode::decode(body, media, row, call.version, validation(call));
    let decoded = call.checked(Stage::Decode, By::Decoder, decoded)?;
    call.warnings.extend(decoded.warnings);
    call.checked(Stage::Decode, By::Decoder, decode::check_version(&decoded.object, row, call.version))?;
    if call.config.audit_policy.is_some() {
        let mut sent = decoded.object.clone();
        kinds::of(row).fill(&mut sent, call.version);
        call.trace.sent = Some(sent);
    }
    call.raw = raw::of_body(call, &decoded.object, row);
    Ok(decoded.object)
}

/// What becomes of fields that a type does not have.
pub(crate) fn validation(call: &Call<'_>) -> FieldValidation {
    FieldValidation::of(call.version, call.query.get("fieldValidation").unwrap_or_default())
}

/// Checks what the options of every write have in common (`validation.ValidateCreateOptions`, …).
pub(crate) fn check_options(query: &Query, errors: &Errors) {
    let manager = query.get("fieldManager").unwrap_or_default();
    if manager.chars().count() > MANAGER_MAX {
        errors.too_long("fieldManager", MANAGER_MAX);
    }
    for (at, letter) in manager.chars().enumerate() {
        if letter.is_control() {
            let detail = format!("invalid character U+{:04X} (at position {at})", u32::from(letter));
            errors.invalid("fieldManager", manager, detail);
        }
    }
    check_dry_run(query.all("dryRun"), errors);
    let validation = query.get("fieldValidation").unwrap_or_default();
    let known = ["", "Ignore", "Strict", "Warn"];
    if errors.version().has(FIELD_VALIDATION) && !known.contains(&validation) {
        errors.not_supported("fieldValidation", validation, &known);
    }
}

/// The longest name of a field manager.
const MANAGER_MAX: usize = 128;

/// A dry run is of all stages.
pub(crate) fn check_dry_run<'a>(values: impl Iterator<Item = &'a str>, errors: &Errors) {
    let values: Vec<&str> = values.collect();
    if values.iter().any(|value| *value != "All") {
        errors.not_supported("dryRun", values, &["All"]);
    }
}

/// Checks the options of a create or an update.
pub(crate) fn options(call: &mut Call<'_>, kind: &str) -> Result<(), Stop> {
    let errors = Errors::new(call.version);
    check_options(call.query, &errors);
    call.checked(Stage::Decode, By::Options, errors.into_status("meta.k8s.io", kind, ""))
}
