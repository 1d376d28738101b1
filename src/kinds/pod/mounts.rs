//! Where volumes appear in a container (`ValidateVolumeMounts`, `ValidateVolumeDevices`).

use super::around::Around;
use super::files::descending;
use super::steps::no_backsteps;
use crate::api::Dig;
use crate::api::differences::IMAGE_SUB_PATHS;
use crate::json::Value;
use crate::kinds::field::Field;
use std::collections::BTreeSet;

/// Checks the mounts and block devices of a container.
pub(super) fn validate(container: Field<'_>, around: &Around<'_>) {
    let list = container.child("volumeMounts");
    let mut seen = BTreeSet::new();
    for mount in list.items("") {
        mount.child("name").filled();
        if !around.volumes.contains_key(mount.text("name")) {
            mount.string("name").not_found();
        }
        mount.child("mountPath").filled();
        if !seen.insert(mount.text("mountPath")) {
            mount.string("mountPath").invalid("must be unique");
        }
        apart(mount, "mountPath", container.value, "volumeDevices", "devicePath");
        let image = around.volumes.get(mount.text("name")).is_some_and(|volume| volume.has("image"));
        if image && !mount.version().has(IMAGE_SUB_PATHS) {
            for key in ["subPath", "subPathExpr"].into_iter().filter(|key| !mount.text(key).is_empty()) {
                mount.child(key).invalid("not allowed in image volume sources");
            }
        }
        // Most errors about the rest speak of the list.
        let told = Field { path: list.path, ..mount };
        descending(told.child("subPath"));
        if !mount.text("subPathExpr").is_empty() && !mount.text("subPath").is_empty() {
            mount.child("subPathExpr").invalid("subPathExpr and subPath are mutually exclusive");
        }
        descending(told.child("subPathExpr"));
        validate_propagation(told, container.flag("securityContext.privileged"));
    }
    devices(container, around);
}

/// A volume is mounted or a device, not both, and no path is both.
fn apart(one: Field<'_>, path: &str, container: &Value, list: &str, other_path: &str) {
    let others = container.list(list);
    if others.iter().any(|other| other.text("name") == one.text("name")) {
        one.string("name").invalid(format_args!("must not already exist in {list}"));
    }
    if others.iter().any(|other| other.text(other_path) == one.text(path)) {
        one.string(path).invalid(format_args!("must not already exist as a path in {list}"));
    }
}

fn validate_propagation(mount: Field<'_>, privileged: bool) {
    let propagation = mount.child("mountPropagation");
    match propagation.text("") {
        "" | "HostToContainer" | "None" => {}
        "Bidirectional" if privileged => {}
        "Bidirectional" => {
            let detail = "Bidirectional mount propagation is available only to privileged containers";
            propagation.forbidden(detail);
        }
        _ => propagation.not_supported(&["Bidirectional", "HostToContainer", "None"]),
    }
    let recursive = mount.child("recursiveReadOnly");
    match recursive.text("") {
        "" | "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if !mount.flag("readOnly") {
                recursive.forbidden("may only be specified when readOnly is true");
            }
            if !["", "None"].contains(&propagation.text("")) {
                recursive.forbidden("may only be specified when mountPropagation is None or not specified");
            }
        }
        _ => recursive.not_supported(&["Disabled", "Enabled", "IfPossible"]),
    }
}

fn devices(container: Field<'_>, around: &Around<'_>) {
    let (mut paths, mut names) = (BTreeSet::new(), BTreeSet::new());
    for device in container.items("volumeDevices") {
        let (name, path) = (device.string("name"), device.string("devicePath"));
        name.filled();
        if !name.text("").is_empty() && !names.insert(device.text("name")) {
            name.invalid("must be unique");
        }
        match around.volumes.get(name.text("")) {
            Some(volume) if volume.has("persistentVolumeClaim") || volume.has("ephemeral") => {}
            Some(_) => name.invalid(
                "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
            ),
            None => name.not_found(),
        }
        path.filled();
        if !no_backsteps(path.text("")) {
            path.invalid("can not contain backsteps ('..')");
        } else if !paths.insert(device.text("devicePath")) {
            path.invalid("must be unique");
        }
        apart(device, "devicePath", container.value, "volumeMounts", "mountPath");
    }
}
