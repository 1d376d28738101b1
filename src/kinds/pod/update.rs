//! What may change of a pod (`ValidatePodUpdate`, `ValidatePodEphemeralContainersUpdate`).

use super::annotations;
use super::container;
use super::options::Options;
use super::resize;
use super::scheduling;
use super::status;
use super::whole;
use crate::api::Path;
use crate::api::differences::{CHANGES_SHOWN_FORWARDS, GRACE_MAY_CHANGE, POD_FIELDS_QUOTED};
use crate::api::field::{Errors, go_json, quote};
use crate::api::value::Dig;
use crate::api::version::Version;
use crate::kinds::{NameRule, meta};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Checks an update of a pod or of one of its subresources.
pub(crate) fn validate(new: &Value, old: &Value, subresource: &str, errors: &mut Errors) {
    if subresource == "status" {
        return status::validate(new, old, errors);
    }
    meta::validate(new, NameRule::Subdomain, errors);
    meta::validate_core_finalizers(new, "metadata.finalizers", errors);
    whole(new, &Options::pod(Some(old)), errors);
    if subresource == "resize" {
        return resize::validate(new, old, errors);
    }
    annotations::validate_update(new, old, errors);
    match subresource {
        "ephemeralcontainers" => ephemeral(new, old, errors),
        _ => pod(new, old, errors),
    }
}

fn pod(new: &Value, old: &Value, errors: &mut Errors) {
    let (new, old) = (new.at("spec"), old.at("spec"));
    let path = Path::new("spec");
    for list in ["containers", "initContainers"] {
        let path = path.child(list);
        if new.list(list).len() != old.list(list).len() {
            errors.forbidden(path, "pod updates may not add or remove containers");
            return;
        }
        for (i, one) in new.list(list).iter().enumerate() {
            container::validate_image(one, &path.index(i), errors);
            container::image_is_trimmed(one, &path.index(i), errors);
        }
    }
    if !deadline(new, old, &path, errors) {
        return;
    }
    only_added_tolerations(new, old, &path.child("tolerations"), errors);
    only_removed_gates(new, old, &path.child("schedulingGates"), errors);
    if same(new, old) {
        return;
    }
    let mut munged = munge(new, old);
    if !old.list("schedulingGates").is_empty() {
        gated(&mut munged, old, &path, errors);
    }
    if !same(&munged, old) {
        let detail = format!(
            "pod updates may not change fields other than {}\n{}",
            updatable(errors.version()),
            difference(&munged, old, errors.version()),
        );
        errors.forbidden(path, detail);
    }
}

/// Whether two values say the same: what is empty need not be there.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            keys.into_iter().all(|key| {
                let at = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                same(&at(one), &at(other))
            })
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
        }
        _ => one == other || (empty(one) && empty(other)),
    }
}

/// Whether the new deadline may be compared on: it appears, or comes sooner.
fn deadline(new: &Value, old: &Value, path: &Path<'_>, errors: &mut Errors) -> bool {
    let at = path.child("activeDeadlineSeconds");
    let seconds = |spec: &Value| spec.at("activeDeadlineSeconds").as_i64();
    match (seconds(new), seconds(old)) {
        (Some(new), _) if !(0..=i64::from(i32::MAX)).contains(&new) => {
            errors.invalid(at, new, "must be between 0 and 2147483647, inclusive");
            return false;
        }
        (Some(new), Some(old)) if old < new => {
            errors.invalid(at, new, "must be less than or equal to previous value");
            return false;
        }
        (None, Some(_)) => {
            let detail = "must not update from a positive integer to nil value";
            errors.invalid(at, Value::Null, detail);
        }
        (Some(_) | None, _) => {}
    }
    true
}

fn only_added_tolerations(new: &Value, old: &Value, path: &Path<'_>, errors: &mut Errors) {
    let timeless = |toleration: &Value| {
        let mut toleration = toleration.clone();
        toleration.take_out("tolerationSeconds");
        toleration
    };
    let tolerations = new.list("tolerations");
    for old in old.list("tolerations") {
        if !tolerations.iter().any(|new| timeless(new) == timeless(old)) {
            let detail = "existing toleration can not be modified except its tolerationSeconds";
            errors.forbidden(path, detail);
            return;
        }
    }
    scheduling::validate_tolerations(tolerations, path, errors);
}

