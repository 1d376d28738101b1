//! Several sources in one volume (`validateProjectionSources`).

use super::files::{local_path, validate_file, validate_keys};
use crate::api::Dig;
use crate::api::differences::TOKEN_PATHS_CHECKED;
use crate::kinds::field::Field;
use std::collections::BTreeSet;

const KINDS: [&str; 5] = ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle"];

/// Checks the sources of a projected volume.
pub(super) fn validate(projected: Field<'_>) {
    let mut seen = BTreeSet::new();
    let mut unique = |target, shown: &str| {
        if !str::is_empty(target) && !seen.insert(target) {
            projected.invalid_as(shown, "conflicting duplicate paths");
        }
    };
    for source in projected.items("sources") {
        for (kind, there) in source.present(&KINDS) {
            let items = source.value.at(kind).list("items");
            match kind {
                "downwardAPI" => {
                    for file in items {
                        validate_file(there.told_as("", file));
                        unique(file.text("path"), file.text("path"));
                    }
                }
                "serviceAccountToken" => validate_token(there, projected),
                "clusterTrustBundle" => validate_bundle(there),
                _ => {
                    there.child("name").filled();
                    validate_keys(there.child("items"));
                    items.iter().for_each(|item| unique(item.text("path"), there.text("name")));
                }
            }
        }
        if source.present(&KINDS).count() > 1 {
            source.forbidden("may not specify more than 1 volume type per source");
        }
    }
}

/// Errors about the token's file speak of the volume, not of the source.
fn validate_token(token: Field<'_>, volume: Field<'_>) {
    let seconds = token.number("expirationSeconds").unwrap_or_default();
    if seconds < 600 {
        let detail = "may not specify a duration less than 10 minutes";
        token.child("expirationSeconds").invalid_as(seconds, detail);
    }
    if seconds > 1 << 32 {
        let detail = "may not specify a duration larger than 2^32 seconds";
        token.child("expirationSeconds").invalid_as(seconds, detail);
    }
    let file = volume.told_as("path", token.value.at("path"));
    file.filled();
    if file.version().has(TOKEN_PATHS_CHECKED) {
        local_path(file);
    }
}

fn validate_bundle(bundle: Field<'_>) {
    match (bundle.has("name"), bundle.has("signerName")) {
        (true, true) => bundle.invalid("only one of name and signerName may be used"),
        (true, false) if bundle.text("name").is_empty() => {
            bundle.child("name").required("must be a valid object name");
        }
        (false, true) if bundle.text("signerName").is_empty() => {
            bundle.child("signerName").required("must be a valid signer name");
        }
        (false, false) => bundle.required("either name or signerName must be specified"),
        (true, false) | (false, true) => {}
    }
    bundle.child("path").filled();
    local_path(bundle.child("path"));
}
