//! Security contexts of pods and containers (`ValidateSecurityContext`, `validatePodSpecSecurityContext`).

use super::around::host_users;
use super::files::descending;
use super::lists::all_containers;
use super::options::Options;
use super::{go, windows};
use crate::api::Dig;
use crate::api::differences::{
    HOST_PORT_TOLD, HOST_SYSCTLS, HOST_USERS_WORDED, SYSCTL_SLASHES, UNMASKED_NEEDS_USERS,
};
use crate::json::Value;
use crate::kinds::field::Field;
use std::collections::BTreeSet;

const ID_MAX: i64 = i32::MAX as i64;
const PROFILES: [&str; 3] = ["Localhost", "RuntimeDefault", "Unconfined"];

/// Checks the security context of a container.
pub(super) fn validate(context: Field<'_>, host_users: bool) {
    for key in ["runAsUser", "runAsGroup"] {
        context.child(key).between(0, ID_MAX);
    }
    let mount = context.child("procMount");
    mount.one_of_if_set(&["Default", "Unmasked"]);
    if mount.text("") == "Unmasked" && host_users && mount.version().has(UNMASKED_NEEDS_USERS) {
        mount.invalid("`hostUsers` must be false to use `Unmasked`");
    }
    seccomp_profile(context.child("seccompProfile"));
    if context.has("allowPrivilegeEscalation") && !context.flag("allowPrivilegeEscalation") {
        no_escalation(context);
    }
    windows::validate_options(context.child("windowsOptions"));
    app_armor_profile(context.child("appArmorProfile"));
}

/// Who may not gain privileges cannot have them all.
fn no_escalation(context: Field<'_>) {
    let contradiction = |what: &str| {
        let detail = format_args!("cannot set `allowPrivilegeEscalation` to false and {what}");
        let (go, json) = go::security_context(context.value);
        context.invalid_go(go, json, detail);
    };
    if context.flag("privileged") {
        contradiction("`privileged` to true");
    }
    for _ in context.list("capabilities.add").iter().filter(|added| **added == "CAP_SYS_ADMIN") {
        contradiction("`capabilities.Add` CAP_SYS_ADMIN");
    }
}

fn profile_type(profile: Field<'_>, key: &str) {
    let kind = profile.child("type");
    match kind.text("") {
        "" => kind.required(format_args!("type is required when {key} is set")),
        _ => kind.one_of(&PROFILES),
    }
}

fn seccomp_profile(profile: Field<'_>) {
    if profile.is_null() {
        return;
    }
    profile_type(profile, "seccompProfile");
    let file = profile.child("localhostProfile");
    match (profile.text("type"), file.value) {
        ("Localhost", Value::Null) => file.required("must be set when seccomp type is Localhost"),
        ("Localhost", _) => descending(file),
        (_, Value::Null) => {}
        _ => {
            let (go, json) = go::seccomp(profile.value);
            file.invalid_go(go, json, "can only be set when seccomp type is Localhost");
        }
    }
}

fn app_armor_profile(profile: Field<'_>) {
    if profile.is_null() {
        return;
    }
    profile_type(profile, "appArmorProfile");
    let file = profile.child("localhostProfile");
    match (profile.text("type"), file.text("")) {
        ("Localhost", "") => file.required("must be set when AppArmor type is Localhost"),
        ("Localhost", name) => {
            if name.trim() != name {
                file.invalid("must not be padded with whitespace");
            }
            if name.len() > 4095 {
                file.errors.too_long(file.path, 4095);
            }
        }
        ("RuntimeDefault" | "Unconfined", _) if !file.is_null() => {
            file.invalid("can only be set when AppArmor type is Localhost");
        }
        _ => {}
    }
}

/// Checks the security context of a pod.
pub(super) fn validate_pod(spec: Field<'_>, options: &Options) {
    if !spec.version().has(HOST_PORT_TOLD) {
        host_ports_match(spec, options);
    }
    let context = spec.child("securityContext");
    for key in ["fsGroup", "runAsUser", "runAsGroup"] {
        context.child(key).between(0, ID_MAX);
    }
    context.items("supplementalGroups").for_each(|group| group.between(0, ID_MAX));
    if spec.flag("shareProcessNamespace") && spec.flag("hostPID") {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        context.child("shareProcessNamespace").invalid_as(true, detail);
    }
    validate_sysctls(spec, options);
    context.child("fsGroupChangePolicy").one_of_if_set(&["Always", "OnRootMismatch"]);
    seccomp_profile(context.child("seccompProfile"));
    windows::validate_options(context.child("windowsOptions"));
    app_armor_profile(context.child("appArmorProfile"));
    context.child("supplementalGroupsPolicy").one_of_if_set(&["Merge", "Strict"]);
    // `MountOption` needs the gate SELinuxMount, which is off in all releases.
    context.child("seLinuxChangePolicy").one_of_if_set(&["Recursive"]);
}

