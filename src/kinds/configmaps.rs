//! Config maps (`pkg/apis/core/validation`).

use super::Kind;
use super::columns::{AGE, NAME, number, with};
use super::field::Field;
use super::secrets::frozen;
use crate::api::Dig;
use crate::api::names::config_map_key;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BYTES_MAX: usize = 1024 * 1024;

/// The row of config maps.
pub(super) const KIND: Kind = Kind {
    prepare: |_, _, _, _| {},
    validate,
    validate_update: |new, old, _| frozen(new, old, &["data", "binaryData"]),
    whole_update: true,
    columns: &[
        NAME,
        with("Data", |map, _| (number(map, "data") + number(map, "binaryData")).into()).number(),
        AGE,
    ],
    ..Kind::plain("", "configmaps")
};

fn validate(map: Field<'_>) {
    let mut size = 0;
    for (key, value) in map.entries("data") {
        value.errors.invalid_each(value.path, key, config_map_key(key));
        if map.value.at("binaryData").get(key).is_some() {
            value.invalid_as(key, "duplicate of key present in binaryData");
        }
        size += value.text("").len();
    }
    for (key, value) in map.entries("binaryData") {
        value.errors.invalid_each(value.path, key, config_map_key(key));
        size += STANDARD.decode(value.text("")).map_or(0, |bytes| bytes.len());
    }
    if size > BYTES_MAX {
        map.errors.too_long("", BYTES_MAX);
    }
}
