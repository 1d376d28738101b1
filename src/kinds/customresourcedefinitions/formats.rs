//! Formats that nothing knows are warned of (`pkg/apiserver/validation/formats.go`).

use super::parts;
use crate::api::differences::FORMATS_WARNED_OF;
use crate::api::field::quote;
use crate::api::{Dig, Version};
use crate::json::Value;
use crate::kinds::When;
use crate::kinds::custom::is_known_format;

/// What a client is warned of: the unknown formats that were not there before.
pub(super) fn warnings(definition: &Value, when: When<'_>, version: Version) -> Vec<String> {
    if !version.has(FORMATS_WARNED_OF) {
        return Vec::new();
    }
    let had = match when {
        When::Arrived => return Vec::new(),
        When::Created => Vec::new(),
        When::Updated(old) => unknown(old, version),
    };
    let new = unknown(definition, version).into_iter().filter(|format| !had.contains(format));
    new.map(|format| format!("unrecognized format {}", quote(format))).collect()
}

fn unknown(definition: &Value, version: Version) -> Vec<&str> {
    let mut found = Vec::new();
    for root in parts::roots(definition.at("spec")) {
        collect(root, version, &mut found);
    }
    found
}

fn collect<'a>(schema: &'a Value, version: Version, found: &mut Vec<&'a str>) {
    let format = schema.text("format");
    if schema.text("type") == "string"
        && !format.is_empty()
        && !is_known_format(format, version)
        && !found.contains(&format)
    {
        found.push(format);
    }
    parts::parts(schema).for_each(|part| collect(part, version, found));
}
