//! Several sources in one volume (`validateProjectionSources`).

use super::volumes::{local_path, validate_file, validate_keys};
use crate::api::Path;
use crate::api::differences::TOKEN_PATHS_CHECKED;
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks the sources of a projected volume.
pub(super) fn validate(projected: &Value, path: &Path<'_>, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    let sources = path.child("sources");
    for (i, source) in projected.list("sources").iter().enumerate() {
        let at = sources.index(i);
        let mut kinds = 0;
        for kind in ["secret", "configMap"] {
            let there = source.at(kind);
            if there.is_null() {
                continue;
            }
            kinds += 1;
            let (at, name) = (at.child(kind), there.text("name"));
            if name.is_empty() {
                errors.required(at.child("name"), "");
            }
            validate_keys(there.list("items"), &at.child("items"), errors);
            for item in there.list("items") {
                unique(item.text("path"), name, &mut seen, path, errors);
            }
        }
        if source.has("downwardAPI") {
            kinds += 1;
            for file in source.list("downwardAPI.items") {
                validate_file(file, &at.child("downwardAPI"), errors);
                unique(file.text("path"), file.text("path"), &mut seen, path, errors);
            }
        }
        if source.has("serviceAccountToken") {
            kinds += 1;
            validate_token(source.at("serviceAccountToken"), path, &at, errors);
        }
        if source.has("clusterTrustBundle") {
            kinds += 1;
            validate_bundle(source.at("clusterTrustBundle"), &at.child("clusterTrustBundle"), errors);
        }
        if kinds > 1 {
            errors.forbidden(at, "may not specify more than 1 volume type per source");
        }
    }
}

fn unique<'a>(
    target: &'a str,
    shown: &str,
    seen: &mut BTreeSet<&'a str>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if !target.is_empty() && !seen.insert(target) {
        errors.invalid(path, shown, "conflicting duplicate paths");
    }
}

/// Errors about the token's file speak of the volume, not of the source.
fn validate_token(token: &Value, volume: &Path<'_>, source: &Path<'_>, errors: &mut Errors) {
    let seconds = token.at("expirationSeconds").as_i64().unwrap_or_default();
    let at = source.child("serviceAccountToken");
    if seconds < 600 {
        let detail = "may not specify a duration less than 10 minutes";
        errors.invalid(at.child("expirationSeconds"), seconds, detail);
    }
    if seconds > 1 << 32 {
        let detail = "may not specify a duration larger than 2^32 seconds";
        errors.invalid(at.child("expirationSeconds"), seconds, detail);
    }
    let file = token.text("path");
    if file.is_empty() {
        errors.required(volume.child("path"), "");
    } else if errors.version().has(TOKEN_PATHS_CHECKED) {
        local_path(file, &volume.child("path"), errors);
    }
}

fn validate_bundle(bundle: &Value, path: &Path<'_>, errors: &mut Errors) {
    match (bundle.has("name"), bundle.has("signerName")) {
        (true, true) => errors.invalid(path, bundle, "only one of name and signerName may be used"),
        (true, false) if bundle.text("name").is_empty() => {
            errors.required(path.child("name"), "must be a valid object name");
        }
        (false, true) if bundle.text("signerName").is_empty() => {
            errors.required(path.child("signerName"), "must be a valid signer name");
        }
        (false, false) => errors.required(path, "either name or signerName must be specified"),
        (true, false) | (false, true) => {}
    }
    if bundle.text("path").is_empty() {
        errors.required(path.child("path"), "");
    }
    local_path(bundle.text("path"), &path.child("path"), errors);
}
