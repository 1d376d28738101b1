//! Endpoint slices (`pkg/apis/discovery`): the type of their addresses only.

use super::Rules;
use super::meta::immutable;
use super::strategy::count_changes;
use crate::api::value::Dig;
use serde_json::Value;

const TYPES: [&str; 3] = ["FQDN", "IPv4", "IPv6"];

/// Rules of endpoint slices.
pub const RULES: Rules = Rules {
    defaults: |slice, _| {
        let ports = slice.at_mut("ports").and_then(Value::as_array_mut);
        for port in ports.into_iter().flatten() {
            port.set_default("name", "");
            port.set_default("protocol", "TCP");
        }
    },
    prepare: |slice, old, _, _| {
        let paths = ["metadata.labels", "addressType", "endpoints", "ports"];
        count_changes(slice, old, &paths);
    },
    validate: |slice, errors| match slice.text("addressType") {
        "" => errors.required("addressType", ""),
        kind if TYPES.contains(&kind) => {}
        kind => errors.not_supported("addressType", kind, &TYPES),
    },
    whole_update: true,
    validate_update: |new, old, _, errors| immutable(new, old, "addressType", errors),
    ..Rules::PLAIN
};
