//! Service accounts (`pkg/registry/core/serviceaccount/strategy.go`).

use super::Rules;
use crate::api::value::Dig;
use serde_json::{Value, json};

/// Rules of service accounts: of a secret they mention, the name alone is kept.
pub const RULES: Rules = Rules {
    prepare: |account, _, _, _| {
        let secrets = account.at_mut("secrets").and_then(Value::as_array_mut);
        for secret in secrets.into_iter().flatten() {
            *secret = json!({"name": secret.text("name")});
        }
    },
    whole_update: true,
    ..Rules::PLAIN
};
