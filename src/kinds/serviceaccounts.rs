//! Service accounts (`pkg/registry/core/serviceaccount/strategy.go`).

use super::Kind;
use super::Moment;
use super::columns;
use super::columns::{Columns, Print, age};
use crate::api::differences::{MOUNTABLE_SECRETS_DEPRECATED, NO_SECRETS_OF_ACCOUNTS};
use crate::api::value::Dig;
use serde_json::{Value, json};

const ENFORCE_MOUNTABLE_SECRETS: &str = "kubernetes.io/enforce-mountable-secrets";
const DEPRECATED: &str =
    "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets";

/// The row of service accounts: of a secret they mention, the name alone is kept.
pub(super) const KIND: Kind = Kind {
    prepare: |account, _, _, _| {
        let secrets = account.at_mut("secrets").and_then(Value::as_array_mut);
        for secret in secrets.into_iter().flatten() {
            *secret = json!({"name": secret.text("name")});
        }
    },
    whole_update: true,
    warn: |account, moment, version| {
        let enforced = account.annotation(ENFORCE_MOUNTABLE_SECRETS).is_some();
        let told = enforced && moment != Moment::Arrived && version.has(MOUNTABLE_SECRETS_DEPRECATED);
        told.then(|| format!("metadata.annotations[{ENFORCE_MOUNTABLE_SECRETS}]: {DEPRECATED}"))
            .into_iter()
            .collect()
    },
    columns: &[
        Columns::new("Name|Secrets#|Age", row).until(NO_SECRETS_OF_ACCOUNTS),
        Columns::new("Name|Age", columns::aged).since(NO_SECRETS_OF_ACCOUNTS),
    ],
    returned: |_| true,
    ..Kind::plain("", "serviceaccounts")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), object.list("secrets").len().into(), age(object, print)]
}
