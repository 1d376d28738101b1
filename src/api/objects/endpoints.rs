//! Endpoints (`pkg/apis/core/v1/defaults.go`, `pkg/apis/core/validation`): presence of addresses only.

use super::Rules;
use crate::api::value::Dig;
use serde_json::Value;

/// Rules of endpoints.
pub const RULES: Rules = Rules {
    defaults: |endpoints, _| {
        let subsets = endpoints.at_mut("subsets").and_then(Value::as_array_mut);
        for subset in subsets.into_iter().flatten() {
            let ports = subset.at_mut("ports").and_then(Value::as_array_mut);
            for port in ports.into_iter().flatten() {
                port.set_default("protocol", "TCP");
            }
        }
    },
    prepare: |_, _, _, _| {},
    validate: |endpoints, errors| {
        for (i, subset) in endpoints.list("subsets").iter().enumerate() {
            if subset.list("addresses").is_empty() && subset.list("notReadyAddresses").is_empty() {
                let detail = "must specify `addresses` or `notReadyAddresses`";
                errors.required(format_args!("subsets[{i}]"), detail);
            }
        }
    },
    whole_update: true,
    ..Rules::PLAIN
};
