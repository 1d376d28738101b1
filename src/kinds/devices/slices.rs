//! Slices of a driver's devices.

use super::lists::{each, map, once};
use super::names::{self, ATTRIBUTE_MAX};
use super::{capacities, taints};
use crate::api::names::dns1123_subdomain;
use crate::api::{Dig, Version, internal};
use crate::json::{Text, Value, json};
use crate::kinds::columns::{AGE, NAME, text};
use crate::kinds::field::Field;
use crate::kinds::parts::strategy::count_changes;
use crate::kinds::pod::affinity::node_selector;
use crate::kinds::pod::items_mut;
use crate::kinds::selectable::Selectable;
use crate::kinds::{Kind, When};

/// The row of slices.
pub(in crate::kinds) const KIND: Kind = Kind {
    prepare,
    validate: |slice| validate(slice.child("spec"), &Value::Null),
    validate_update: |new, old, _| validate(new.child("spec"), old.at("spec")),
    warn,
    columns: &[
        NAME,
        text("Node", "spec.nodeName"),
        text("Driver", "spec.driver"),
        text("Pool", "spec.pool.name"),
        AGE,
    ],
    selectable: &[Selectable::text("spec.nodeName"), Selectable::text("spec.driver")],
    returned: |_| true,
    ..Kind::plain("resource.k8s.io", "resourceslices")
};

const DEVICES_MAX: usize = 128;
/// The most devices where there are taints, counters or lists.
const ADVANCED_MAX: usize = 64;
const COUNTER_SETS_MAX: usize = 8;
const COUNTERS_MAX: usize = 32;
const CONSUMPTIONS_MAX: usize = 2;
const ATTRIBUTES_MAX: usize = 32;
const ATTRIBUTE_VALUE_MAX: usize = 64;
const TAINTS_MAX: usize = 16;
const BINDING_MAX: usize = 4;
const COUNTER_NAME_MAX: usize = 63;
const LISTS: [&str; 4] = ["bools", "ints", "strings", "versions"];

fn prepare(slice: &mut Value, old: Option<&Value>, _: &str, _: Version) {
    if old.is_none() {
        let now = slice.at("metadata.creationTimestamp").clone();
        for device in items_mut(slice, "spec.devices") {
            items_mut(device, "taints").for_each(|taint| taint.set_default("timeAdded", now.clone()));
        }
    }
    count_changes(slice, old, &["spec"]);
}

fn warn(slice: &Value, when: When<'_>, _: Version) -> Vec<String> {
    let driver = slice.text("spec.driver");
    if when == When::Arrived || driver.to_lowercase() == driver {
        return Vec::new();
    }
    let driver = crate::api::field::quote(driver);
    vec![format!("spec.driver: driver names should be lowercase; {driver} contains uppercase characters")]
}

fn validate(spec: Field<'_>, old: &Value) {
    names::driver(spec.child("driver"));
    names::pool(spec.child("pool.name"));
    let (count, generation) = (spec.child("pool.resourceSliceCount"), spec.child("pool.generation"));
    if count.number("").unwrap_or_default() <= 0 {
        count.invalid_as(count.number("").unwrap_or_default(), "must be greater than zero");
    }
    if generation.number("").unwrap_or_default() < 0 {
        generation.invalid("must be greater than or equal to zero");
    }
    if !old.is_null() {
        for path in ["pool.name", "driver", "nodeName"] {
            spec.child(path).immutable(old.at(path));
        }
    }
    let places = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"];
    let given = given(spec, &places, "must be either unset or set to a non-empty string", true);
    match given.len() {
        1 => {}
        0 => spec.required(
            "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required",
        ),
        _ => spec.invalid_as(
            format!("{{{}}}", given.join(", ")),
            "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields \
             are set",
        ),
    }
    if spec.has("sharedCounters") && spec.has("devices") {
        spec.invalid_as("", "only one of `sharedCounters` or `devices` is allowed");
    }
    let per_device = spec.flag("perDeviceNodeSelection");
    let advanced = spec.list("devices").iter().any(is_advanced);
    let most = if advanced { ADVANCED_MAX } else { DEVICES_MAX };
    let name = |item: &Value| item.text("name").to_owned();
    once(spec.child("devices"), most, name, |device| {
        let stored = old.list("devices").iter().find(|old| old.text("name") == device.text("name"));
        self::device(device, stored.unwrap_or(&Value::Null), per_device);
    });
    once(spec.child("sharedCounters"), COUNTER_SETS_MAX, name, |set| {
        set.child("name").named(|name| crate::api::names::dns1123_label(name, set.version()));
        counters(set.child("counters"));
    });
    skipped(spec.child("skipNodeOperations"));
}

