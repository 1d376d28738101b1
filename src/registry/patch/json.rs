//! JSON patch and JSON merge patch, and how their bodies are read.

use super::{failed, unprocessable};
use crate::api::differences::{PATCHES_DECODED_IN_WORDS, STRATEGIC_PATCHES_CLEANED};
use crate::api::json_patch::{self, JsonPatch};
use crate::api::value::Fields;
use crate::api::{Status, Version};
use crate::golang::json;
use crate::json::Value;

/// A JSON patch may not have more operations.
const OPERATIONS_MAX: usize = 10_000;

/// Carries out the operations of a JSON patch; what strict reading objects to.
pub(super) fn operations(object: &mut Value, body: &[u8], version: Version) -> Result<Vec<String>, Status> {
    let by_words = version.has(PATCHES_DECODED_IN_WORDS);
    let of = if by_words { "[]handlers.jsonPatchOp" } else { "jsonpatch.Patch" };
    let patch = JsonPatch::read(body, of).map_err(|why| undecodable(why, version))?;
    if patch.len() > OPERATIONS_MAX {
        let text = format!(
            "The allowed maximum operations in a JSON patch is {OPERATIONS_MAX}, got {}",
            patch.len()
        );
        return Err(Status::plain(413, "RequestEntityTooLarge", text));
    }
    let unknown = match by_words {
        true => patch.strictly().map_err(|why| undecodable(why, version))?,
        false => Vec::new(),
    };
    patch.apply(object, version).map_err(|_| unprocessable())?;
    Ok(unknown.iter().map(|field| format!("json patch {field}")).collect())
}

/// Merges a patch into an object.
pub(super) fn merge(object: &mut Value, body: &[u8], version: Version) -> Result<(), Status> {
    // The patching library's own words.
    let invalid = || failed("Invalid JSON Patch");
    let by_words = version.has(PATCHES_DECODED_IN_WORDS);
    let patch: Value = json::value(body).map_err(|why| match by_words {
        true => undecodable(why, version),
        false => invalid(),
    })?;
    match patch {
        Value::Object(_) => json_patch::merge(object, &patch),
        Value::Null if by_words => {}
        other if by_words => {
            let noun = json::noun(&other);
            let why =
                format!("json: cannot unmarshal {noun} into Go value of type map[string]interface {{}}");
            return Err(undecodable(why, version));
        }
        // A list takes the object's place, which no reader takes it for.
        list @ Value::Array(_) => *object = list,
        _ => return Err(invalid()),
    }
    Ok(())
}

/// Reads a patch that is a map; null is an empty one.
pub(super) fn fields(body: &[u8], version: Version) -> Result<Fields, Status> {
    let read = json::value(body).map_err(|why| match version.has(STRATEGIC_PATCHES_CLEANED) {
        true => why,
        // An older reader takes a stream's words.
        false if body.iter().all(u8::is_ascii_whitespace) => "EOF".to_owned(),
        false if why == "unexpected end of JSON input" => "unexpected EOF".to_owned(),
        false => why,
    });
    match read.map_err(Status::bad_request)? {
        Value::Object(fields) => Ok(fields),
        Value::Null => Ok(Fields::new()),
        other => Err(Status::bad_request(format!(
            "json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
            json::noun(&other)
        ))),
    }
}

fn undecodable(why: String, version: Version) -> Status {
    match version.has(PATCHES_DECODED_IN_WORDS) {
        true => Status::bad_request(format!("error decoding patch: {why}")),
        false => Status::bad_request(why),
    }
}
