//! What a signer may write into a status (`ValidatePodCertificateRequestStatusUpdate`).

use super::key_of;
use crate::api::Dig;
use crate::api::names::qualified_name;
use crate::json::{Value, json};
use crate::kinds::field::Field;
use crate::kinds::parts::certificate_text::pem_contents;
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};

const CONDITIONS: &str = "status.conditions";
const ENDS: [&str; 3] = ["Issued", "Denied", "Failed"];
const CHAIN_BYTES_MAX: usize = 100 * 1024;

/// How far a request has come.
pub(super) fn state(request: &Value) -> &'static str {
    ENDS.iter().find(|end| is(request, end)).copied().unwrap_or("Pending")
}

fn is(request: &Value, end: &str) -> bool {
    request.list(CONDITIONS).iter().any(|it| it.text("type") == end && it.text("status") == "True")
}

pub(super) fn validate(new: Field<'_>, old: &Value) {
    if !conditions(new) {
        return;
    }
    let status = |request: &Value| request.at("status").clone();
    if state(old) != "Pending" {
        if status(new.value) != status(old) {
            new.errors
                .omitted("status", "immutable after PodCertificateRequest is issued, denied, or failed");
        }
        return;
    }
    let given = status(new.value);
    let alone = json!({"conditions": new.list(CONDITIONS)});
    match state(new.value) {
        "Issued" => issued(new),
        "Denied" | "Failed" if given != alone => {
            let why =
                "non-condition status fields must be empty when denying or failing the PodCertificateRequest";
            new.errors.omitted("status", why);
        }
        "Pending" if given != status(old) => {
            let why = "status is immutable unless transitioning to \"Issued\", \"Denied\", or \"Failed\"";
            new.errors.omitted("status", why);
        }
        _ => {}
    }
}

/// At most one of three conditions, and that one holds; whether all is well with them.
fn conditions(request: Field<'_>) -> bool {
    let mut good = true;
    let mut ends = 0;
    for (at, condition) in request.list(CONDITIONS).iter().enumerate() {
        let path = |name: &str| format!("status.conditions.[{at}].{name}");
        let (kind, status) = (condition.text("type"), condition.text("status"));
        if !ENDS.contains(&kind) {
            good = false;
            request.errors.not_supported(path("type"), kind, &ENDS);
            continue;
        }
        ends += 1;
        if ends > 1 {
            good = false;
            let why = "There may be at most one condition with type \"Issued\", \"Denied\", or \"Failed\"";
            request.errors.invalid(path("type"), kind, why);
        }
        if status != "True" {
            good = false;
            request.errors.not_supported(path("status"), status, &["True"]);
        }
    }
    let mut seen = Vec::new();
    for condition in request.items(CONDITIONS) {
        let named = condition.text("type");
        let kind = condition.string("type");
        if seen.contains(&named) {
            good = false;
            kind.duplicate();
        }
        seen.push(named);
        let misnamed = qualified_name(named, request.version());
        good &= misnamed.is_empty();
        kind.invalid_each(misnamed);
        if !["False", "True", "Unknown"].contains(&condition.text("status")) {
            good = false;
            condition.string("status").not_supported(&["False", "True", "Unknown"]);
        }
        for field in ["lastTransitionTime", "reason"] {
            if condition.text(field).is_empty() {
                good = false;
                condition.child(field).required("must be set");
            }
        }
    }
    good
}

/// A certificate for the key that was sent, and what its times are.
fn issued(request: Field<'_>) {
    let chain = request.string("status.certificateChain");
    if chain.text("").len() > CHAIN_BYTES_MAX {
        return chain.errors.too_long(chain.path, CHAIN_BYTES_MAX);
    }
    let blocks = pem_contents(chain.text("").as_bytes());
    let Some((kind, bytes)) = blocks.first() else {
        return chain.invalid("issued certificate chain must contain at least one certificate");
    };
    if kind != "CERTIFICATE" {
        return chain.invalid("issued certificate chain must consist entirely of CERTIFICATE PEM blocks");
    }
    let Ok(leaf) = Certificate::from_der(bytes) else {
        return chain.invalid("leaf certificate does not parse as valid X.509");
    };
    let leaf = leaf.tbs_certificate;
    if leaf.subject_public_key_info.to_der().ok() != Some(key_of(request.value)) {
        return chain.invalid("leaf certificate was not issued to the requested public key");
    }
    let consistent = "must be present and consistent with the issued certificate";
    let range = "must be present and in the range [notbefore+10min, notafter-10min]";
    let mut times = Vec::new();
    for (path, why) in
        [("status.notBefore", consistent), ("status.notAfter", consistent), ("status.beginRefreshAt", range)]
    {
        match request.text(path).parse::<Timestamp>() {
            Ok(time) => times.push(time.as_second()),
            Err(_) => request.child(path).required(why),
        }
    }
    let [before, after, refresh] = times[..] else { return };
    let seconds =
        |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    let (from, until) = (seconds(&leaf.validity.not_before), seconds(&leaf.validity.not_after));
    let wrong = |path: &str, why: &str| request.child(path).invalid(why);
    if before != from {
        return wrong(
            "status.notBefore",
            "must be set to the NotBefore time encoded in the leaf certificate",
        );
    }
    if after != until {
        return wrong("status.notAfter", "must be set to the NotAfter time encoded in the leaf certificate");
    }
    let lifetime = |why: String| chain.invalid_as(format!("{}s", until - from), why);
    if until - from < 60 * 60 {
        return lifetime("leaf certificate lifetime must be >= 1 hour".to_owned());
    }
    let most = request.number("spec.maxExpirationSeconds").unwrap_or_default();
    if until - from > most {
        return lifetime(format!("leaf certificate lifetime must be <= spec.maxExpirationSeconds ({most})"));
    }
    if refresh < before + 600 {
        return wrong("status.beginRefreshAt", "must be at least 10 minutes after status.notBefore");
    }
    if refresh > after - 600 {
        return wrong("status.beginRefreshAt", "must be at least 10 minutes before status.notAfter");
    }
    for (kind, bytes) in blocks.iter().skip(1) {
        if kind != "CERTIFICATE" {
            return chain.invalid("issued certificate chain must consist entirely of CERTFICATE PEM blocks");
        }
        if Certificate::from_der(bytes).is_err() {
            return chain.invalid("intermediate certificate does not parse as valid X.509");
        }
    }
}
