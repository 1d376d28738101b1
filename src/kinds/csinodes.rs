//! CSI nodes (`pkg/apis/storage/validation`).

use super::Kind;
use super::columns::{AGE, NAME, with};
use super::field::Field;
use super::parts::meta::{self, json_fields};
use super::parts::volume_sources::csi_driver;
use crate::api::differences::{
    ALLOCATABLE_MAY_CHANGE, CSI_KINDS_CHECKED_ONCE, CSI_NODE_PATHS, LONG_NODE_IDS, TOPOLOGY_KEYS_SHOWN,
};
use crate::api::field::{go_strings, quote};
use crate::api::names::{NameRule, qualified_name};
use crate::api::{Dig, Version};
use crate::json::Value;

/// The row of CSI nodes.
pub(super) const KIND: Kind = Kind {
    // A list without items is none, once it was stored.
    prepare: |node, _, _, _| {
        if node.list("spec.drivers").is_empty() {
            node.set("spec.drivers", Value::Null);
        }
    },
    validate: |node| {
        validate(node);
        if !node.version().has(CSI_KINDS_CHECKED_ONCE) {
            meta::whole(node, NameRule::Subdomain);
            validate(node);
        }
    },
    validate_update: |new, old, _| {
        validate(new);
        validate_update(new, old);
    },
    columns: &[NAME, with("Drivers", |node, _| node.list("spec.drivers").len().into()), AGE],
    returned: |_| true,
    ..Kind::plain("storage.k8s.io", "csinodes")
};

fn validate(node: Field<'_>) {
    let drivers = node.child("spec.drivers");
    for (i, driver) in drivers.items("").enumerate() {
        let (name, id) = (driver.string("name"), driver.string("nodeID"));
        csi_driver(name);
        let longest = if id.version().has(LONG_NODE_IDS) { 256 } else { 128 };
        match id.text("").len() {
            0 => id.required(""),
            length if length > longest => id.invalid(format_args!("must be {longest} characters or less")),
            _ => {}
        }
        driver.child("allocatable.count").nonnegative();
        if drivers.list("").iter().take(i).any(|other| other.text("name") == name.text("")) {
            name.duplicate();
        }
        topology_keys(driver);
    }
}

/// Errors about keys tell of the driver.
fn topology_keys(driver: Field<'_>) {
    let keys = driver.value.texts("topologyKeys");
    for (i, key) in keys.iter().enumerate() {
        if key.is_empty() {
            driver.required("");
        }
        if keys[..i].contains(key) {
            driver.errors.duplicate(driver.path, key);
        }
        for wrong in qualified_name(key, driver.version()) {
            match driver.version().has(TOPOLOGY_KEYS_SHOWN) {
                true => driver.invalid_as(key, wrong),
                false => driver.invalid_as(&keys, wrong),
            }
        }
    }
}

/// A driver of a node comes and goes, and doesn't change.
fn validate_update(new: Field<'_>, old: &Value) {
    let version = new.version();
    let path = if version.has(CSI_NODE_PATHS) { "spec.drivers" } else { "CSINodeDriver" };
    for driver in new.list("spec.drivers") {
        let had = old.list("spec.drivers").iter().find(|other| other.text("name") == driver.text("name"));
        if had.is_some_and(|had| comparable(had, version) != comparable(driver, version)) {
            let (go, json) = shown(driver);
            new.errors.invalid_go(path, go, json, "field is immutable");
        }
    }
}

/// A driver without what may change.
fn comparable(driver: &Value, version: Version) -> Value {
    let mut driver = driver.clone();
    if version.has(ALLOCATABLE_MAY_CHANGE) {
        driver.take_out("allocatable");
    }
    driver
}

/// A driver in Go's syntax, and as JSON of Go's own type. Pointers are addresses in Go, by chance.
fn shown(driver: &Value) -> (String, String) {
    let keys = driver.at("topologyKeys");
    let allocatable = match driver.at("allocatable") {
        Value::Null => Value::Null,
        allocatable => crate::json!({"Count": allocatable.at("count")}),
    };
    let go_keys = if keys.is_null() { "[]string(nil)".to_owned() } else { go_strings(keys.texts("")) };
    let pointer = if allocatable.is_null() { "nil" } else { "0xc000000000" };
    let go = format!(
        "storage.CSINodeDriver{{Name:{}, NodeID:{}, TopologyKeys:{go_keys}, Allocatable:(*storage.VolumeNodeResources)({pointer})}}",
        quote(driver.text("name")),
        quote(driver.text("nodeID")),
    );
    let json = json_fields([
        ("Name", driver.text("name").into()),
        ("NodeID", driver.text("nodeID").into()),
        ("TopologyKeys", keys.clone()),
        ("Allocatable", allocatable),
    ]);
    (go, json)
}
