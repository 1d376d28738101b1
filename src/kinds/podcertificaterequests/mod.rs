//! Pod certificate requests: a kubelet asks a signer for a certificate for one of its pods
//! (`pkg/apis/certificates/validation`, KEP-4317).
//!
//! # Differs from Kubernetes
//!
//! Keys of curve P-521 and `stubPKCS10Request` are not looked into. Whether a certificate begins about now is not checked.

mod key;
mod status;

use super::Kind;
use super::columns::{NAME, text, with};
use super::field::Field;
use super::parts::certificate_text::signer_name;
use super::parts::meta::annotations;
use super::selectable::Selectable;
use crate::api::Dig;
use crate::api::names::dns1123_subdomain;
use crate::json::Value;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const KEY_BYTES_MAX: usize = 10 * 1024;
const UID_BYTES_MAX: usize = 128;
const SECONDS_MIN: i64 = 60 * 60;
/// What Kubernetes' own signers give at most.
const OWN_SECONDS_MAX: i64 = 24 * 60 * 60;
const SECONDS_MAX: i64 = 91 * 24 * 60 * 60;

/// The row of pod certificate requests.
pub(super) const KIND: Kind = Kind {
    unconditional_update: false,
    validate,
    validate_update: |new, old, subresource| match subresource {
        "status" => status::validate(new, old),
        _ => {
            let spec = new.child("spec");
            if spec.value != old.at("spec") {
                spec.immutable(old.at("spec"));
            }
        }
    },
    columns: &[
        NAME,
        text("Pod", "spec.podName"),
        text("ServiceAccount", "spec.serviceAccountName"),
        text("Node", "spec.nodeName"),
        text("Signer", "spec.signerName"),
        with("State", |request, _| status::state(request).into()),
    ],
    selectable: &[
        Selectable::text("spec.signerName"),
        Selectable::text("spec.podName"),
        Selectable::text("spec.nodeName"),
    ],
    ..Kind::plain("certificates.k8s.io", "podcertificaterequests")
};

fn validate(request: Field<'_>) {
    let signer = request.child("spec.signerName");
    match signer.text("") {
        "" => signer.required(""),
        _ => signer_name(signer),
    }
    annotations(request.child("spec.unverifiedUserAnnotations"));
    for (name, uid) in [
        ("spec.podName", "spec.podUID"),
        ("spec.serviceAccountName", "spec.serviceAccountUID"),
        ("spec.nodeName", "spec.nodeUID"),
    ] {
        let (name, uid) = (request.string(name), request.string(uid));
        name.invalid_each(dns1123_subdomain(name.text("")));
        if uid.text("").is_empty() {
            uid.invalid("must not be empty");
        }
        if uid.text("").len() > UID_BYTES_MAX {
            uid.errors.too_long(uid.path, UID_BYTES_MAX);
        }
    }
    let seconds = request.child("spec.maxExpirationSeconds");
    let Some(asked) = seconds.number("") else { return seconds.required("must be set") };
    let own = signer.text("").split_once('/').is_some_and(|(domain, _)| is_own(domain));
    let most = if own { OWN_SECONDS_MAX } else { SECONDS_MAX };
    if !(SECONDS_MIN..=most).contains(&asked) {
        seconds.invalid(format_args!("must be in the range [{SECONDS_MIN}, {most}]"));
    }
    if request.text("spec.pkixPublicKey").is_empty() && !request.text("spec.stubPKCS10Request").is_empty() {
        return;
    }
    for path in ["spec.pkixPublicKey", "spec.proofOfPossession"] {
        let bytes = request.child(path);
        if decoded(bytes.text("")).len() > KEY_BYTES_MAX {
            return bytes.errors.too_long(bytes.path, KEY_BYTES_MAX);
        }
    }
    let shown = request.string("spec.pkixPublicKey");
    let key = decoded(shown.text(""));
    let proof = decoded(request.text("spec.proofOfPossession"));
    match key::proves(&key, request.text("spec.podUID").as_bytes(), &proof) {
        Ok(true) => {}
        Ok(false) => {
            request
                .errors
                .omitted("spec.proofOfPossession", "could not verify proof-of-possession signature");
        }
        Err(key::Unfit::Key(why)) => shown.invalid(why),
        Err(key::Unfit::Size(bits)) => {
            shown.invalid_as(format!("{bits}-bit modulus"), "RSA keys must have modulus size 3072 or 4096")
        }
    }
}

/// Whether a domain is Kubernetes' own (`IsKubernetesSignerName`).
fn is_own(domain: &str) -> bool {
    domain == "kubernetes.io" || domain.ends_with(".kubernetes.io")
}

fn decoded(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_default()
}

/// The public key in the request, as it is written.
fn key_of(request: &Value) -> Vec<u8> {
    decoded(request.text("spec.pkixPublicKey"))
}
