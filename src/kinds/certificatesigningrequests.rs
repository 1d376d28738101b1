//! Requests for certificates, their `approval` and `status` (`pkg/apis/certificates/validation`).
//!
//! Whoever holds the request and the clock calls [`set_requester`] and [`set_condition_times`] beside the preparation.
//!
//! Differs from Kubernetes: what is inside the PEM blocks isn't parsed here.

use super::Kind;
use super::columns::{Columns, Print, age, human, or, text};
use super::parts::certificate_text::{pem_blocks, signer_name};
use super::parts::strategy::keep;
use super::selectable::Field;
use crate::api::differences::{CHECKED_BY_DECLARATION, DURATION_SHOWN};
use crate::api::field::{Errors, go_bytes};
use crate::api::names::NameRule;
use crate::api::request::User;
use crate::api::value::Dig;
use crate::api::version::Version;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

const CONDITIONS: &str = "status.conditions";
const CERTIFICATE: &str = "status.certificate";
const USAGES: [&str; 23] = [
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];

/// The row of certificate signing requests.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    prepare,
    validate,
    validate_update,
    columns: &[
        Columns::new("Name|Age|SignerName|Requestor|Condition", row).until(DURATION_SHOWN),
        Columns::new("Name|Age|SignerName|Requestor|RequestedDuration|Condition", row).since(DURATION_SHOWN),
    ],
    selectable: &[Field::text("spec.signerName")],
    ..Kind::plain("certificates.k8s.io", "certificatesigningrequests")
};

/// The spec stays as it was written; each subresource writes its part of the status: `approval` the conditions.
fn prepare(request: &mut Value, old: Option<&Value>, subresource: &str, _: Version) {
    let Some(old) = old else {
        request.take_out("status");
        return;
    };
    keep(request, old, "spec");
    match subresource {
        "approval" => keep(request, old, CERTIFICATE),
        "status" => keep_instances(request, old),
        _ => keep(request, old, "status"),
    }
}

/// Writes into a new request who made it, whatever it says itself.
pub(crate) fn set_requester(request: &mut Value, user: &User) {
    for (key, value) in [
        ("username", Value::from(user.name.as_str())),
        ("uid", user.uid.as_str().into()),
        ("groups", user.groups.clone().into()),
        ("extra", serde_json::to_value(&user.extra).unwrap_or_default()),
    ] {
        let path = format!("spec.{key}");
        let empty =
            value == "" || value == Value::Array(Vec::new()) || value.as_object().is_some_and(Map::is_empty);
        match empty {
            true => drop(request.take_out(&path)),
            false => request.set(&path, value),
        }
    }
}

/// Writes into new and changed conditions when that happened (`populateConditionTimestamps`).
pub(crate) fn set_condition_times(request: &mut Value, old: &Value, now: &str) {
    let Some(conditions) = request.at_mut(CONDITIONS).and_then(Value::as_array_mut) else {
        return;
    };
    for condition in conditions {
        condition.set_default("lastUpdateTime", now);
        if condition.has("lastTransitionTime") {
            continue;
        }
        let kind = condition.text("type");
        let stored = old.list(CONDITIONS).iter().find(|c| c.text("type") == kind);
        let time = stored
            .filter(|c| c.text("status") == condition.text("status"))
            .map(|c| c.at("lastTransitionTime").clone())
            .filter(|time| !time.is_null());
        condition.set("lastTransitionTime", time.unwrap_or(now.into()));
    }
}

/// Decisions that are there already stay as they are.
fn keep_instances(request: &mut Value, old: &Value) {
    let Some(conditions) = request.at_mut(CONDITIONS).and_then(Value::as_array_mut) else {
        return;
    };
    for kind in ["Approved", "Denied"] {
        let stored = old.list(CONDITIONS).iter().filter(|c| c.text("type") == kind);
        let given = conditions.iter_mut().filter(|c| c.text("type") == kind);
        for (condition, stored) in given.zip(stored) {
            *condition = stored.clone();
        }
    }
}

fn bytes(request: &Value, path: &str) -> Option<Vec<u8>> {
    let text = request.at(path).as_str()?;
    Some(STANDARD.decode(text).unwrap_or_default())
}

fn validate(request: &Value, errors: &mut Errors) {
    // Later releases check these two by declaration, without words of their own.
    let say = |detail| if errors.version().has(CHECKED_BY_DECLARATION) { "" } else { detail };
    let (no_usages, no_signer) = (say("usages must be provided"), say("signerName must be provided"));
    validate_request(request, errors);
    let usages = request.list("spec.usages");
    if usages.is_empty() {
        errors.required("spec.usages", no_usages);
    }
    for (i, usage) in usages.iter().enumerate() {
        if !USAGES.iter().any(|known| usage == known) {
            errors.not_supported(format_args!("spec.usages[{i}]"), usage, &USAGES);
        }
    }
    for (i, usage) in usages.iter().enumerate() {
        if usages.iter().take(i).any(|other| other == usage) {
            errors.duplicate(format_args!("spec.usages[{i}]"), usage);
        }
    }
    match request.text("spec.signerName") {
        "" => errors.required("spec.signerName", no_signer),
        name @ "kubernetes.io/legacy-unknown" => {
            let detail = "the legacy signerName is not allowed via this API version";
            errors.invalid("spec.signerName", name, detail);
        }
        name => signer_name(name, "spec.signerName", errors),
    }
    let seconds = request.at("spec.expirationSeconds").as_i64();
    if let Some(seconds) = seconds.filter(|s| *s < 600) {
        let detail = "may not specify a duration less than 600 seconds (10 minutes)";
        errors.invalid("spec.expirationSeconds", seconds, detail);
    }
    validate_conditions(request.list(CONDITIONS), errors);
    validate_certificate(request, errors);
}

