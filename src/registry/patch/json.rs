//! JSON patch and JSON merge patch, and how their bodies are read.

use super::Unpatched;
use crate::api::differences::PATCHES_DECODED_IN_WORDS;
use crate::api::{Status, Version};
use serde_json::Value;

/// A JSON patch may not have more operations.
const OPERATIONS_MAX: usize = 10_000;

/// Carries out the operations of a JSON patch.
pub(super) fn operations(object: &mut Value, body: &[u8], version: Version) -> Result<(), Unpatched> {
    let decode = |error: serde_json::Error| match !version.has(PATCHES_DECODED_IN_WORDS) {
        true => Unpatched::bad(error.to_string()),
        false => Unpatched::bad(format!("error decoding patch: {error}")),
    };
    let patch: json_patch::Patch = serde_json::from_slice(body).map_err(decode)?;
    if patch.0.len() > OPERATIONS_MAX {
        let text = format!(
            "The allowed maximum operations in a JSON patch is {OPERATIONS_MAX}, got {}",
            patch.0.len()
        );
        return Err(Unpatched(Status::plain(413, "RequestEntityTooLarge", text)));
    }
    json_patch::patch(object, &patch).map_err(|error| Unpatched::unprocessable(&error.to_string()))
}

/// Merges a patch into an object.
pub(super) fn merge(object: &mut Value, body: &[u8], version: Version) -> Result<(), Unpatched> {
    let patch: Value = match serde_json::from_slice(body) {
        Ok(patch) => patch,
        // The patching library's own words.
        Err(_) if !version.has(PATCHES_DECODED_IN_WORDS) => {
            return Err(Unpatched::failed("Invalid JSON Patch"));
        }
        Err(error) => return Err(Unpatched::bad(format!("error decoding patch: {error}"))),
    };
    if !patch.is_object() {
        return Err(Unpatched::failed("Invalid JSON Patch"));
    }
    json_patch::merge(object, &patch);
    Ok(())
}

/// Reads a strategic merge patch.
pub(super) fn parse(body: &[u8], version: Version) -> Result<Value, Unpatched> {
    serde_json::from_slice(body).map_err(|error| match !version.has(PATCHES_DECODED_IN_WORDS) {
        true => Unpatched::bad(error.to_string()),
        false => Unpatched::bad(format!("error decoding patch: {error}")),
    })
}