/// On the host's network a container's port is the host's.
pub(super) fn host_ports_match(spec: Field<'_>, options: &Options) {
    if !spec.flag("hostNetwork") {
        return;
    }
    for container in spec.items("containers") {
        for port in container.items("ports") {
            let number = |key| port.number(key).unwrap_or_default();
            let (host, own) = (number("hostPort"), number("containerPort"));
            match port.version().has(HOST_PORT_TOLD) {
                _ if host == own => {}
                // A template's pods get the host's port when they are made.
                true if !options.is_pod && host == 0 => {}
                true => {
                    let detail = "must match `containerPort` when `hostNetwork` is true";
                    port.child("hostPort").invalid_as(host, detail);
                }
                false => {
                    let detail = "must match `hostPort` when `hostNetwork` is true";
                    port.child("containerPort").invalid_as(own, detail);
                }
            }
        }
    }
}

/// Users of its own don't go with the host's namespaces.
pub(super) fn validate_host_users(spec: Field<'_>) {
    for (key, name) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
        if spec.flag(key) && !host_users(spec.value) {
            spec.child(name).forbidden(match spec.version().has(HOST_USERS_WORDED) {
                true => "when `hostUsers` is false",
                false => "when `pod.Spec.HostUsers` is false",
            });
        }
    }
    if host_users(spec.value) || !spec.version().has(HOST_USERS_WORDED) {
        return;
    }
    for container in all_containers(&spec).filter(|container| !container.list("volumeDevices").is_empty()) {
        container.child("volumeDevices").forbidden("when `hostUsers` is false");
    }
}

const SYSCTL: &str = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

/// Kernel settings by the namespace they belong to: prefixes, and names.
const IPC_SYSCTLS: [&str; 9] = [
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "fs.mqueue.",
];

fn validate_sysctls(spec: Field<'_>, options: &Options) {
    let slashes = spec.version().has(SYSCTL_SLASHES);
    let mut seen = BTreeSet::new();
    for sysctl in spec.items("securityContext.sysctls") {
        let (name, text) = (sysctl.child("name"), sysctl.text("name"));
        if text.is_empty() {
            name.required("");
        } else if !is_sysctl(text, slashes) {
            let pattern = match slashes {
                true => format!("^({SYSCTL}[\\./])*{SYSCTL}$"),
                false => format!("({SYSCTL}\\.)*{SYSCTL}"),
            };
            name.invalid(format_args!("must have at most 253 characters and match regex {pattern}"));
        } else if seen.contains(text) {
            name.duplicate();
        }
        if name.version().has(HOST_SYSCTLS) && !options.host_sysctls {
            shared_sysctl(name, spec.value);
        }
        seen.insert(text);
    }
}

/// A setting of a namespace that the pod shares with the host would be the host's.
fn shared_sysctl(name: Field<'_>, spec: &Value) {
    // The separator of a name is the first of the two that it holds.
    let text = name.text("");
    let dotted = match text.find(['.', '/']).map(|at| &text[at..=at]) {
        Some("/") => text.replace('/', "."),
        _ => text.to_owned(),
    };
    let of_ipc = IPC_SYSCTLS.iter().any(|s| dotted == *s || (s.ends_with('.') && dotted.starts_with(s)));
    if spec.flag("hostNetwork") && dotted.starts_with("net.") {
        name.invalid("may not be specified when 'hostNetwork' is true");
    } else if spec.flag("hostIPC") && of_ipc {
        name.invalid("may not be specified when 'hostIPC' is true");
    }
}

fn is_sysctl(name: &str, slashes: bool) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let segment = |s: &str| {
        let bytes = s.as_bytes();
        bytes.first().copied().is_some_and(inner)
            && bytes.last().copied().is_some_and(inner)
            && bytes.iter().all(|c| inner(*c) || matches!(c, b'-' | b'_'))
    };
    name.len() <= 253 && name.split(|c| c == '.' || (slashes && c == '/')).all(segment)
}
