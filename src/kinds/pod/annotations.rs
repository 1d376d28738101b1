//! Annotations that mean something to a pod (`ValidatePodSpecificAnnotations`).

use super::files::descending;
use super::lists::{all_containers, containers};
use super::skew;
use crate::api::Dig;
use crate::api::differences::{APP_ARMOR_FIELDS, DELETION_COST_IS_NUMBER};
use crate::api::field::quote;
use crate::json::Value;
use crate::kinds::field::Field;

/// A pod that a kubelet made from a file.
pub(crate) const MIRROR: &str = "kubernetes.io/config.mirror";
/// How willingly a pod goes first when a workload shrinks.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Checks annotations against the spec that they belong to.
pub(crate) fn validate(map: Field<'_>, spec: &Value) {
    let mirror = map.entry(MIRROR);
    if !mirror.is_null() && spec.text("nodeName").is_empty() {
        mirror.invalid("must set spec.nodeName if mirror pod annotation is set");
    }
    let cost = map.entry(DELETION_COST);
    if !cost.is_null() && cost.version().has(DELETION_COST_IS_NUMBER) && !is_cost(cost.text("")) {
        cost.invalid("must be a 32bit integer");
    }
    seccomp_profile(map, skew::SECCOMP_POD);
    for (key, _) in map.entries("").filter(|(key, _)| key.starts_with(skew::SECCOMP_CONTAINER)) {
        seccomp_profile(map, key);
    }
    for (key, profile) in map.entries("") {
        if let Some(container) = key.strip_prefix(skew::APP_ARMOR) {
            app_armor_profile(profile, container, spec);
        }
    }
}

/// A number without a plus and without zeros in front.
fn is_cost(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = text == "0" || digits.starts_with(|c: char| ('1'..='9').contains(&c));
    plain && text.parse::<i32>().is_ok()
}

/// Errors about the profile speak of a field, not of an entry.
fn seccomp_profile(map: Field<'_>, key: &str) {
    let profile = map.told_as(key, map.entry(key).value);
    match (profile.text(""), profile.text("").strip_prefix("localhost/")) {
        _ if profile.is_null() => {}
        ("runtime/default" | "docker/default" | "unconfined", _) => {}
        (_, Some(file)) => descending(profile.told_as("", &file.into())),
        _ => profile.invalid("must be a valid seccomp profile"),
    }
}

fn app_armor_profile(profile: Field<'_>, container: &str, spec: &Value) {
    if !containers(spec).any(|c| c.text("name") == container) {
        profile.invalid_as(container, "container not found");
    }
    let name = profile.text("");
    let known = matches!(name, "" | "runtime/default" | "unconfined") || name.starts_with("localhost/");
    if !known {
        profile.invalid(format_args!("invalid AppArmor profile name: {}", quote(name)));
    }
}

/// A new pod's seccomp annotations say what its fields say.
pub(crate) fn seccomp_matches(pod: &Value, spec: Field<'_>) {
    same_profile(pod.annotation(skew::SECCOMP_POD), spec.child(skew::SECCOMP_FIELD), "seccomp");
    for container in all_containers(&spec) {
        let key = format!("{}{}", skew::SECCOMP_CONTAINER, container.text("name"));
        same_profile(pod.annotation(&key), container.child(skew::SECCOMP_FIELD), "seccomp");
    }
}

/// A new pod's AppArmor annotations say what its fields say.
pub(crate) fn app_armor_matches(pod: &Value, spec: Field<'_>) {
    if !spec.version().has(APP_ARMOR_FIELDS) || spec.text("os.name") == "windows" {
        return;
    }
    for container in all_containers(&spec) {
        let key = format!("{}{}", skew::APP_ARMOR, container.text("name"));
        let holder = if container.has(skew::APP_ARMOR_FIELD) { container } else { spec };
        let profile = container.told_as(skew::APP_ARMOR_FIELD, holder.value.at(skew::APP_ARMOR_FIELD));
        same_profile(pod.annotation(&key), profile, "apparmor");
    }
}

fn same_profile(annotation: Option<&str>, profile: Field<'_>, what: &str) {
    let Some(annotation) = annotation.filter(|_| !profile.is_null()) else {
        return;
    };
    let file = annotation.strip_prefix("localhost/");
    let same_type = match profile.text("type") {
        "Unconfined" => annotation == "unconfined",
        "RuntimeDefault" => {
            annotation == "runtime/default" || (what == "seccomp" && annotation == "docker/default")
        }
        "Localhost" => file.is_some(),
        _ => true,
    };
    if !same_type {
        let detail = format_args!("{what} type in annotation and field must match");
        profile.child("type").forbidden(detail);
    } else if profile.text("type") == "Localhost" && file != profile.value.at("localhostProfile").as_str() {
        let detail = format_args!("{what} profile in annotation and field must match");
        profile.child("localhostProfile").forbidden(detail);
    }
}

/// Checks what an update does to annotations.
pub(crate) fn validate_update(new: Field<'_>, old: &Value) {
    let map = new.child("metadata.annotations");
    for (key, value) in old.entries("metadata.annotations") {
        if map.entry(key).value != value {
            guarded(map.entry(key), key, "may not remove or update");
        }
    }
    for (key, entry) in map.entries("").filter(|(key, _)| old.annotation(key).is_none()) {
        guarded(entry, key, "may not add");
    }
    validate(map, new.child("spec").value);
}

fn guarded(entry: Field<'_>, key: &str, what: &str) {
    if key.starts_with(skew::APP_ARMOR) {
        entry.forbidden(format_args!("{what} AppArmor annotations"));
    }
    if key == MIRROR {
        entry.forbidden(format_args!("{what} mirror pod annotation"));
    }
}
