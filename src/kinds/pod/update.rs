//! What may change of a pod (`ValidatePodUpdate`, `ValidatePodEphemeralContainersUpdate`).

use super::annotations;
use super::container;
use super::lists::items_mut;
use super::scheduling;
use crate::api::differences::{CHANGES_SHOWN_FORWARDS, GRACE_MAY_CHANGE, POD_FIELDS_QUOTED};
use crate::api::field::{go_json, quote};
use crate::api::{Dig, Version};
use crate::json::{Text, Value, json};
use crate::kinds::field::Field;
use std::collections::BTreeSet;

/// Checks what an update changes of a pod's spec.
pub(super) fn validate(new: Field<'_>, old: &Value) {
    for list in ["containers", "initContainers"] {
        if new.list(list).len() != old.list(list).len() {
            return new.child(list).forbidden("pod updates may not add or remove containers");
        }
        for container in new.items(list) {
            container.child("image").filled();
            container::image_is_trimmed(container);
        }
    }
    if !deadline(new.child("activeDeadlineSeconds"), old.at("activeDeadlineSeconds").as_i64()) {
        return;
    }
    only_added_tolerations(new.child("tolerations"), old.list("tolerations"));
    for gate in new.items("schedulingGates") {
        let name = gate.text("name");
        if !old.list("schedulingGates").iter().any(|had| had.text("name") == name) {
            let detail = format_args!("only deletion is allowed, but found new scheduling gate '{name}'");
            gate.child("name").forbidden(detail);
        }
    }
    if same(new.value, old) {
        return;
    }
    let mut munged = munge(new.value, old);
    if !old.list("schedulingGates").is_empty() {
        only_more_choosy(new.child("nodeSelector"), old.at("nodeSelector"));
        for path in ["nodeSelector", "affinity.nodeAffinity"] {
            if munged.has(path) || old.has(path) {
                munged.set(path, old.at(path).clone());
            }
        }
    }
    if !same(&munged, old) {
        new.forbidden(format_args!(
            "pod updates may not change fields other than {}\n{}",
            updatable(new.version()),
            difference(&munged, old, new.version()),
        ));
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
            let keys: BTreeSet<&Text> = one.keys().chain(other.keys()).collect();
            keys.into_iter().all(|key| {
                let at = |map: &crate::json::Map| map.get(key).cloned().unwrap_or_default();
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
fn deadline(new: Field<'_>, old: Option<i64>) -> bool {
    let before = new.errors.len();
    new.between(0, i32::MAX.into());
    if new.errors.len() > before {
        return false;
    }
    match (new.number(""), old) {
        (Some(new_seconds), Some(old)) if old < new_seconds => {
            new.invalid("must be less than or equal to previous value");
            return false;
        }
        (None, Some(_)) => new.invalid("must not update from a positive integer to nil value"),
        (Some(_) | None, _) => {}
    }
    true
}

fn only_added_tolerations(new: Field<'_>, old: &[Value]) {
    let timeless = |toleration: &Value| {
        let mut toleration = toleration.clone();
        toleration.take_out("tolerationSeconds");
        toleration
    };
    let kept = |old: &Value| new.list("").iter().any(|new| timeless(new) == timeless(old));
    match old.iter().all(kept) {
        true => new.items("").for_each(scheduling::validate_toleration),
        false => new.forbidden("existing toleration can not be modified except its tolerationSeconds"),
    }
}

/// A pod that isn't scheduled yet may become more choosy about nodes.
fn only_more_choosy(selector: Field<'_>, old: &Value) {
    if old.entries("").any(|(key, value)| selector.value.get(key) != Some(value)) {
        selector.invalid("only additions to spec.nodeSelector are allowed (no mutations or deletions)");
    }
}

/// The new spec, with what may change as it was.
fn munge(new: &Value, old: &Value) -> Value {
    let mut munged = new.clone();
    for list in ["containers", "initContainers"] {
        for (new, old) in items_mut(&mut munged, list).zip(old.list(list)) {
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
pub(crate) fn difference(new: &Value, old: &Value, version: Version) -> String {
    let (from, to) = if version.has(CHANGES_SHOWN_FORWARDS) { (old, new) } else { (new, old) };
    let keys: BTreeSet<&Text> = new.entries("").chain(old.entries("")).map(|(key, _)| key).collect();
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
pub(super) fn validate_ephemeral(new: Field<'_>, old: &Value) {
    if old.annotation(annotations::MIRROR).is_some() {
        new.errors.clear();
        return new.forbidden("static pods do not support ephemeral containers");
    }
    let list = new.child("spec.ephemeralContainers");
    for old in old.list("spec.ephemeralContainers") {
        let name = old.text("name");
        match list.list("").iter().find(|container| container.text("name") == name) {
            None => list.forbidden(format_args!(
                "existing ephemeral containers {} may not be removed\n",
                quote(name)
            )),
            Some(new) if !same(new, old) => list.forbidden(format_args!(
                "existing ephemeral containers {} may not be changed\n{}",
                quote(name),
                difference(new, old, list.version())
            )),
            Some(_) => {}
        }
    }
}
