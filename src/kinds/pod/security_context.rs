//! Security contexts of pods and containers (`ValidateSecurityContext`, `validatePodSpecSecurityContext`).

use super::go;
use super::options::Options;
use super::spec::host_users;
use super::windows;
use crate::api::Path;
use crate::api::differences::{HOST_PORT_TOLD, HOST_SYSCTLS, SYSCTL_SLASHES, UNMASKED_NEEDS_USERS};
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::Value;

/// Checks the security context of a container.
pub(super) fn validate(context: &Value, host_users: bool, path: &Path<'_>, errors: &mut Errors) {
    if context.is_null() {
        return;
    }
    for key in ["runAsUser", "runAsGroup"] {
        id(context, path, key, errors);
    }
    let mount = context.at("procMount");
    if !mount.is_null() {
        let at = path.child("procMount");
        if !["Default", "Unmasked"].contains(&context.text("procMount")) {
            errors.not_supported(at, mount, &["Default", "Unmasked"]);
        }
        let unmasked = context.text("procMount") == "Unmasked";
        if unmasked && host_users && errors.version().has(UNMASKED_NEEDS_USERS) {
            errors.invalid(at, mount, "`hostUsers` must be false to use `Unmasked`");
        }
    }
    seccomp_profile(context.at("seccompProfile"), &path.child("seccompProfile"), errors);
    if context.at("allowPrivilegeEscalation").as_bool() == Some(false) {
        no_escalation(context, path, errors);
    }
    windows::validate_options(context.at("windowsOptions"), &path.child("windowsOptions"), errors);
    app_armor_profile(context.at("appArmorProfile"), &path.child("appArmorProfile"), errors);
}

/// Who may not gain privileges cannot have them all.
fn no_escalation(context: &Value, path: &Path<'_>, errors: &mut Errors) {
    let mut contradiction = |what: &str| {
        let detail = format!("cannot set `allowPrivilegeEscalation` to false and {what}");
        let (go, json) = (go::security_context(context), go::security_context_json(context));
        errors.invalid_go(path, go, json, detail);
    };
    if context.flag("privileged") {
        contradiction("`privileged` to true");
    }
    let added = context.list("capabilities.add").iter();
    for _ in added.filter(|c| c.as_str() == Some("CAP_SYS_ADMIN")) {
        contradiction("`capabilities.Add` CAP_SYS_ADMIN");
    }
}

fn id(context: &Value, path: &Path<'_>, key: &str, errors: &mut Errors) {
    if let Some(id) = context.at(key).as_i64() {
        check_id(id, &path.child(key), errors);
    }
}

fn check_id(id: i64, path: &Path<'_>, errors: &mut Errors) {
    if !(0..=i64::from(i32::MAX)).contains(&id) {
        errors.invalid(path, id, "must be between 0 and 2147483647, inclusive");
    }
}

fn seccomp_profile(profile: &Value, path: &Path<'_>, errors: &mut Errors) {
    if profile.is_null() {
        return;
    }
    let kinds = ["Localhost", "RuntimeDefault", "Unconfined"];
    match profile.text("type") {
        "" => errors.required(path.child("type"), "type is required when seccompProfile is set"),
        kind if kinds.contains(&kind) => {}
        kind => errors.not_supported(path.child("type"), kind, &kinds),
    }
    let file = profile.at("localhostProfile");
    let at = path.child("localhostProfile");
    match (profile.text("type"), file) {
        ("Localhost", Value::Null) => {
            errors.required(at, "must be set when seccomp type is Localhost");
        }
        ("Localhost", file) => {
            super::volumes::descending(file.as_str().unwrap_or_default(), &at, errors);
        }
        (_, Value::Null) => {}
        _ => {
            let (go, json) = (go::seccomp(profile), go::seccomp_json(profile));
            errors.invalid_go(at, go, json, "can only be set when seccomp type is Localhost");
        }
    }
}

/// What is wrong with an AppArmor profile.
pub(super) fn app_armor_profile(profile: &Value, path: &Path<'_>, errors: &mut Errors) {
    if profile.is_null() {
        return;
    }
    let (at, name) = (path.child("localhostProfile"), profile.at("localhostProfile"));
    match profile.text("type") {
        "Localhost" => match name.as_str() {
            None | Some("") => errors.required(at, "must be set when AppArmor type is Localhost"),
            Some(name) => {
                if name.trim() != name {
                    errors.invalid(at, name, "must not be padded with whitespace");
                }
                if name.len() > 4095 {
                    errors.too_long(at, 4095);
                }
            }
        },
        "RuntimeDefault" | "Unconfined" if !name.is_null() => {
            errors.invalid(at, name, "can only be set when AppArmor type is Localhost");
        }
        "RuntimeDefault" | "Unconfined" => {}
        "" => errors.required(path.child("type"), "type is required when appArmorProfile is set"),
        kind => {
            let kinds = ["Localhost", "RuntimeDefault", "Unconfined"];
            errors.not_supported(path.child("type"), kind, &kinds);
        }
    }
}

