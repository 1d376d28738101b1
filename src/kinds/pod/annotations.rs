//! Annotations that mean something to a pod (`ValidatePodSpecificAnnotations`).

use super::all_containers;
use super::skew;
use super::volumes::descending;
use crate::api::Path;
use crate::api::differences::{APP_ARMOR_FIELDS, DELETION_COST_IS_NUMBER};
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::Value;

/// A pod that a kubelet made from a file.
pub(crate) const MIRROR: &str = "kubernetes.io/config.mirror";
/// How willingly a pod goes first when a workload shrinks.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// Checks annotations against the spec that they belong to.
pub(crate) fn validate(annotations: &Value, spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    if let Some(value) = annotations.entry("", MIRROR)
        && spec.text("nodeName").is_empty()
    {
        let detail = "must set spec.nodeName if mirror pod annotation is set";
        errors.invalid(path.key(MIRROR), value, detail);
    }
    if let Some(cost) = annotations.entry("", DELETION_COST)
        && errors.version().has(DELETION_COST_IS_NUMBER)
        && !is_cost(cost)
    {
        errors.invalid(path.key(DELETION_COST), cost, "must be a 32bit integer");
    }
    if let Some(profile) = annotations.entry("", skew::SECCOMP_POD) {
        seccomp_name(profile, &path.child(skew::SECCOMP_POD), errors);
    }
    for (key, profile) in annotations.entries("") {
        let profile = profile.as_str().unwrap_or_default();
        if key.starts_with(skew::SECCOMP_CONTAINER) {
            seccomp_name(profile, &path.child(key), errors);
        }
    }
    app_armor(annotations, spec, path, errors);
}

/// A number without a plus and without zeros in front.
fn is_cost(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = text == "0" || digits.starts_with(|c: char| ('1'..='9').contains(&c));
    plain && text.parse::<i32>().is_ok()
}

fn seccomp_name(profile: &str, path: &Path<'_>, errors: &mut Errors) {
    match (profile, profile.strip_prefix("localhost/")) {
        ("runtime/default" | "docker/default" | "unconfined", _) => {}
        (_, Some(file)) => descending(file, path, errors),
        _ => errors.invalid(path, profile, "must be a valid seccomp profile"),
    }
}

fn app_armor(annotations: &Value, spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    for (key, profile) in annotations.entries("") {
        let Some(name) = key.strip_prefix(skew::APP_ARMOR) else {
            continue;
        };
        if !all_containers(spec).any(|(_, _, c)| c.text("name") == name) {
            errors.invalid(path.key(key), name, "container not found");
        }
        let profile = profile.as_str().unwrap_or_default();
        let known =
            matches!(profile, "" | "runtime/default" | "unconfined") || profile.starts_with("localhost/");
        if !known {
            let detail = format!("invalid AppArmor profile name: {}", crate::api::field::quote(profile));
            errors.invalid(path.key(key), profile, detail);
        }
    }
}

/// A new pod's seccomp annotations say what its fields say.
pub(crate) fn seccomp_matches(pod: &Value, spec: &Path<'_>, errors: &mut Errors) {
    let annotation = |key: &str| pod.annotation(key);
    let profile = pod.at("spec.securityContext.seccompProfile");
    let path = spec.child("securityContext");
    same_profile(annotation(skew::SECCOMP_POD), profile, "seccomp", &path.child("seccompProfile"), errors);
    for (list, i, container) in all_containers(pod.at("spec")) {
        let key = format!("{}{}", skew::SECCOMP_CONTAINER, container.text("name"));
        let profile = container.at("securityContext.seccompProfile");
        let list = spec.child(list);
        let path = list.index(i);
        let path = path.child("securityContext.seccompProfile");
        same_profile(annotation(&key), profile, "seccomp", &path, errors);
    }
}

/// A new pod's AppArmor annotations say what its fields say.
pub(crate) fn app_armor_matches(pod: &Value, spec: &Path<'_>, errors: &mut Errors) {
    if !errors.version().has(APP_ARMOR_FIELDS) || pod.text("spec.os.name") == "windows" {
        return;
    }
    let of_pod = pod.at("spec.securityContext.appArmorProfile");
    for (list, i, container) in all_containers(pod.at("spec")) {
        let key = format!("{}{}", skew::APP_ARMOR, container.text("name"));
        let profile = match container.at("securityContext.appArmorProfile") {
            Value::Null => of_pod,
            own => own,
        };
        let list = spec.child(list);
        let path = list.index(i);
        let path = path.child("securityContext.appArmorProfile");
        same_profile(pod.annotation(&key), profile, "apparmor", &path, errors);
    }
}

fn same_profile(annotation: Option<&str>, profile: &Value, what: &str, path: &Path<'_>, errors: &mut Errors) {
    let (Some(annotation), false) = (annotation, profile.is_null()) else {
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
        let detail = format!("{what} type in annotation and field must match");
        errors.forbidden(path.child("type"), detail);
    } else if profile.text("type") == "Localhost" && file != profile.at("localhostProfile").as_str() {
        let detail = format!("{what} profile in annotation and field must match");
        errors.forbidden(path.child("localhostProfile"), detail);
    }
}

/// Checks what an update does to annotations.
pub(crate) fn validate_update(new: &Value, old: &Value, errors: &mut Errors) {
    let path = Path::new("metadata.annotations");
    for (key, value) in old.entries("metadata.annotations") {
        if new.annotation(key) != value.as_str() {
            guarded(key, "may not remove or update", &path, errors);
        }
    }
    for (key, _) in new.entries("metadata.annotations") {
        if old.annotation(key).is_none() {
            guarded(key, "may not add", &path, errors);
        }
    }
    validate(new.at("metadata.annotations"), new.at("spec"), &path, errors);
}

fn guarded(key: &str, what: &str, path: &Path<'_>, errors: &mut Errors) {
    if key.starts_with(skew::APP_ARMOR) {
        errors.forbidden(path.key(key), format!("{what} AppArmor annotations"));
    }
    if key == MIRROR {
        errors.forbidden(path.key(key), format!("{what} mirror pod annotation"));
    }
}
