//! Cluster trust bundles: the trust anchors of a signer, or of nobody's (`pkg/apis/certificates/validation`, KEP-3257).

use super::Kind;
use super::columns::{NAME, or};
use super::field::Field;
use super::parts::certificate_text::{signer_name, trust_anchors};
use super::selectable::Selectable;
use crate::api::Dig;
use crate::api::names::{NameRule, dns1123_subdomain};
use crate::json::Value;

const BYTES_MAX: usize = 1024 * 1024;

/// The row of cluster trust bundles.
pub(super) const KIND: Kind = Kind {
    name: NameRule::Any,
    unconditional_update: false,
    prepare: |_, _, _, _| {},
    validate: |bundle| validate(bundle, true),
    validate_update,
    columns: &[NAME, or("SignerName", "spec.signerName", "<none>")],
    selectable: &[Selectable::text("spec.signerName")],
    ..Kind::plain("certificates.k8s.io", "clustertrustbundles")
};

fn validate(bundle: Field<'_>, read: bool) {
    let signer = bundle.child("spec.signerName");
    for path in ["metadata.generateName", "metadata.name"] {
        let name = bundle.child(path);
        if !name.text("").is_empty() {
            name.invalid_each(misnamed(name.text(""), signer.text(""), path.ends_with("generateName")));
        }
    }
    if !signer.text("").is_empty() {
        signer_name(signer);
    }
    if read {
        anchors(bundle.child("spec.trustBundle"));
    }
}

/// A bundle of a signer is named after it (`ValidateClusterTrustBundleName`).
fn misnamed(name: &str, signer: &str, prefix: bool) -> Vec<String> {
    let check = |name: &str| match prefix && name.len() > 1 && name.ends_with('-') {
        true => dns1123_subdomain(&format!("{}a", name.get(..name.len() - 2).unwrap_or_default())),
        false => dns1123_subdomain(name),
    };
    if signer.is_empty() {
        return match name.contains(':') {
            true => vec!["ClusterTrustBundle without signer name must not have \":\" in its name".to_owned()],
            false => check(name),
        };
    }
    let wanted = format!("{}:", signer.replace('/', ":"));
    match name.strip_prefix(&wanted) {
        None => {
            vec![format!("ClusterTrustBundle for signerName {signer} must be named with prefix {wanted}")]
        }
        Some(rest) => check(rest),
    }
}

/// Each block is a certificate of an authority, and none stands there twice.
fn anchors(bundle: Field<'_>) {
    let text = bundle.text("");
    if text.len() > BYTES_MAX {
        return bundle.errors.too_long(bundle.path, BYTES_MAX);
    }
    let wrong = |why: String| bundle.errors.invalid(bundle.path, "<value omitted>", why);
    let found = trust_anchors(text.as_bytes());
    let faults: Vec<String> = found.iter().filter_map(|anchor| anchor.as_ref().err().cloned()).collect();
    if !faults.is_empty() {
        return faults.into_iter().for_each(wrong);
    }
    if found.is_empty() {
        return wrong("at least one trust anchor must be provided".to_owned());
    }
    for (first, anchor) in found.iter().enumerate() {
        let same =
            found.iter().enumerate().filter(|(_, other)| *other == anchor).map(|(at, _)| at.to_string());
        let same: Vec<String> = same.collect();
        if same.len() > 1 && same.first() == Some(&first.to_string()) {
            wrong(format!("duplicate trust anchor (indices [{}])", same.join(" ")));
        }
    }
}

fn validate_update(new: Field<'_>, old: &Value, _: &str) {
    // What is as it was is not read again.
    validate(new, new.text("spec.trustBundle") != old.text("spec.trustBundle"));
    let signer = new.child("spec.signerName");
    if signer.text("") != old.text("spec.signerName") {
        signer.errors.invalid(signer.path, signer.text(""), "field is immutable");
    }
}
