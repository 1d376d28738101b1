//! How objects come from one version to another (`validateCustomResourceConversion`).

use super::required::Required;
use crate::api::Dig;
use crate::api::names::dns1035_label;
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::webhook_clients;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The versions of a review that the release before understands, too.
pub(super) const REVIEW_VERSIONS: [&str; 2] = ["v1", "v1beta1"];

/// Checks a conversion, in its internal form.
pub(super) fn validate(conversion: Field<'_>, required: &Required) {
    if conversion.is_null() {
        return;
    }
    let strategy = conversion.string("strategy");
    strategy.one_of(&["None", "Webhook"]);
    let client = conversion.child("webhookClientConfig");
    let versions = conversion.child("conversionReviewVersions");
    if strategy.text("") != "Webhook" {
        for field in [client, versions] {
            if !field.is_null() {
                field.forbidden("should not be set when strategy is not set to Webhook");
            }
        }
        return;
    }
    if client.is_null() {
        client.required("required when strategy is set to Webhook");
    } else {
        webhook_clients::conversion_client(client);
        if required.ca_bundle {
            webhook_clients::ca_bundle(client.child("caBundle"));
        }
    }
    review_versions(versions, required.review_version);
}

fn review_versions(versions: Field<'_>, known: bool) {
    let list = versions.list("");
    if list.is_empty() {
        return versions.required("");
    }
    for (i, version) in versions.items("").enumerate() {
        match list.iter().take(i).any(|other| other == version.value) {
            true => version.invalid("duplicate version"),
            false => version.invalid_each(dns1035_label(version.text(""))),
        }
    }
    if known && !list.iter().any(is_known) {
        versions.invalid(format_args!("must include at least one of {}", REVIEW_VERSIONS.join(", ")));
    }
}

/// Whether a version of a review is known.
pub(super) fn is_known(version: &Value) -> bool {
    REVIEW_VERSIONS.iter().any(|known| version == known)
}

/// Whether the authorities of a stored webhook can be read: they must stay readable.
pub(super) fn has_good_ca_bundle(conversion: &Value) -> bool {
    let bytes = STANDARD.decode(conversion.text("webhookClientConfig.caBundle")).unwrap_or_default();
    webhook_clients::is_good_ca_bundle(&bytes)
}
