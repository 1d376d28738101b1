//! Fields that go with one operating system only (`validateOS`, `validateLinux`, `validateWindows`).

use super::all_containers;
use super::go;
use crate::api::Path;
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::Value;

/// What a pod of Windows may not have: the place in the spec and in errors, which is the same.
const NOT_WINDOWS: [&str; 15] = [
    "securityContext.appArmorProfile",
    "securityContext.seLinuxOptions",
    "hostUsers",
    "hostPID",
    "hostIPC",
    "securityContext.seccompProfile",
    "securityContext.fsGroup",
    "securityContext.fsGroupChangePolicy",
    "securityContext.sysctls",
    "shareProcessNamespace",
    "securityContext.runAsUser",
    "securityContext.runAsGroup",
    "securityContext.supplementalGroups",
    "securityContext.supplementalGroupsPolicy",
    "securityContext.seLinuxChangePolicy",
];
/// Of these, what may be there as long as it is false or empty.
const UNLESS_ZERO: [&str; 4] =
    ["hostPID", "hostIPC", "securityContext.sysctls", "securityContext.supplementalGroups"];
/// What a container of Windows may not have in its security context.
const NOT_WINDOWS_CONTAINER: [&str; 10] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];

/// Checks `os` and what must not be set with it.
pub(super) fn validate(spec: &Value, path: &Path<'_>, errors: &Errors) {
    if !spec.has("os") {
        return;
    }
    let os = path.child("os");
    match spec.text("os.name") {
        "" => errors.required(os.child("name"), "cannot be empty"),
        "linux" => validate_linux(spec, path, errors),
        "windows" => validate_windows(spec, path, errors),
        name => errors.not_supported(os, name, &["linux", "windows"]),
    }
}

fn validate_linux(spec: &Value, path: &Path<'_>, errors: &Errors) {
    let detail = "windows options cannot be set for a linux pod";
    if spec.has("securityContext.windowsOptions") {
        errors.forbidden(path.child("securityContext.windowsOptions"), detail);
    }
    for (list, i, container) in all_containers(spec) {
        if container.has("securityContext.windowsOptions") {
            let list = path.child(list);
            errors.forbidden(list.index(i).child("securityContext.windowsOptions"), detail);
        }
    }
}

fn validate_windows(spec: &Value, path: &Path<'_>, errors: &Errors) {
    let detail = "cannot be set for a windows pod";
    for key in NOT_WINDOWS {
        let value = spec.at(key);
        let absent = value.is_null() || (UNLESS_ZERO.contains(&key) && go::is_zero(value));
        if !absent {
            errors.forbidden(path.child(key), detail);
        }
    }
    for (list, i, container) in all_containers(spec) {
        let list = path.child(list);
        let container_path = list.index(i);
        let context = container_path.child("securityContext");
        for key in NOT_WINDOWS_CONTAINER {
            if container.at("securityContext").has(key) {
                errors.forbidden(context.child(key), detail);
            }
        }
    }
}
