//! Annotations of old that became fields, and how a new pod gets both (`apply*VersionSkew` of the pod strategy).

use super::lists::{CONTAINER_LISTS, items_mut};
use super::references;
use crate::api::differences::{
    APP_ARMOR_FIELDS, NO_APP_ARMOR_ANNOTATIONS, NO_SECCOMP_ANNOTATIONS_WRITTEN, NO_SECCOMP_SYNC,
};
use crate::api::{Dig, Version};
use serde_json::{Value, json};

/// The pod's seccomp profile.
pub(super) const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
/// A container's seccomp profile; its name follows.
pub(super) const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
/// A container's AppArmor profile; its name follows.
pub(super) const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

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

/// Which way a profile goes between annotation and field.
struct Way {
    annotates: bool,
    key: &'static str,
}

/// Until 1.26: seccomp profiles, at first both ways.
pub(super) fn seccomp(pod: &mut Value, version: Version) {
    if version.has(NO_SECCOMP_SYNC) {
        return;
    }
    let way = Way {
        annotates: !version.has(NO_SECCOMP_ANNOTATIONS_WRITTEN),
        key: "securityContext.seccompProfile",
    };
    let mut annotations = pod.at("metadata.annotations").clone();
    if let Some(spec) = pod.at_mut("spec") {
        way.sync(spec, SECCOMP_POD, &mut annotations, &Value::Null);
        way.sync_containers(spec, SECCOMP_CONTAINER, &mut annotations, &Value::Null);
    }
    put_back(pod, annotations);
}

/// From 1.30 on: AppArmor profiles, at first both ways.
pub(super) fn app_armor(pod: &mut Value, version: Version) {
    if !version.has(APP_ARMOR_FIELDS) || pod.text("spec.os.name") == "windows" {
        return;
    }
    let way =
        Way { annotates: !version.has(NO_APP_ARMOR_ANNOTATIONS), key: "securityContext.appArmorProfile" };
    let mut annotations = pod.at("metadata.annotations").clone();
    let of_pod = pod.at("spec.securityContext.appArmorProfile").clone();
    if let Some(spec) = pod.at_mut("spec") {
        way.sync_containers(spec, APP_ARMOR, &mut annotations, &of_pod);
    }
    put_back(pod, annotations);
}

fn put_back(pod: &mut Value, annotations: Value) {
    if !annotations.is_null() {
        pod.set("metadata.annotations", annotations);
    }
}

impl Way {
    fn sync_containers(&self, spec: &mut Value, prefix: &str, annotations: &mut Value, of_pod: &Value) {
        for list in CONTAINER_LISTS {
            for container in items_mut(spec, list) {
                let key = format!("{prefix}{}", container.text("name"));
                self.sync(container, &key, annotations, of_pod);
            }
        }
    }

    fn sync(&self, holder: &mut Value, annotation: &str, annotations: &mut Value, of_pod: &Value) {
        let profile = match holder.at(self.key) {
            Value::Null => of_pod,
            own => own,
        };
        match annotations.entry("", annotation) {
            None if self.annotates => {
                if let Some(text) = annotation_for(profile) {
                    if !annotations.is_object() {
                        *annotations = json!({});
                    }
                    annotations[annotation] = text.into();
                }
            }
            Some(text) if !holder.has(self.key) => {
                if let Some(field) = field_for(text).filter(|field| field != of_pod) {
                    holder.set(self.key, field);
                }
            }
            Some(_) | None => {}
        }
    }
}

/// The annotations that should have been fields, as warnings; the pod is one that has not been prepared yet.
pub(super) fn deprecated(pod: &Value, version: Version) -> Vec<String> {
    if !version.has(APP_ARMOR_FIELDS) || pod.text("spec.os.name") == "windows" {
        return Vec::new();
    }
    let of_pod = pod.at("spec.securityContext.appArmorProfile");
    let mut warnings = Vec::new();
    for container in references::containers(pod) {
        let key = format!("{APP_ARMOR}{}", container.text("name"));
        let Some(text) = pod.annotation(&key) else {
            continue;
        };
        let same = field_for(text).is_some_and(|field| field == *of_pod);
        if !container.has("securityContext.appArmorProfile") && !same {
            warnings.push(format!(
                "metadata.annotations[{key}]: deprecated since v1.30; use the \"appArmorProfile\" field instead"
            ));
        }
    }
    warnings
}
