//! Service accounts (`pkg/registry/core/serviceaccount/strategy.go`).

use super::Kind;
use super::When;
use super::columns::{AGE, NAME, count};
use crate::api::differences::{MOUNTABLE_SECRETS_DEPRECATED, NO_SECRETS_OF_ACCOUNTS};
use crate::api::value::Dig;
use crate::json::{Value, json};

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
    warn: |account, when, version| {
        // Who leaves the annotation as it is, is not told again.
        let before = match when {
            When::Updated(old) => old.annotation(ENFORCE_MOUNTABLE_SECRETS),
            When::Arrived | When::Created => None,
        };
        let annotation = account.annotation(ENFORCE_MOUNTABLE_SECRETS);
        let enforced = annotation.is_some() && annotation != before;
        let told = enforced && when != When::Arrived && version.has(MOUNTABLE_SECRETS_DEPRECATED);
        told.then(|| format!("metadata.annotations[{ENFORCE_MOUNTABLE_SECRETS}]: {DEPRECATED}"))
            .into_iter()
            .collect()
    },
    columns: &[NAME, count("Secrets", "secrets").until(NO_SECRETS_OF_ACCOUNTS), AGE],
    returned: |_| true,
    ..Kind::plain("", "serviceaccounts")
};
