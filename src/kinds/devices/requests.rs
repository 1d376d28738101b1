//! What a claim asks for (`validateResourceClaimSpec`).

use super::configs;
use super::lists::{MOST, each, once};
use super::names::{self, Requests, references};
use super::taints;
use crate::api::Dig;
use crate::api::differences::CONSUMABLE_CAPACITY;
use crate::api::names::dns1123_subdomain;
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::pod::items_mut;

const ALTERNATIVES_MAX: usize = 8;
const MODES: [&str; 2] = ["All", "ExactCount"];

/// Fills in how many devices each request is about, and how tolerations compare.
pub(super) fn defaults(spec: &mut Value) {
    for request in items_mut(spec, "devices.requests") {
        if let Some(exactly) = request.at_mut("exactly").filter(|exactly| exactly.is_object()) {
            request_defaults(exactly);
        }
        items_mut(request, "firstAvailable").for_each(request_defaults);
    }
}

fn request_defaults(request: &mut Value) {
    if request.text("allocationMode").is_empty() {
        request.set("allocationMode", "ExactCount");
    }
    if request.text("allocationMode") == "ExactCount" && request.number("count") == 0 {
        request.set("count", 1);
    }
    for toleration in items_mut(request, "tolerations") {
        if toleration.text("operator").is_empty() {
            toleration.set("operator", "Equal");
        }
    }
}

/// The requests of a claim by their names.
pub(super) fn named(spec: &Value) -> Requests<'_> {
    let named = |request| {
        let parts = Value::list(request, "firstAvailable").iter().map(|part| part.text("name"));
        (Value::text(request, "name"), parts.collect())
    };
    Requests(spec.list("devices.requests").iter().map(named).collect())
}

/// Checks the spec of a claim or of a template.
pub(super) fn validate(spec: Field<'_>) {
    let requests = named(spec.value);
    let name = |item: &Value| item.text("name").to_owned();
    once(spec.child("devices.requests"), MOST, name, request);
    each(spec.child("devices.constraints"), MOST, |constraint| self::constraint(constraint, &requests));
    each(spec.child("devices.config"), MOST, |config| configs::of_requests(config, &requests));
}

fn request(request: Field<'_>) {
    names::label(request.string("name"));
    let (exactly, parts) = (request.child("exactly"), request.child("firstAvailable"));
    match (!exactly.is_null(), !parts.list("").is_empty()) {
        (false, false) => request.required("exactly one of `exactly` or `firstAvailable` is required"),
        (true, true) => request.invalid_as(
            Value::Null,
            "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set",
        ),
        (false, true) => once(
            parts,
            ALTERNATIVES_MAX,
            |part| part.text("name").to_owned(),
            |part| {
                names::label(part.string("name"));
                devices(part);
            },
        ),
        (true, false) => devices(exactly),
    }
}

/// Checks which devices are wanted, and how many.
fn devices(request: Field<'_>) {
    request.child("deviceClassName").named(dns1123_subdomain);
    selectors(request.child("selectors"));
    let (mode, count) = (request.string("allocationMode"), request.child("count"));
    let wanted = count.number("").unwrap_or_default();
    match mode.text("") {
        "All" if wanted != 0 => {
            count.invalid_as(wanted, "must not be specified when allocationMode is 'All'")
        }
        "ExactCount" if wanted <= 0 => count.invalid_as(wanted, "must be greater than zero"),
        "All" | "ExactCount" => {}
        _ => mode.not_supported(&MODES),
    }
    request.items("tolerations").for_each(taints::toleration);
}

/// Checks that selectors are there; whether they compile is told elsewhere.
pub(super) fn selectors(selectors: Field<'_>) {
    each(selectors, MOST, |selector| {
        if !selector.has("cel") {
            selector.child("cel").required("");
        }
    });
}

fn constraint(constraint: Field<'_>, requests: &Requests<'_>) {
    references(constraint.child("requests"), requests);
    let (same, distinct) = (constraint.child("matchAttribute"), constraint.child("distinctAttribute"));
    match (same.is_null(), distinct.is_null()) {
        (false, _) => names::fully_qualified(same),
        (true, false) => names::fully_qualified(distinct),
        (true, true) if constraint.version().has(CONSUMABLE_CAPACITY) => constraint.required(
            "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set",
        ),
        (true, true) => same.required(""),
    }
}
