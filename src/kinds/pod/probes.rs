//! Probes and hooks (`validateProbe`, `validateHandler`, `validateLifecycle`).

use crate::api::Path;
use crate::api::differences::SLEEP_OF_ZERO;
use crate::api::field::Errors;
use crate::api::names;
use crate::api::value::Dig;
use crate::kinds::parts::checks::nonnegative;
use serde_json::Value;

/// Checks the hooks and all probes of a container that goes on running.
pub(super) fn validate_all(container: &Value, spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    let grace = spec.at("terminationGracePeriodSeconds").as_i64();
    for hook in ["postStart", "preStop"] {
        let lifecycle = path.child("lifecycle");
        let handler = container.at("lifecycle").at(hook);
        if !handler.is_null() {
            validate_handler(handler, &HOOKS, grace, &lifecycle.child(hook), errors);
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = container.at(name);
        if !probe.is_null() {
            validate_probe(probe, name, &path.child(name), errors);
        }
    }
}

const PROBES: [&str; 4] = ["exec", "httpGet", "tcpSocket", "grpc"];
const HOOKS: [&str; 4] = ["exec", "httpGet", "tcpSocket", "sleep"];

fn validate_probe(probe: &Value, name: &str, path: &Path<'_>, errors: &mut Errors) {
    validate_handler(probe, &PROBES, None, path, errors);
    for key in
        ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
    {
        nonnegative(probe, path, key, errors);
    }
    let own_grace = probe.at("terminationGracePeriodSeconds");
    if let Some(seconds) = own_grace.as_i64().filter(|s| *s <= 0) {
        let path = path.child("terminationGracePeriodSeconds");
        errors.invalid(path, seconds, "must be greater than 0");
    }
    if name != "readinessProbe" {
        let threshold = probe.at("successThreshold");
        if threshold.as_i64() != Some(1) {
            errors.invalid(path.child("successThreshold"), threshold, "must be 1");
        }
    } else if !own_grace.is_null() {
        let detail = "must not be set for readinessProbes";
        errors.invalid(path.child("terminationGracePeriodSeconds"), own_grace, detail);
    }
}

fn validate_handler(
    handler: &Value,
    kinds: &[&str],
    grace: Option<i64>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let mut some = false;
    for kind in kinds {
        let action = handler.at(kind);
        if action.is_null() {
            continue;
        }
        let path = path.child(kind);
        if some {
            errors.forbidden(path, "may not specify more than 1 handler type");
            continue;
        }
        some = true;
        match *kind {
            "exec" if action.list("command").is_empty() => errors.required(path.child("command"), ""),
            "exec" => {}
            "httpGet" => validate_http_get(action, &path, errors),
            "sleep" => validate_sleep(action, grace, &path, errors),
            _ => validate_port(action.at("port"), &path.child("port"), errors),
        }
    }
    if !some {
        errors.required(path, "must specify a handler type");
    }
}

fn validate_http_get(action: &Value, path: &Path<'_>, errors: &mut Errors) {
    if action.text("path").is_empty() {
        errors.required(path.child("path"), "");
    }
    validate_port(action.at("port"), &path.child("port"), errors);
    let scheme = action.text("scheme");
    if !["HTTP", "HTTPS"].contains(&scheme) {
        errors.not_supported(path.child("scheme"), scheme, &["HTTP", "HTTPS"]);
    }
    for header in action.list("httpHeaders") {
        let name = header.text("name");
        let valid = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
        if name.is_empty() || !name.bytes().all(valid) {
            let words = "a valid HTTP header must consist of alphanumeric characters or '-'";
            let text = names::regex_error(words, "[-A-Za-z0-9]+", &["X-Header-Name"]);
            errors.invalid(path.child("httpHeaders"), name, text);
        }
    }
}

fn validate_port(port: &Value, path: &Path<'_>, errors: &mut Errors) {
    match port {
        Value::String(name) => errors.invalid_each(path, name, names::port_name(name)),
        _ => {
            let number = port.as_i64().unwrap_or_default();
            for text in names::port_number(number) {
                errors.invalid(path, number, text);
            }
        }
    }
}

fn validate_sleep(action: &Value, grace: Option<i64>, path: &Path<'_>, errors: &mut Errors) {
    let seconds = action.at("seconds").as_i64().unwrap_or_default();
    let Some(grace) = grace else { return };
    // From 1.33 on a hook may sleep for no time at all.
    let zero = errors.version().has(SLEEP_OF_ZERO);
    if seconds > grace || seconds < i64::from(!zero) {
        let detail = match zero {
            true => format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})"),
            false => format!(
                "must be greater than 0 and less than terminationGracePeriodSeconds ({grace}). \
                 Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."
            ),
        };
        errors.invalid(path, seconds, detail);
    }
}
