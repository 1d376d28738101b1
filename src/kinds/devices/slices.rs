//! What a driver has (`validateResourceSliceSpec`, `validateDevice`).

use super::{limited, names, parts, set};
use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::kinds::field::Field;
use crate::kinds::pod::affinity::node_selector;

const DEVICES_MAX: usize = 128;
const ATTRIBUTES_MAX: usize = 32;
const TAINTS_MAX: usize = 16;
const VALUE_MAX: usize = 64;

/// Where the devices are: exactly one of these says so.
const PLACES: [&str; 4] = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"];
/// What an attribute may be: exactly one of these.
const VALUES: [&str; 8] = ["int", "bool", "string", "version", "ints", "bools", "strings", "versions"];

/// Checks a slice.
pub(super) fn spec(spec: Field<'_>) {
    names::driver(spec.child("driver"));
    let pool = spec.child("pool");
    names::pool(pool.child("name"));
    let number = |key| pool.number(key).unwrap_or_default();
    if number("resourceSliceCount") <= 0 {
        pool.child("resourceSliceCount")
            .invalid_as(number("resourceSliceCount"), "must be greater than zero");
    }
    if number("generation") < 0 {
        pool.child("generation").invalid("must be greater than or equal to zero");
    }
    place(spec);
    set(&spec.child("devices"), DEVICES_MAX, device, "name");
}

fn place(spec: Field<'_>) {
    spec.child("nodeName").named_if_set(dns1123_subdomain);
    let selector = spec.child("nodeSelector");
    if !selector.is_null() {
        node_selector(selector);
        let terms = selector.child("nodeSelectorTerms");
        if terms.list("").len() != 1 {
            terms.invalid("must have exactly one node selector term");
        }
    }
    for key in ["allNodes", "perDeviceNodeSelection"] {
        if spec.has(key) && !spec.flag(key) {
            spec.child(key).invalid("must be either unset or set to true");
        }
    }
    let mut given = parts::given(spec.value, &PLACES);
    given.retain(|key| !spec.child(key).value.is_boolean() || spec.flag(key));
    let quoted: Vec<String> = PLACES.iter().map(|key| format!("`{key}`")).collect();
    let which = format!("exactly one of {} is required", quoted.join(", "));
    match given.as_slice() {
        [] => spec.required(which),
        [_] => {}
        several => {
            let several: Vec<String> = several.iter().map(|key| format!("`{key}`")).collect();
            let shown = format!("{{{}}}", several.join(", "));
            spec.invalid_as(shown, format_args!("{which}, but multiple fields are set"));
        }
    }
}

fn device(device: Field<'_>) {
    let name = device.string("name");
    match name.text("") {
        "" => name.required(""),
        text => name.invalid_each(dns1123_label(text, name.version())),
    }
    let (attributes, capacity) = (device.child("attributes"), device.child("capacity"));
    for (key, attribute) in attributes.entries("") {
        names::qualified(attributes, key);
        self::attribute(attribute);
    }
    for (key, _) in capacity.entries("") {
        names::qualified(capacity, key);
    }
    let count = attributes.entries("").count() + capacity.entries("").count();
    if count > ATTRIBUTES_MAX {
        let detail =
            format_args!("the total number of attributes and capacities must not exceed {ATTRIBUTES_MAX}");
        device.invalid_as(count, detail);
    }
    let taints = device.child("taints");
    limited(taints, TAINTS_MAX);
    taints.items("").for_each(parts::taint);
}

fn attribute(attribute: Field<'_>) {
    match parts::given(attribute.value, &VALUES).len() {
        0 => return attribute.invalid_as("", "exactly one value must be specified"),
        1 => {}
        _ => {
            return attribute
                .invalid_internal("resource.DeviceAttribute", "exactly one value must be specified");
        }
    }
    for (kind, value) in attribute.present(&["string", "version"]) {
        if value.text("").len() > VALUE_MAX {
            value.errors.too_long(value.path, VALUE_MAX);
        }
        if kind == "version" && !is_semantic(value.text("")) {
            value.invalid("must be a string compatible with semver.org spec 2.0.0");
        }
    }
}

/// Whether a text is a version: three numbers, and what is before and behind a release.
fn is_semantic(text: &str) -> bool {
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (numbers, before) = rest.split_once('-').map_or((rest, None), |(n, before)| (n, Some(before)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let number = |part: &str| digits(part) && (part == "0" || !part.starts_with('0'));
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let numbers: Vec<&str> = numbers.split('.').collect();
    numbers.len() == 3
        && numbers.into_iter().all(number)
        && before
            .is_none_or(|before| before.split('.').all(|part| word(part) && (!digits(part) || number(part))))
        && build.is_none_or(|build| build.split('.').all(word))
}

#[cfg(test)]
mod tests {
    use super::is_semantic;

    #[test]
    fn versions() {
        for good in ["1.2.3", "0.0.0", "1.2.3-rc.1", "1.2.3-x-y+b.01"] {
            assert!(is_semantic(good), "{good}");
        }
        for bad in ["x", "1.2", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "v1.2.3"] {
            assert!(!is_semantic(bad), "{bad}");
        }
    }
}
