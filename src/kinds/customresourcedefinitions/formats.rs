//! Formats that nothing knows are warned of (`pkg/apiserver/validation/formats.go`).

use super::schema;
use crate::api::differences::FORMATS_WARNED_OF;
use crate::api::field::quote;
use crate::api::{Dig, Version};
use crate::kinds::When;
use serde_json::Value;

/// The formats of texts.
const KNOWN: [&str; 27] = [
    "bsonobjectid",
    "uri",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "cidr",
    "mac",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
    "isbn",
    "isbn10",
    "isbn13",
    "creditcard",
    "ssn",
    "hexcolor",
    "rgbcolor",
    "byte",
    "password",
    "date",
    "date-time",
    "datetime",
    "duration",
    "k8s-short-name",
    "k8s-long-name",
];

/// What a client is warned of: the unknown formats that were not there before.
pub(super) fn warnings(definition: &Value, when: When<'_>, version: Version) -> Vec<String> {
    if !version.has(FORMATS_WARNED_OF) {
        return Vec::new();
    }
    let had = match when {
        When::Arrived => return Vec::new(),
        When::Created => Vec::new(),
        When::Updated(old) => unknown(old),
    };
    let new = unknown(definition).into_iter().filter(|format| !had.contains(format));
    new.map(|format| format!("unrecognized format {}", quote(format))).collect()
}

fn unknown(definition: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    for root in schema::roots(definition.at("spec")) {
        collect(root, &mut found);
    }
    found
}

fn collect<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    let format = schema.text("format");
    if schema.text("type") == "string" && !format.is_empty() && !KNOWN.contains(&format) && !found.contains(&format)
    {
        found.push(format);
    }
    schema::parts(schema).for_each(|part| collect(part, found));
}
