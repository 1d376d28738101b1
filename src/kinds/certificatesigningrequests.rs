//! Requests for certificates, their `approval` and `status` (`pkg/apis/certificates/validation`).
//!
//! Whoever holds the request and the clock calls [`set_requester`] and [`set_condition_times`] beside the preparation.
//!
//! Differs from Kubernetes: what is inside the PEM blocks isn't parsed here.

use super::Kind;
use super::columns::{AGE, NAME, Print, or, text, with};
use super::field::Field;
use super::parts::certificate_text::{pem_blocks, signer_name};
use super::parts::strategy::keep;
use super::selectable::Selectable;
use crate::api::differences::{CHECKED_BY_DECLARATION, DECISIONS_EXCLUDED_BY_DECLARATION, DURATION_SHOWN};
use crate::api::field::go_bytes;
use crate::api::names::NameRule;
use crate::api::{Dig, User, Version, human};
use crate::json::{Map, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

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
        NAME,
        AGE,
        or("SignerName", "spec.signerName", "<none>"),
        text("Requestor", "spec.username"),
        with("RequestedDuration", duration).since(DURATION_SHOWN),
        with("Condition", condition),
    ],
    selectable: &[Selectable::text("spec.signerName")],
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
        ("extra", crate::json::to_value(&user.extra).unwrap_or_default()),
    ] {
        let path = format!("spec.{key}");
        let empty = value == ""
            || value.as_array().is_some_and(|list| list.is_empty())
            || value.as_object().is_some_and(Map::is_empty);
        if empty { drop(request.take_out(&path)) } else { request.set(&path, value) }
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

fn validate(request: Field<'_>) {
    // Later releases check these two by declaration, without words of their own.
    let say = |detail| if request.version().has(CHECKED_BY_DECLARATION) { "" } else { detail };
    validate_request(request.child("spec.request"));
    let usages = request.child("spec.usages");
    if usages.list("").is_empty() {
        usages.required(say("usages must be provided"));
    }
    usages.items("").for_each(|usage| usage.one_of_if_set(&USAGES));
    for (i, usage) in usages.items("").enumerate() {
        if usages.list("").iter().take(i).any(|other| other == usage.value) {
            usage.duplicate();
        }
    }
    let signer = request.child("spec.signerName");
    match signer.text("") {
        "" => signer.required(say("signerName must be provided")),
        "kubernetes.io/legacy-unknown" => {
            signer.invalid("the legacy signerName is not allowed via this API version");
        }
        _ => signer_name(signer),
    }
    if request.number("spec.expirationSeconds").is_some_and(|seconds| seconds < 600) {
        let detail = "may not specify a duration less than 600 seconds (10 minutes)";
        request.child("spec.expirationSeconds").invalid(detail);
    }
    validate_conditions(request.child(CONDITIONS));
    validate_certificate(request);
}

fn validate_request(request: Field<'_>) {
    let found = bytes(request.value, "");
    let blocks = pem_blocks(found.as_deref().unwrap_or_default());
    if blocks.first().is_none_or(|block| block != "CERTIFICATE REQUEST") {
        let detail = "PEM block type must be CERTIFICATE REQUEST";
        request.invalid_go(go_bytes(found.as_deref()), request.value, detail);
    }
}

fn validate_conditions(conditions: Field<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for condition in conditions.items("") {
        let (field, kind) = (condition.child("type"), condition.text("type"));
        if kind.is_empty() {
            field.required("");
        }
        let (allowed, opposite): (&[&str], _) = match kind {
            "Approved" => (&["True"], "Denied"),
            "Denied" => (&["True"], "Approved"),
            "Failed" => (&["True"], ""),
            _ => (&["False", "True", "Unknown"], ""),
        };
        condition.child("status").one_of(allowed);
        if !opposite.is_empty() && seen.contains(&opposite) {
            let detail = "Approved and Denied conditions are mutually exclusive";
            match conditions.version().has(DECISIONS_EXCLUDED_BY_DECLARATION) {
                true => conditions.errors.invalid(conditions.path, kind, detail),
                false => field.invalid(detail),
            }
        }
        if seen.contains(&kind) {
            field.duplicate();
        }
        seen.push(kind);
    }
}

fn validate_certificate(request: Field<'_>) {
    let Some(found) = bytes(request.value, CERTIFICATE).filter(|bytes| !bytes.is_empty()) else {
        return;
    };
    let blocks = pem_blocks(&found);
    let detail = match blocks.iter().find(|block| *block != "CERTIFICATE") {
        Some(other) => format!("only CERTIFICATE PEM blocks are allowed, found \"{other}\""),
        None if blocks.is_empty() => "must contain at least one CERTIFICATE PEM block".to_owned(),
        None => return,
    };
    request.child(CERTIFICATE).invalid_as("<certificate data>", detail);
}

fn validate_update(new: Field<'_>, old: &Value, subresource: &str) {
    validate(new);
    let of = |object: &Value, kind: &str| -> Vec<Value> {
        let all = object.list(CONDITIONS).iter();
        all.filter(|c| c.text("type") == kind).cloned().collect()
    };
    let refuse = |done: &str, kind: &str| {
        let detail = format!("updates may not {done} a condition of type \"{kind}\"");
        new.child(CONDITIONS).forbidden(detail);
    };
    for kind in ["Approved", "Denied", "Failed"] {
        if of(new.value, kind).len() < of(old, kind).len() {
            refuse("remove", kind);
        }
    }
    for kind in ["Approved", "Denied"].into_iter().filter(|_| subresource != "approval") {
        let (to, from) = (of(new.value, kind), of(old, kind));
        if to.len() > from.len() {
            refuse("add", kind);
        } else if to.len() == from.len() && to != from {
            refuse("modify", kind);
        }
    }
    let certificate = new.child(CERTIFICATE);
    if certificate.text("") != old.text(CERTIFICATE) {
        if subresource != "status" {
            certificate.forbidden("updates may not set certificate content");
        } else if !old.text(CERTIFICATE).is_empty() {
            certificate.forbidden("updates may not modify existing certificate content");
        }
    }
}

fn duration(object: &Value, _: Print) -> Value {
    object.at("spec.expirationSeconds").as_i64().map_or("<none>".to_owned(), human).into()
}

fn condition(object: &Value, _: Print) -> Value {
    let is = |kind: &str| object.list(CONDITIONS).iter().any(|c| c.text("type") == kind);
    let decided = match (is("Denied"), is("Approved")) {
        (true, _) => "Denied",
        (false, true) => "Approved",
        (false, false) => "Pending",
    };
    let failed = if is("Failed") { ",Failed" } else { "" };
    let issued = if object.text(CERTIFICATE).is_empty() { "" } else { ",Issued" };
    format!("{decided}{failed}{issued}").into()
}
