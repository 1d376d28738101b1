//! Annotations of old that became fields, and how a new pod gets both (`apply*VersionSkew` of the pod strategy).

use super::lists::{CONTAINER_LISTS, containers};
use crate::api::differences::{
    APP_ARMOR_FIELDS, NO_APP_ARMOR_ANNOTATIONS, NO_SECCOMP_ANNOTATIONS_WRITTEN, NO_SECCOMP_SYNC,
};
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// The pod's seccomp profile.
pub(super) const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
/// A container's seccomp profile; its name follows.
pub(super) const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
/// A container's AppArmor profile; its name follows.
pub(super) const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Where the profiles stand, in a pod's spec or in a container.
pub(super) const SECCOMP_FIELD: &str = "securityContext.seccompProfile";
pub(super) const APP_ARMOR_FIELD: &str = "securityContext.appArmorProfile";

/// The annotation that says what a profile's field says.
fn annotation_for(profile: &Value) -> Option<String> {
    match profile.text("type") {
        "Unconfined" => Some("unconfined".to_owned()),
        "RuntimeDefault" => Some("runtime/default".to_owned()),
        "Localhost" => Some(format!("localhost/{}", profile.at("localhostProfile").as_str()?)),
        _ => None,
    }
}

/// The field that says what an annotation says.
fn field_for(annotation: &str) -> Option<Value> {
    match (annotation, annotation.strip_prefix("localhost/")) {
        ("unconfined", _) => Some(json!({"type": "Unconfined"})),
        ("runtime/default" | "docker/default", _) => Some(json!({"type": "RuntimeDefault"})),
        (_, Some(file)) if !file.is_empty() => Some(json!({"type": "Localhost", "localhostProfile": file})),
        _ => None,
    }
}

/// Until 1.26: seccomp profiles, at first both ways.
pub(super) fn seccomp(pod: &mut Value, version: Version) {
    if version.has(NO_SECCOMP_SYNC) {
        return;
    }
    let annotates = !version.has(NO_SECCOMP_ANNOTATIONS_WRITTEN);
    let way = Way { field: SECCOMP_FIELD, annotates, of_pod: Value::Null };
    way.sync(pod, "spec", SECCOMP_POD);
    way.sync_containers(pod, SECCOMP_CONTAINER);
}

/// From 1.30 on: AppArmor profiles, at first both ways.
pub(super) fn app_armor(pod: &mut Value, version: Version) {
    if !version.has(APP_ARMOR_FIELDS) || pod.text("spec.os.name") == "windows" {
        return;
    }
    let annotates = !version.has(NO_APP_ARMOR_ANNOTATIONS);
    let of_pod = pod.at("spec").at(APP_ARMOR_FIELD).clone();
    Way { field: APP_ARMOR_FIELD, annotates, of_pod }.sync_containers(pod, APP_ARMOR);
}

/// How a profile goes between annotation and field.
struct Way {
    /// Where the profile stands in a pod's spec or in a container.
    field: &'static str,
    /// Whether the field becomes an annotation, too.
    annotates: bool,
    /// What holds for containers without a profile of their own.
    of_pod: Value,
}

impl Way {
    fn sync_containers(&self, pod: &mut Value, prefix: &str) {
        for list in CONTAINER_LISTS.map(|list| format!("spec.{list}")) {
            for i in 0..pod.list(&list).len() {
                let holder = format!("{list}.{i}");
                let annotation = format!("{prefix}{}", pod.at(&holder).text("name"));
                self.sync(pod, &holder, &annotation);
            }
        }
    }

    fn sync(&self, pod: &mut Value, holder: &str, annotation: &str) {
        let field = format!("{holder}.{}", self.field);
        match (pod.annotation(annotation), pod.at(&field)) {
            (None, own) if self.annotates => {
                if let Some(text) = annotation_for(if own.is_null() { &self.of_pod } else { own }) {
                    pod.make("metadata.annotations")[annotation] = text.into();
                }
            }
            (Some(text), Value::Null) => {
                if let Some(profile) = field_for(text).filter(|profile| *profile != self.of_pod) {
                    pod.set(&field, profile);
                }
            }
            (Some(_) | None, _) => {}
        }
    }
}

/// The annotations that should have been fields, as warnings; the pod is one that has not been prepared yet.
pub(super) fn deprecated(pod: &Value, version: Version) -> Vec<String> {
    if !version.has(APP_ARMOR_FIELDS) || pod.text("spec.os.name") == "windows" {
        return Vec::new();
    }
    let of_pod = pod.at("spec").at(APP_ARMOR_FIELD);
    let mut warnings = Vec::new();
    for container in containers(pod.at("spec")) {
        let key = format!("{APP_ARMOR}{}", container.text("name"));
        let Some(text) = pod.annotation(&key) else {
            continue;
        };
        let same = field_for(text).is_some_and(|field| field == *of_pod);
        if !container.has(APP_ARMOR_FIELD) && !same {
            warnings.push(format!(
                "metadata.annotations[{key}]: deprecated since v1.30; use the \"appArmorProfile\" field instead"
            ));
        }
    }
    warnings
}