/// Checks the security context of a pod.
pub(super) fn validate_pod(spec: &Value, spec_path: &Path<'_>, options: &Options, errors: &mut Errors) {
    let context = spec.at("securityContext");
    let path = spec_path.child("securityContext");
    if !errors.version().has(HOST_PORT_TOLD) {
        host_ports_match(spec, spec_path, options, errors);
    }
    for key in ["fsGroup", "runAsUser", "runAsGroup"] {
        id(context, &path, key, errors);
    }
    let groups = path.child("supplementalGroups");
    for (i, group) in context.list("supplementalGroups").iter().enumerate() {
        check_id(group.as_i64().unwrap_or_default(), &groups.index(i), errors);
    }
    if spec.flag("shareProcessNamespace") && spec.flag("hostPID") {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(path.child("shareProcessNamespace"), true, detail);
    }
    validate_sysctls(spec, &path.child("sysctls"), options, errors);
    listed(context, &path, "fsGroupChangePolicy", &["Always", "OnRootMismatch"], errors);
    seccomp_profile(context.at("seccompProfile"), &path.child("seccompProfile"), errors);
    windows::validate_options(context.at("windowsOptions"), &path.child("windowsOptions"), errors);
    app_armor_profile(context.at("appArmorProfile"), &path.child("appArmorProfile"), errors);
    listed(context, &path, "supplementalGroupsPolicy", &["Merge", "Strict"], errors);
    listed(context, &path, "seLinuxChangePolicy", &["MountOption", "Recursive"], errors);
}

/// A value that is one of a few if it is there.
fn listed(object: &Value, path: &Path<'_>, key: &str, allowed: &[&str], errors: &mut Errors) {
    if object.has(key) && !allowed.contains(&object.text(key)) {
        errors.not_supported(path.child(key), object.at(key), allowed);
    }
}

/// On the host's network a container's port is the host's.
pub(super) fn host_ports_match(spec: &Value, path: &Path<'_>, options: &Options, errors: &mut Errors) {
    if !spec.flag("hostNetwork") {
        return;
    }
    let told = errors.version().has(HOST_PORT_TOLD);
    let containers = path.child("containers");
    for (i, container) in spec.list("containers").iter().enumerate() {
        let container_path = containers.index(i);
        let ports = container_path.child("ports");
        for (j, port) in container.list("ports").iter().enumerate() {
            let number = |key| port.at(key).as_i64().unwrap_or_default();
            let (host, own) = (number("hostPort"), number("containerPort"));
            let path = ports.index(j);
            match told {
                // A template's pods get the host's port when they are made.
                true if host != own && (options.is_pod || host != 0) => {
                    let detail = "must match `containerPort` when `hostNetwork` is true";
                    errors.invalid(path.child("hostPort"), host, detail);
                }
                false if host != own => {
                    let detail = "must match `hostPort` when `hostNetwork` is true";
                    errors.invalid(path.child("containerPort"), own, detail);
                }
                true | false => {}
            }
        }
    }
}

/// Users of its own don't go with the host's namespaces.
pub(super) fn validate_host_users(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    if host_users(spec) {
        return;
    }
    for (key, name) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
        if spec.flag(key) {
            errors.forbidden(path.child(name), "when `pod.Spec.HostUsers` is false");
        }
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

fn validate_sysctls(spec: &Value, path: &Path<'_>, options: &Options, errors: &mut Errors) {
    let slashes = errors.version().has(SYSCTL_SLASHES);
    let mut seen = Vec::new();
    for (i, sysctl) in spec.list("securityContext.sysctls").iter().enumerate() {
        let at = path.index(i);
        let (at, name) = (at.child("name"), sysctl.text("name"));
        if name.is_empty() {
            errors.required(at, "");
        } else if !is_sysctl(name, slashes) {
            let pattern = match slashes {
                true => format!("^({SYSCTL}[\\./])*{SYSCTL}$"),
                false => format!("({SYSCTL}\\.)*{SYSCTL}"),
            };
            let detail = format!("must have at most 253 characters and match regex {pattern}");
            errors.invalid(at, name, detail);
        } else if seen.contains(&name) {
            errors.duplicate(at, name);
        }
        if errors.version().has(HOST_SYSCTLS) && !options.host_sysctls {
            shared_sysctl(name, spec, &at, errors);
        }
        seen.push(name);
    }
}

/// A setting of a namespace that the pod shares with the host would be the host's.
fn shared_sysctl(name: &str, spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    // The separator of a name is the first of the two that it holds.
    let name_dotted = match name.find(['.', '/']).map(|at| &name[at..=at]) {
        Some("/") => name.replace('/', "."),
        _ => name.to_owned(),
    };
    let of_ipc =
        IPC_SYSCTLS.iter().any(|s| name_dotted == *s || (s.ends_with('.') && name_dotted.starts_with(s)));
    if spec.flag("hostNetwork") && name_dotted.starts_with("net.") {
        errors.invalid(path, name, "may not be specified when 'hostNetwork' is true");
    } else if spec.flag("hostIPC") && of_ipc {
        errors.invalid(path, name, "may not be specified when 'hostIPC' is true");
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
