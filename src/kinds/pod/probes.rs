//! Probes and hooks (`validateProbe`, `validateHandler`, `validateLifecycle`).

use crate::api::differences::SLEEP_OF_ZERO;
use crate::api::{Dig, names};
use crate::json::Value;
use crate::kinds::field::Field;

const HOOKS: [&str; 4] = ["exec", "httpGet", "tcpSocket", "sleep"];
const PROBES: [&str; 4] = ["exec", "httpGet", "tcpSocket", "grpc"];
const NUMBERS: [&str; 5] =
    ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];

/// Checks the hooks and all probes of a container that goes on running.
pub(super) fn validate_all(container: Field<'_>, spec: &Value) {
    let grace = spec.at("terminationGracePeriodSeconds").as_i64();
    for (_, hook) in container.present(&["lifecycle.postStart", "lifecycle.preStop"]) {
        validate_handler(hook, &HOOKS, grace);
    }
    for (name, probe) in container.present(&["livenessProbe", "readinessProbe", "startupProbe"]) {
        validate_probe(probe, name == "readinessProbe");
    }
}

fn validate_probe(probe: Field<'_>, readiness: bool) {
    validate_handler(probe, &PROBES, None);
    NUMBERS.iter().for_each(|key| probe.child(key).nonnegative());
    let grace = probe.child("terminationGracePeriodSeconds");
    if grace.number("").is_some_and(|seconds| seconds <= 0) {
        grace.invalid("must be greater than 0");
    }
    if readiness && !grace.is_null() {
        grace.invalid("must not be set for readinessProbes");
    }
    if !readiness && probe.number("successThreshold") != Some(1) {
        probe.child("successThreshold").invalid("must be 1");
    }
}

fn validate_handler(handler: Field<'_>, kinds: &[&str], grace: Option<i64>) {
    let mut actions = handler.present(kinds);
    match actions.next() {
        None => handler.required("must specify a handler type"),
        Some(("exec", action)) => action.child("command").filled(),
        Some(("httpGet", action)) => validate_http_get(action),
        Some(("sleep", action)) => validate_sleep(action, grace),
        Some((_, action)) => validate_port(action.child("port")),
    }
    actions.for_each(|(_, action)| action.forbidden("may not specify more than 1 handler type"));
}

fn validate_http_get(action: Field<'_>) {
    action.child("path").filled();
    validate_port(action.child("port"));
    let schemes = ["HTTP", "HTTPS"];
    if !schemes.contains(&action.text("scheme")) {
        action.string("scheme").not_supported(&schemes);
    }
    for header in action.list("httpHeaders") {
        let name = header.text("name");
        let valid = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
        if name.is_empty() || !name.bytes().all(valid) {
            let words = "a valid HTTP header must consist of alphanumeric characters or '-'";
            let detail = names::regex_error(words, "[-A-Za-z0-9]+", &["X-Header-Name"]);
            action.child("httpHeaders").invalid_as(name, detail);
        }
    }
}

fn validate_port(port: Field<'_>) {
    if port.value.is_string() {
        return port.invalid_each(names::port_name(port.text(""), port.version()));
    }
    let number = port.number("").unwrap_or_default();
    for detail in names::port_number(number) {
        port.invalid_as(number, detail);
    }
}

fn validate_sleep(action: Field<'_>, grace: Option<i64>) {
    let seconds = action.number("seconds").unwrap_or_default();
    let Some(grace) = grace else { return };
    // From 1.33 on a hook may sleep for no time at all.
    let zero = action.version().has(SLEEP_OF_ZERO);
    if seconds > grace || seconds < i64::from(!zero) {
        let detail = match zero {
            true => format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})"),
            false => format!(
                "must be greater than 0 and less than terminationGracePeriodSeconds ({grace}). \
                 Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."
            ),
        };
        action.invalid_as(seconds, detail);
    }
}
