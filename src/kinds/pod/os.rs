//! Fields that go with one operating system only (`validateOS`, `validateLinux`, `validateWindows`).

use super::go;
use super::lists::all_containers;
use crate::kinds::field::Field;

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
pub(super) fn validate(spec: Field<'_>) {
    let os = spec.child("os");
    match os.text("name") {
        _ if os.is_null() => {}
        "" => os.child("name").required("cannot be empty"),
        "linux" => validate_linux(spec),
        "windows" => validate_windows(spec),
        _ => spec.told_as("os", os.child("name").value).not_supported(&["linux", "windows"]),
    }
}

fn validate_linux(spec: Field<'_>) {
    let windows = "securityContext.windowsOptions";
    for holder in std::iter::once(spec).chain(all_containers(&spec)).filter(|holder| holder.has(windows)) {
        holder.child(windows).forbidden("windows options cannot be set for a linux pod");
    }
}

fn validate_windows(spec: Field<'_>) {
    let detail = "cannot be set for a windows pod";
    for (key, field) in spec.present(&NOT_WINDOWS) {
        if !(UNLESS_ZERO.contains(&key) && go::is_zero(field.value)) {
            field.forbidden(detail);
        }
    }
    for container in all_containers(&spec) {
        let context = container.child("securityContext");
        context.present(&NOT_WINDOWS_CONTAINER).for_each(|(_, field)| field.forbidden(detail));
    }
}
