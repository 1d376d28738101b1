//! JSON patch and JSON merge patch, and how their bodies are read.

use super::{failed, unprocessable};
use crate::api::differences::PATCHES_DECODED_IN_WORDS;
use crate::api::{Status, Version};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A JSON patch may not have more operations.
const OPERATIONS_MAX: usize = 10_000;

/// Carries out the operations of a JSON patch.
pub(super) fn operations(object: &mut Value, body: &[u8], version: Version) -> Result<(), Status> {
    let patch: json_patch::Patch = read(body, version)?;
    if patch.0.len() > OPERATIONS_MAX {
        let text = format!(
            "The allowed maximum operations in a JSON patch is {OPERATIONS_MAX}, got {}",
            patch.0.len()
        );
        return Err(Status::plain(413, "RequestEntityTooLarge", text));
    }
    json_patch::patch(object, &patch).map_err(|_| unprocessable())
}

/// Merges a patch into an object.
pub(super) fn merge(object: &mut Value, body: &[u8], version: Version) -> Result<(), Status> {
    // The patching library's own words.
    let patch: Value =
        read(body, version).map_err(|status| match !version.has(PATCHES_DECODED_IN_WORDS) {
            true => failed("Invalid JSON Patch"),
            false => status,
        })?;
    if !patch.is_object() {
        return Err(failed("Invalid JSON Patch"));
    }
    json_patch::merge(object, &patch);
    Ok(())
}

/// Reads a patch.
pub(super) fn read<T: DeserializeOwned>(body: &[u8], version: Version) -> Result<T, Status> {
    serde_json::from_slice(body).map_err(|error| match !version.has(PATCHES_DECODED_IN_WORDS) {
        true => Status::bad_request(error.to_string()),
        false => Status::bad_request(format!("error decoding patch: {error}")),
    })
}
