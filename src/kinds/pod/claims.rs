//! Claims of dynamic resources in a pod (`validatePodResourceClaims`, `validateResourceClaimNames`).

use crate::api::Dig;
use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::json::Value;
use crate::kinds::field::Field;
use std::collections::BTreeSet;

const SOURCES: [&str; 2] = ["resourceClaimName", "resourceClaimTemplateName"];

/// Checks the claims that a pod brings along.
pub(super) fn validate(claims: Field<'_>) {
    let mut seen = BTreeSet::new();
    for claim in claims.items("") {
        let name = claim.string("name");
        match name.text("") {
            "" => name.required(""),
            text if !seen.insert(text.to_owned()) => name.duplicate(),
            text => name.invalid_each(dns1123_label(text, name.version())),
        }
        match claim.present(&SOURCES).count() {
            0 => claim.invalid_internal(
                "core.PodResourceClaim",
                "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
            ),
            1 => {}
            _ => claim.invalid_internal(
                "core.PodResourceClaim",
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified",
            ),
        }
        for (_, source) in claim.present(&SOURCES) {
            source.invalid_each(dns1123_subdomain(source.text("")));
        }
    }
}

/// Checks which of the pod's claims somebody uses.
pub(super) fn validate_used(used: Field<'_>, spec: &Value) {
    let names: BTreeSet<&str> = spec.list("resourceClaims").iter().map(|claim| claim.text("name")).collect();
    let mut seen = BTreeSet::new();
    for claim in used.items("") {
        let (name, request) = (claim.text("name"), claim.child("request"));
        request.named_if_set(|name| dns1123_label(name, claim.version()));
        if name.is_empty() {
            claim.required("");
            continue;
        }
        let key = match request.text("") {
            "" => name.to_owned(),
            request => format!("{name}/{request}"),
        };
        let told = claim.told_as("", claim.child("name").value);
        if !seen.insert(key.clone()) {
            told.invalid_duplicate(&key);
        }
        if !names.contains(name) {
            told.not_found_among(match names.is_empty() {
                true => "must be one of the names in pod.spec.resourceClaims which is empty".to_owned(),
                false => {
                    let names: Vec<&str> = names.iter().copied().collect();
                    format!("must be one of the names in pod.spec.resourceClaims: {}", names.join(", "))
                }
            });
        }
    }
}