fn is_advanced(device: &Value) -> bool {
    let lists = |(_, attribute): (&Text, &Value)| LISTS.iter().any(|key| attribute.has(key));
    !device.list("taints").is_empty()
        || !device.list("consumesCounters").is_empty()
        || device.entries("attributes").any(lists)
}

/// Checks where devices are, and says which fields tell it.
fn given(of: Field<'_>, places: &[&str], nameless: &str, single: bool) -> Vec<String> {
    let mut given = Vec::new();
    for key in places {
        let place = of.child(key);
        match (*key, place.value) {
            (_, Value::Null) => continue,
            ("nodeName", Value::String(name)) if name.is_empty() => {
                place.invalid(nameless);
                continue;
            }
            ("nodeName", Value::String(name)) => place.invalid_each(dns1123_subdomain(name)),
            ("nodeSelector", _) => {
                node_selector(place);
                let terms = place.child("nodeSelectorTerms");
                if single && terms.list("").len() != 1 {
                    one_term(terms);
                }
            }
            (_, Value::Bool(false)) => {
                place.invalid("must be either unset or set to true");
                continue;
            }
            _ => {}
        }
        given.push(format!("`{key}`"));
    }
    given
}

fn one_term(terms: Field<'_>) {
    let detail = "must have exactly one node selector term";
    match internal::shown_list("core.NodeSelectorTerm", terms.list(""), terms.version()) {
        Some((go, json)) => terms.invalid_go(go, json, detail),
        None => terms.invalid(detail),
    }
}

fn counters(counters: Field<'_>) {
    match counters.value.as_object().is_none_or(crate::json::Map::is_empty) {
        true => counters.required(""),
        false => map(counters, COUNTERS_MAX, COUNTER_NAME_MAX, names::label, |_| {}),
    }
}

fn device(device: Field<'_>, old: &Value, per_device: bool) {
    names::label(device.string("name"));
    let length = |key: &str| device.value.entries(key).count();
    let parts = length("attributes") + length("capacity");
    if parts > ATTRIBUTES_MAX {
        let detail =
            format_args!("the total number of attributes and capacities must not exceed {ATTRIBUTES_MAX}");
        device.invalid_as(parts, detail);
    }
    map(device.child("attributes"), usize::MAX, ATTRIBUTE_MAX, names::qualified, attribute);
    let same = |key: &str| !old.is_null() && old.at(key) == device.value.at(key);
    if !same("capacity") {
        let check =
            if device.flag("allowMultipleAllocations") { capacities::shared } else { capacities::whole };
        map(device.child("capacity"), usize::MAX, ATTRIBUTE_MAX, names::qualified, check);
    }
    if !same("taints") {
        each(device.child("taints"), TAINTS_MAX, |taint| taints::taint(taint, &Value::Null));
    }
    let set = |item: &Value| item.text("counterSet").to_owned();
    once(device.child("consumesCounters"), CONSUMPTIONS_MAX, set, |consumption| {
        let version = consumption.version();
        consumption.child("counterSet").named(|name| crate::api::names::dns1123_label(name, version));
        counters(consumption.child("counters"));
    });
    place(device, per_device);
    binding(device);
}

