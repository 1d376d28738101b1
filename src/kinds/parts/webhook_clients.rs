//! Where a webhook is called: a URL or a service (`apiserver/pkg/util/webhook/validation.go`).

use crate::api::field::Errors;
use crate::api::names::{dns1123_subdomain, port_number};
use crate::api::value::Dig;
use serde_json::Value;

const FORM: &str = "; desired format: https://host[/path]";

/// Checks a webhook's `clientConfig`.
pub(crate) fn client(config: &Value, path: &str, errors: &Errors) {
    match (config.at("url").as_str(), config.has("service")) {
        (Some(address), false) => url(address, &format!("{path}.url"), errors),
        (None, true) => service(config.at("service"), &format!("{path}.service"), errors),
        (Some(_), true) | (None, false) => {
            errors.required(path, "exactly one of url or service is required");
        }
    }
}

fn url(address: &str, path: &str, errors: &Errors) {
    let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
    let (address, query) = address.split_once('?').unwrap_or((address, ""));
    let (scheme, rest) = address.split_once("://").unwrap_or(("", ""));
    let authority = rest.split('/').next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    if scheme != "https" {
        let detail = format!("'https' is the only allowed URL scheme{FORM}");
        errors.invalid(path, scheme, detail);
    }
    if host.is_empty() {
        errors.invalid(path, host, format_args!("host must be specified{FORM}"));
    }
    if !user.is_empty() {
        errors.invalid(path, user, "user information is not permitted in the URL");
    }
    if !fragment.is_empty() {
        errors.invalid(path, fragment, "fragments are not permitted in the URL");
    }
    if !query.is_empty() {
        errors.invalid(path, query, "query parameters are not permitted in the URL");
    }
}

fn service(service: &Value, path: &str, errors: &Errors) {
    for (key, detail) in
        [("name", "service name is required"), ("namespace", "service namespace is required")]
    {
        if service.text(key).is_empty() {
            errors.required(format_args!("{path}.{key}"), detail);
        }
    }
    let port = service.at("port").as_i64().unwrap_or_default();
    let wrong = port_number(port);
    if !wrong.is_empty() {
        let detail = format!("port is not valid: {}", wrong.join(","));
        errors.invalid(format_args!("{path}.port"), port, detail);
    }
    url_path(service.text("path"), &format!("{path}.path"), errors);
}

fn url_path(text: &str, path: &str, errors: &Errors) {
    let steps = match text {
        "" | "/" => return,
        "//" => return errors.invalid(path, text, "segment[0] may not be empty"),
        _ if !text.starts_with('/') => return errors.invalid(path, text, "must start with a '/'"),
        _ => &text[1..],
    };
    for (i, step) in steps.trim_end_matches('/').split('/').enumerate() {
        if step.is_empty() {
            errors.invalid(path, text, format_args!("segment[{i}] may not be empty"));
        }
        for wrong in dns1123_subdomain(step) {
            errors.invalid(path, text, format_args!("segment[{i}]: {wrong}"));
        }
    }
}