fn validate_request(request: &Value, errors: &mut Errors) {
    let found = bytes(request, "spec.request");
    let blocks = pem_blocks(found.as_deref().unwrap_or_default());
    if blocks.first().is_none_or(|block| block != "CERTIFICATE REQUEST") {
        errors.invalid_go(
            "spec.request",
            go_bytes(found.as_deref()),
            request.at("spec.request"),
            "PEM block type must be CERTIFICATE REQUEST",
        );
    }
}

fn validate_conditions(conditions: &[Value], errors: &mut Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for (i, condition) in conditions.iter().enumerate() {
        let path = format!("{CONDITIONS}[{i}]");
        let (kind, status) = (condition.text("type"), condition.text("status"));
        if kind.is_empty() {
            errors.required(format_args!("{path}.type"), "");
        }
        let allowed: &[&str] = match kind {
            "Approved" | "Denied" | "Failed" => &["True"],
            _ => &["False", "True", "Unknown"],
        };
        if status.is_empty() {
            errors.required(format_args!("{path}.status"), "");
        } else if !allowed.contains(&status) {
            errors.not_supported(format_args!("{path}.status"), status, allowed);
        }
        let opposite = match kind {
            "Approved" => "Denied",
            "Denied" => "Approved",
            _ => "",
        };
        if !opposite.is_empty() && seen.contains(&opposite) {
            let detail = "Approved and Denied conditions are mutually exclusive";
            errors.invalid(format_args!("{path}.type"), kind, detail);
        }
        if seen.contains(&kind) {
            errors.duplicate(format_args!("{path}.type"), kind);
        }
        seen.push(kind);
    }
}

fn validate_certificate(request: &Value, errors: &mut Errors) {
    let Some(found) = bytes(request, CERTIFICATE).filter(|bytes| !bytes.is_empty()) else {
        return;
    };
    let blocks = pem_blocks(&found);
    let detail = match blocks.iter().find(|block| *block != "CERTIFICATE") {
        Some(other) => format!("only CERTIFICATE PEM blocks are allowed, found \"{other}\""),
        None if blocks.is_empty() => "must contain at least one CERTIFICATE PEM block".to_owned(),
        None => return,
    };
    errors.invalid(CERTIFICATE, "<certificate data>", detail);
}

fn validate_update(new: &Value, old: &Value, subresource: &str, errors: &mut Errors) {
    validate(new, errors);
    let of = |object: &Value, kind: &str| -> Vec<Value> {
        let all = object.list(CONDITIONS).iter();
        all.filter(|c| c.text("type") == kind).cloned().collect()
    };
    for kind in ["Approved", "Denied", "Failed"] {
        if of(new, kind).len() < of(old, kind).len() {
            let detail = format!("updates may not remove a condition of type \"{kind}\"");
            errors.forbidden(CONDITIONS, detail);
        }
    }
    let decides = ["Approved", "Denied"].into_iter().filter(|_| subresource != "approval");
    for kind in decides {
        let (to, from) = (of(new, kind), of(old, kind));
        let done = match () {
            () if to.len() > from.len() => "add",
            () if to.len() == from.len() && to != from => "modify",
            () => continue,
        };
        let detail = format!("updates may not {done} a condition of type \"{kind}\"");
        errors.forbidden(CONDITIONS, detail);
    }
    if new.text(CERTIFICATE) != old.text(CERTIFICATE) {
        if subresource != "status" {
            errors.forbidden(CERTIFICATE, "updates may not set certificate content");
        } else if !old.text(CERTIFICATE).is_empty() {
            errors.forbidden(CERTIFICATE, "updates may not modify existing certificate content");
        }
    }
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let is = |kind: &str| object.list("status.conditions").iter().any(|c| c.text("type") == kind);
    let mut condition = match (is("Denied"), is("Approved")) {
        (true, _) => "Denied",
        (false, true) => "Approved",
        (false, false) => "Pending",
    }
    .to_owned();
    if is("Failed") {
        condition += ",Failed";
    }
    if !object.text("status.certificate").is_empty() {
        condition += ",Issued";
    }
    let mut cells = vec![
        object.name().into(),
        age(object, print),
        or(object, "spec.signerName", "<none>"),
        text(object, "spec.username"),
    ];
    if print.version.has(DURATION_SHOWN) {
        let asked = object.at("spec.expirationSeconds").as_i64();
        cells.push(asked.map_or("<none>".to_owned(), human).into());
    }
    cells.push(condition.into());
    cells
}
