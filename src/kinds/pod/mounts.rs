//! Where volumes appear in a container (`ValidateVolumeMounts`, `ValidateVolumeDevices`).

use super::spec::Around;
use super::volumes::{descending, no_backsteps};
use crate::api::Path;
use crate::api::differences::IMAGE_SUB_PATHS;
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks the mounts and block devices of a container.
pub(super) fn validate(container: &Value, around: &Around<'_>, path: &Path<'_>, errors: &mut Errors) {
    let at = path.child("volumeMounts");
    let mut seen = BTreeSet::new();
    for (i, mount) in container.list("volumeMounts").iter().enumerate() {
        validate_mount(mount, around, &at.index(i), errors);
        if !seen.insert(mount.text("mountPath")) {
            errors.invalid(at.index(i).child("mountPath"), mount.text("mountPath"), "must be unique");
        }
        overlap(mount, container, &at.index(i), errors);
        validate_details(mount, container, around, &at, i, errors);
    }
    devices(container, around, &path.child("volumeDevices"), errors);
}

fn validate_mount(mount: &Value, around: &Around<'_>, path: &Path<'_>, errors: &mut Errors) {
    let name = mount.text("name");
    if name.is_empty() {
        errors.required(path.child("name"), "");
    }
    if !around.volumes.contains_key(name) {
        errors.not_found(path.child("name"), name);
    }
    if mount.text("mountPath").is_empty() {
        errors.required(path.child("mountPath"), "");
    }
}

/// A volume is mounted or a device, not both, and no path is both.
fn overlap(mount: &Value, container: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (name, at) = (mount.text("name"), mount.text("mountPath"));
    let devices = container.list("volumeDevices");
    if devices.iter().any(|d| d.text("name") == name) {
        errors.invalid(path.child("name"), name, "must not already exist in volumeDevices");
    }
    if devices.iter().any(|d| d.text("devicePath") == at) {
        let detail = "must not already exist as a path in volumeDevices";
        errors.invalid(path.child("mountPath"), at, detail);
    }
}

/// Errors about details speak of the list, not of the mount.
fn validate_details(
    mount: &Value,
    container: &Value,
    around: &Around<'_>,
    list: &Path<'_>,
    index: usize,
    errors: &mut Errors,
) {
    let path = list.index(index);
    let (sub, expression) = (mount.text("subPath"), mount.text("subPathExpr"));
    let image = around.volumes.get(mount.text("name")).is_some_and(|v| v.has("image"));
    if image && !errors.version().has(IMAGE_SUB_PATHS) {
        for key in ["subPath", "subPathExpr"] {
            if !mount.text(key).is_empty() {
                errors.invalid(path.child(key), mount.text(key), "not allowed in image volume sources");
            }
        }
    }
    descending(sub, &list.child("subPath"), errors);
    if !expression.is_empty() {
        if !sub.is_empty() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            errors.invalid(path.child("subPathExpr"), expression, detail);
        }
        descending(expression, &list.child("subPathExpr"), errors);
    }
    let propagation = mount.text("mountPropagation");
    if !propagation.is_empty() {
        let path = list.child("mountPropagation");
        let allowed = ["Bidirectional", "HostToContainer", "None"];
        if !allowed.contains(&propagation) {
            errors.not_supported(path, propagation, &allowed);
        }
        if propagation == "Bidirectional" && !container.flag("securityContext.privileged") {
            let detail = "Bidirectional mount propagation is available only to privileged containers";
            errors.forbidden(path, detail);
        }
    }
    let recursive = mount.text("recursiveReadOnly");
    let path = list.child("recursiveReadOnly");
    match recursive {
        "" | "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if !mount.flag("readOnly") {
                errors.forbidden(path, "may only be specified when readOnly is true");
            }
            if !["", "None"].contains(&propagation) {
                let detail = "may only be specified when mountPropagation is None or not specified";
                errors.forbidden(path, detail);
            }
        }
        _ => errors.not_supported(path, recursive, &["Disabled", "Enabled", "IfPossible"]),
    }
}

fn devices(container: &Value, around: &Around<'_>, list: &Path<'_>, errors: &mut Errors) {
    let mounts = container.list("volumeMounts");
    let (mut paths, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (i, device) in container.list("volumeDevices").iter().enumerate() {
        let path = list.index(i);
        let (name, at) = (device.text("name"), device.text("devicePath"));
        if name.is_empty() {
            errors.required(path.child("name"), "");
        }
        if names.contains(name) {
            errors.invalid(path.child("name"), name, "must be unique");
        }
        match around.volumes.get(name) {
            Some(volume) if volume.has("persistentVolumeClaim") || volume.has("ephemeral") => {}
            Some(_) => {
                let detail =
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                errors.invalid(path.child("name"), name, detail);
            }
            None => errors.not_found(path.child("name"), name),
        }
        if at.is_empty() {
            errors.required(path.child("devicePath"), "");
        }
        if paths.contains(at) {
            errors.invalid(path.child("devicePath"), at, "must be unique");
        }
        if no_backsteps(at) {
            paths.insert(at);
        } else {
            errors.invalid(path.child("devicePath"), at, "can not contain backsteps ('..')");
        }
        if mounts.iter().any(|m| m.text("name") == name) {
            errors.invalid(path.child("name"), name, "must not already exist in volumeMounts");
        }
        if mounts.iter().any(|m| m.text("mountPath") == at) {
            let detail = "must not already exist as a path in volumeMounts";
            errors.invalid(path.child("devicePath"), at, detail);
        }
        if !name.is_empty() {
            names.insert(name);
        }
    }
}
