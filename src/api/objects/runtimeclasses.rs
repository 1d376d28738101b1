//! Runtime classes (`pkg/apis/node/validation`).

use super::Rules;
use super::meta::{immutable, label_map};
use super::names::dns1123_label;
use crate::api::value::Dig;

/// Rules of runtime classes.
pub const RULES: Rules = Rules {
    unconditional_update: false,
    prepare: |_, _, _, _| {},
    validate: |class, errors| {
        let handler = class.text("handler");
        errors.invalid_each("handler", handler, dns1123_label(handler, errors.version()));
        let path = "scheduling.nodeSelector";
        label_map(class.at(path), path, errors);
    },
    validate_update: |new, old, _, errors| immutable(new, old, "handler", errors),
    ..Rules::PLAIN
};
