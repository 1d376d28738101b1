//! What an update may change of a claim (`ValidatePersistentVolumeClaimUpdate`).

use crate::api::differences::{ATTRIBUTES_CLASSES, CLAIMS_SHRINK, CLASS_SET_LATER};
use crate::api::names::NameRule;
use crate::api::{Dig, Quantity, Version};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::meta;
use crate::kinds::parts::quantities::quantity;
use crate::kinds::pod::update::difference;

const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";
const SIZE: &str = "spec.resources.requests.storage";
const CLASS: &str = "spec.storageClassName";
const ATTRIBUTES: &str = "spec.volumeAttributesClassName";

pub(super) fn validate(new: Field<'_>, old: &Value) {
    meta::whole(new, NameRule::Subdomain);
    let version = new.version();
    let (now, had) = comparable(new.value, old, version);
    if now.at("spec") != had.at("spec") {
        let class = if version.has(ATTRIBUTES_CLASSES) { " and volumeAttributesClassName" } else { "" };
        new.child("spec").forbidden(format_args!(
            "spec is immutable after creation except resources.requests{class} for bound claims\n{}",
            difference(now.at("spec"), had.at("spec"), version)
        ));
    }
    size(new, old);
    new.told_as("volumeMode", new.value.at("spec.volumeMode")).immutable(old.at("spec.volumeMode"));
    let class = new.child(ATTRIBUTES);
    if class.is_null() && old.has(ATTRIBUTES) {
        class.forbidden("update from non-nil value to an empty string/nil is forbidden");
    }
}

/// Both claims without what may change.
fn comparable(new: &Value, old: &Value, version: Version) -> (Value, Value) {
    let (mut now, mut had) = (new.clone(), old.clone());
    let copy = |to: &mut Value, from: &Value, path: &str| match from.at(path) {
        Value::Null => drop(to.take_out(path)),
        value => to.set(path, value.clone()),
    };
    if old.text("spec.volumeName").is_empty() {
        copy(&mut had, new, "spec.volumeName");
    }
    let annotated = old.annotation(BETA_CLASS);
    let from_annotation = annotated.is_some() && !old.has(CLASS) && new.at(CLASS).as_str() == annotated;
    let from_nothing = annotated.is_none() && !old.has(CLASS) && version.has(CLASS_SET_LATER);
    if from_annotation || from_nothing {
        copy(&mut now, old, CLASS);
    }
    if new.text("status.phase") == "Bound" {
        if new.has("spec.resources.requests") {
            copy(&mut now, old, SIZE);
        }
        if new.has(ATTRIBUTES) {
            copy(&mut now, old, ATTRIBUTES);
        }
    }
    (now, had)
}

/// A claim doesn't shrink; since [`CLAIMS_SHRINK`] one may, whose growth has failed, to what it has.
fn size(new: Field<'_>, old: &Value) {
    let amount = |claim: &Value, path: &str| quantity(claim.at(path)).unwrap_or_else(|| Quantity::whole(0));
    let (now, had) = (amount(new.value, SIZE), amount(old, SIZE));
    let has = amount(old, "status.capacity.storage");
    match new.version().has(CLAIMS_SHRINK) {
        _ if now >= had => {}
        false => new.child(SIZE).forbidden("field can not be less than previous value"),
        true if now <= has => new.child(SIZE).forbidden("field can not be less than status.capacity"),
        true => {}
    }
}
