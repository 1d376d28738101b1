//! Claims and their templates (`validateDeviceClaim`, `resourceutils.AuthorizedForAdmin`).

use super::{limited, names, parts, requests, set};
use crate::api::{Dig, Errors};
use crate::kinds::field::Field;
use crate::kinds::parts::meta;
use serde_json::Value;
use std::collections::BTreeSet;

const ITEMS_MAX: usize = 32;

/// Checks what a claim wants.
pub(super) fn spec(spec: Field<'_>) {
    let devices = spec.child("devices");
    let asked = devices.child("requests");
    set(&asked, ITEMS_MAX, requests::request, "name");
    let known = known(devices.value);
    let constraints = devices.child("constraints");
    limited(constraints, ITEMS_MAX);
    constraints.items("").for_each(|constraint| self::constraint(constraint, &known));
    let config = devices.child("config");
    limited(config, ITEMS_MAX);
    for config in config.items("") {
        references(config.child("requests"), &known);
        parts::opaque(config);
    }
}

/// The names of requests, and of those below them.
fn known(devices: &Value) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for request in devices.list("requests") {
        let name = request.text("name");
        known.insert(name.to_owned());
        let below = request.list("firstAvailable").iter();
        known.extend(below.map(|sub| format!("{name}/{}", sub.text("name"))));
    }
    known
}

fn references(list: Field<'_>, known: &BTreeSet<String>) {
    let check = |reference: Field<'_>| {
        if !known.contains(reference.text("")) {
            reference.invalid(
                "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
            );
        }
    };
    set(&list, ITEMS_MAX, check, "");
}

fn constraint(constraint: Field<'_>, known: &BTreeSet<String>) {
    references(constraint.child("requests"), known);
    let attributes = ["matchAttribute", "distinctAttribute"];
    if constraint.present(&attributes).count() != 1 {
        return constraint.required(
            "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set",
        );
    }
    constraint.present(&attributes).for_each(|(_, attribute)| names::fully_qualified(attribute));
}

/// What a template's metadata may not say.
const NOT_IN_TEMPLATES: [&str; 11] = [
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "deletionTimestamp",
    "ownerReferences",
    "finalizers",
    "managedFields",
];

/// Checks a template of a claim.
pub(super) fn template(template: Field<'_>) {
    let metadata = template.child("metadata");
    meta::labels(metadata.child("labels"));
    meta::annotations(metadata.child("annotations"));
    metadata.present(&NOT_IN_TEMPLATES).for_each(|(_, field)| field.forbidden("cannot be set"));
    spec(template.child("spec"));
}

/// What is wrong with requests for admin access: a namespace must allow them.
pub(crate) fn admin_access(claim: &Value, namespace: Option<&Value>, errors: &Errors) {
    const LABEL: &str = "resource.kubernetes.io/admin-access";
    if namespace.and_then(|namespace| namespace.label(LABEL)) == Some("true") {
        return;
    }
    let spec = if claim.text("kind") == "ResourceClaimTemplate" { "spec.spec" } else { "spec" };
    // A template's requests are told of as a claim's.
    for (at, request) in claim.at(spec).list("devices.requests").iter().enumerate() {
        if request.flag("exactly.adminAccess") {
            let detail = format!(
                "admin access to devices requires the `{LABEL}: true` label on the containing namespace"
            );
            errors.forbidden(format_args!("spec.devices.requests[{at}].adminAccess"), detail);
        }
    }
}
