//! Options of Windows containers (`validateWindowsSecurityContextOptions`, `validateWindowsHostProcessPod`).

use super::lists::all_containers;
use crate::api::names;
use crate::kinds::field::Field;

/// Checks `windowsOptions`.
pub(super) fn validate_options(options: Field<'_>) {
    for (key, field) in options.present(&["gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName"]) {
        match (key, field.text("")) {
            ("gmsaCredentialSpecName", name) => field.invalid_each(names::dns1123_subdomain(name)),
            ("gmsaCredentialSpec", "") => field.invalid("gmsaCredentialSpec cannot be an empty string"),
            ("gmsaCredentialSpec", spec) if spec.len() > 64 * 1024 => {
                field.invalid("gmsaCredentialSpec size must be under 64 KiB");
            }
            ("runAsUserName", name) => {
                user_name(name).iter().for_each(|what| field.invalid(format_args!("runAsUserName{what}")));
            }
            _ => {}
        }
    }
}

/// What is wrong with `DOMAIN\USER`, where the domain may be missing.
fn user_name(name: &str) -> Vec<&'static str> {
    let parts: Vec<&str> = name.split('\\').collect();
    let (domain, user) = match parts.as_slice() {
        _ if name.is_empty() => return vec![" cannot be an empty string"],
        _ if name.chars().any(char::is_control) => return vec![" cannot contain control characters"],
        [user] => (None, *user),
        [domain, user] => (Some(*domain), *user),
        _ => return vec![" cannot contain more than one backslash"],
    };
    let mut wrong = Vec::new();
    if let Some(domain) = domain {
        if domain.len() >= 256 {
            wrong.push("'s Domain length must be under 256 characters");
        }
        if !is_net_bios(domain) && !is_domain(domain) {
            wrong.push("'s Domain doesn't match the NetBios nor the DNS format");
        }
    }
    if user.is_empty() {
        wrong.push("'s User cannot be empty");
    } else if user.len() > 104 {
        wrong.push("'s User length must not be longer than 104 characters");
    }
    if !user.is_empty() && user.chars().all(|c| matches!(c, '.' | ' ')) {
        wrong.push("'s User cannot contain only periods or spaces");
    }
    if user.contains(['"', '/', '\\', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@', '[', ']']) {
        wrong.push("'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
    }
    wrong
}

fn is_net_bios(domain: &str) -> bool {
    let forbidden = ['\\', '/', ':', '*', '?', '"', '<', '>', '|'];
    (1..=15).contains(&domain.chars().count()) && !domain.starts_with('.') && !domain.contains(forbidden)
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

/// All containers of a pod are processes of the host, or none is; and then its network is the host's.
pub(super) fn validate_host_process(spec: Field<'_>) {
    const HOST_PROCESS: &str = "securityContext.windowsOptions.hostProcess";
    let host_process = |holder: Field<'_>| holder.child(HOST_PROCESS).value.as_bool();
    let of_pod = host_process(spec);
    let (mut all, mut on_host) = (0, 0);
    for container in all_containers(&spec) {
        all += 1;
        let own = host_process(container);
        if let (Some(of_pod), Some(own)) = (of_pod, own)
            && of_pod != own
        {
            container.child(HOST_PROCESS).invalid(format_args!(
                "pod hostProcess value must be identical if both are specified, was {of_pod}"
            ));
        }
        on_host += i32::from(own.or(of_pod) == Some(true));
    }
    if on_host == 0 {
        return;
    }
    if on_host != all {
        let detail =
            "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        spec.invalid_as("", detail);
    }
    if !spec.flag("hostNetwork") {
        let detail = "hostNetwork must be true if pod contains any hostProcess containers";
        spec.child("hostNetwork").invalid_as(false, detail);
    }
}