fn only_removed_gates(new: &Value, old: &Value, path: &Path<'_>, errors: &mut Errors) {
    let had = |gate: &Value| old.list("schedulingGates").iter().any(|g| g.text("name") == gate.text("name"));
    for (i, gate) in new.list("schedulingGates").iter().enumerate() {
        if !had(gate) {
            let name = gate.text("name");
            let detail = format!("only deletion is allowed, but found new scheduling gate '{name}'");
            errors.forbidden(path.index(i).child("name"), detail);
        }
    }
}

/// The new spec, with what may change as it was.
fn munge(new: &Value, old: &Value) -> Value {
    let mut munged = new.clone();
    for list in ["containers", "initContainers"] {
        for (new, old) in super::items_mut(&mut munged, list).zip(old.list(list)) {
            new.set("image", old.at("image").clone());
        }
    }
    for key in ["activeDeadlineSeconds", "schedulingGates", "tolerations"] {
        munged.set(key, old.at(key).clone());
    }
    let grace = |spec: &Value| spec.at("terminationGracePeriodSeconds").as_i64();
    if grace(old).is_some_and(|seconds| seconds < 0) && grace(new) == Some(1) {
        munged.set("terminationGracePeriodSeconds", old.at("terminationGracePeriodSeconds").clone());
    }
    munged
}

/// A pod that isn't scheduled yet may become more choosy about nodes.
fn gated(munged: &mut Value, old: &Value, path: &Path<'_>, errors: &mut Errors) {
    let selector = munged.at("nodeSelector");
    let kept = old.entries("nodeSelector").all(|(key, value)| selector.get(key) == Some(value));
    if !kept {
        let detail = "only additions to nodeSelector are allowed (no mutations or deletions)";
        errors.invalid(path.child("nodeSelector"), selector, detail);
    }
    munged.set("nodeSelector", old.at("nodeSelector").clone());
    let affinity = "affinity.nodeAffinity";
    if munged.has(affinity) || old.has(affinity) {
        munged.set(affinity, old.at(affinity).clone());
    }
}

/// The fields that may change, in the words of a release.
fn updatable(version: Version) -> String {
    let fields = [
        "`spec.containers[*].image`",
        "`spec.initContainers[*].image`",
        "`spec.activeDeadlineSeconds`",
        "`spec.tolerations` (only additions to existing tolerations)",
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    ];
    match (version.has(GRACE_MAY_CHANGE), version.has(POD_FIELDS_QUOTED)) {
        (_, true) => fields.join(","),
        (true, false) => format!("{} or {}", fields[..4].join(", "), fields[4]),
        (false, false) => format!("{} or {}", fields[..3].join(", "), fields[3]),
    }
}

/// The fields that differ, old and new; releases before 1.22 compared the other way round.
fn difference(new: &Value, old: &Value, version: Version) -> String {
    let (from, to) = match version.has(CHANGES_SHOWN_FORWARDS) {
        true => (old, new),
        false => (new, old),
    };
    let keys: BTreeSet<&String> = new.entries("").chain(old.entries("")).map(|(key, _)| key).collect();
    let mut lines = String::new();
    for key in keys {
        let value = |spec: &Value| spec.get(key).cloned().unwrap_or_default();
        if !same(&value(from), &value(to)) {
            for (sign, value) in [('-', value(from)), ('+', value(to))] {
                lines.push_str(&format!("{sign} {}: {},\n", json!(key), go_json(&value)));
            }
        }
    }
    lines
}

/// Ephemeral containers come, and never change or go.
fn ephemeral(new: &Value, old: &Value, errors: &mut Errors) {
    if old.annotation(annotations::MIRROR).is_some() {
        *errors = Errors::new(errors.version());
        errors.forbidden("", "static pods do not support ephemeral containers");
        return;
    }
    let path = "spec.ephemeralContainers";
    for old in old.list(path) {
        let name = old.text("name");
        match new.list(path).iter().find(|c| c.text("name") == name) {
            None => {
                let detail = format!("existing ephemeral containers {} may not be removed\n", quote(name));
                errors.forbidden(path, detail);
            }
            Some(new) if !same(new, old) => {
                let difference = difference(new, old, errors.version());
                let detail =
                    format!("existing ephemeral containers {} may not be changed\n{difference}", quote(name));
                errors.forbidden(path, detail);
            }
            Some(_) => {}
        }
    }
}
