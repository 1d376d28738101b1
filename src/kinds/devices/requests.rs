//! What a claim asks for (`validateDeviceRequest`, `validateDeviceSubRequest`).

use super::{limited, parts, set};
use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::kinds::field::Field;

const SUB_REQUESTS_MAX: usize = 8;
const TOLERATIONS_MAX: usize = 16;

/// Checks a request: for just this, or for one of several.
pub(super) fn request(request: Field<'_>) {
    named(request);
    let (exactly, first) = (request.child("exactly"), request.child("firstAvailable"));
    let many = !first.list("").is_empty();
    let which = "exactly one of `exactly` or `firstAvailable` is required";
    match (exactly.is_null(), many) {
        (true, false) => return request.required(which),
        (false, true) => {
            request.invalid_as((), format_args!("{which}, but multiple fields are set"));
        }
        _ => {}
    }
    if !exactly.is_null() {
        devices(exactly);
    }
    set(&first, SUB_REQUESTS_MAX, sub_request, "name");
}

fn sub_request(request: Field<'_>) {
    named(request);
    devices(request);
}

fn named(request: Field<'_>) {
    let name = request.string("name");
    match name.text("") {
        "" => name.required(""),
        text => name.invalid_each(dns1123_label(text, name.version())),
    }
}

/// Checks which devices, and how many of them.
fn devices(request: Field<'_>) {
    let class = request.string("deviceClassName");
    match class.text("") {
        "" => class.required(""),
        text => class.invalid_each(dns1123_subdomain(text)),
    }
    parts::selectors(request.child("selectors"));
    let (mode, count) = (request.string("allocationMode"), request.child("count"));
    match (mode.text(""), count.number("").unwrap_or_default()) {
        ("All", 0) => {}
        ("All", _) => count.invalid("must not be specified when allocationMode is 'All'"),
        ("ExactCount", ..=0) => count.invalid("must be greater than zero"),
        ("ExactCount", _) => {}
        _ => mode.not_supported(&["All", "ExactCount"]),
    }
    let tolerations = request.child("tolerations");
    limited(tolerations, TOLERATIONS_MAX);
    tolerations.items("").for_each(parts::toleration);
}