fn place(device: Field<'_>, per_device: bool) {
    let places = ["nodeName", "nodeSelector", "allNodes"];
    if !per_device {
        if places.iter().any(|key| device.has(key)) {
            let detail = "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
            device.invalid_as(Value::Null, detail);
        }
        return;
    }
    let given = given(device, &places, "must not be empty", false);
    let detail = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    match given.len() {
        1 => {}
        0 => device.required(detail),
        _ => device.invalid_as(format!("{{{}}}", given.join(", ")), detail),
    }
}

fn attribute(attribute: Field<'_>) {
    let keys = ["bool", "int", "string", "version"].into_iter().chain(LISTS);
    let given = keys.filter(|key| attribute.has(key)).count();
    if attribute.has("string") {
        short(attribute.child("string"));
    }
    if attribute.has("version") {
        version(attribute.child("version"));
    }
    attribute.items("strings").for_each(short);
    attribute.items("versions").for_each(version);
    match given {
        1 => {}
        0 => attribute.invalid_as("", "exactly one value must be specified"),
        _ => attribute.invalid_internal("resource.DeviceAttribute", "exactly one value must be specified"),
    }
}

fn short(text: Field<'_>) {
    if text.text("").len() > ATTRIBUTE_VALUE_MAX {
        text.errors.too_long(text.path, ATTRIBUTE_VALUE_MAX);
    }
}

fn version(text: Field<'_>) {
    if !is_semantic(text.text("")) {
        text.invalid("must be a string compatible with semver.org spec 2.0.0");
    }
    short(text);
}

/// Whether text is a version as semver.org writes it.
fn is_semantic(text: &str) -> bool {
    let word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let number = |text: &str| !text.is_empty() && digits(text) && (text == "0" || !text.starts_with('0'));
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, early) = rest.split_once('-').map_or((rest, None), |(core, early)| (core, Some(early)));
    let core: Vec<&str> = core.split('.').collect();
    core.len() == 3
        && core.into_iter().all(number)
        && early
            .is_none_or(|early| early.split('.').all(|part| word(part) && (!digits(part) || number(part))))
        && build.is_none_or(|build| build.split('.').all(word))
}

/// Checks what a device must say before a pod is bound to it (`validateDeviceBindingParameters`).
pub(super) fn binding(of: Field<'_>) {
    let (good, bad) = (of.child("bindingConditions"), of.child("bindingFailureConditions"));
    for list in [good, bad] {
        each(list, BINDING_MAX, taints::label_name);
    }
    for (list, other) in [(good, &[][..]), (bad, good.list(""))] {
        for (i, condition) in list.items("").enumerate() {
            if list.list("").iter().take(i).any(|earlier| earlier == condition.value) {
                condition.duplicate();
            }
            if other.contains(condition.value) {
                condition.invalid("bindingFailureConditions must not overlap with bindingConditions");
            }
        }
    }
    for (list, other, detail) in [
        (good, bad, "bindingConditions are required to use bindingFailureConditions"),
        (bad, good, "bindingFailureConditions are required to use bindingConditions"),
    ] {
        if list.list("").is_empty() && !other.list("").is_empty() {
            list.invalid_go("[]string(nil)", "null", detail);
        }
    }
}

/// Checks which operations a node skips (`validateSkipNodeOperations`).
pub(super) fn skipped(operations: Field<'_>) {
    let has = |name: &str| operations.list("").contains(&json!(name));
    if has("NodePrepareResources") && !has("NodeUnprepareResources") && !has("*") {
        operations
            .invalid("NodePrepareResources cannot be skipped unless NodeUnprepareResources is also skipped");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_semantic() {
        for good in ["1.2.3", "0.0.0", "1.0.0-alpha.1+build.5", "1.0.0--", "1.0.0-0a"] {
            assert!(is_semantic(good), "{good}");
        }
        for bad in ["1.2", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "v1.2.3", ""] {
            assert!(!is_semantic(bad), "{bad}");
        }
    }
}
