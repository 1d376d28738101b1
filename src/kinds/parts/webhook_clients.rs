//! Where a webhook is called: a URL or a service (`apiserver/pkg/util/webhook/validation.go`).

use super::certificate_text::pem_blocks;
use crate::api::differences::{CONVERSION_AUTHORITIES_CHECKED, WORDS_WITHOUT_FIELD};
use crate::api::field::go_bytes;
use crate::api::names::{dns1123_subdomain, port_number};
use crate::kinds::field::Field;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const FORM: &str = "; desired format: https://host[/path]";

/// Checks a webhook's `clientConfig`.
pub(crate) fn client(config: Field<'_>) {
    of(config, ["name", "namespace"]);
}

/// Checks the client of a conversion's webhook: Kubernetes takes its service's name for the namespace, and the other
/// way round.
pub(crate) fn conversion_client(config: Field<'_>) {
    of(config, ["namespace", "name"]);
}

/// Checks that the authorities of a conversion's webhook can be read.
pub(crate) fn ca_bundle(bundle: Field<'_>) {
    let bytes = STANDARD.decode(bundle.text("")).unwrap_or_default();
    if !is_good_ca_bundle(&bytes) && bundle.version().has(CONVERSION_AUTHORITIES_CHECKED) {
        let why = match pem_blocks(&bytes).is_empty() {
            true => "unable to parse bytes as PEM block",
            false => "no valid certificate authority data seen",
        };
        let detail = format_args!("unable to load root certificates: {why}");
        bundle.invalid_go(go_bytes(Some(&bytes)), bundle.value, detail);
    }
}

/// Whether authorities are absent or can be read.
pub(crate) fn is_good_ca_bundle(bytes: &[u8]) -> bool {
    bytes.is_empty() || pem_blocks(bytes).iter().any(|kind| kind == "CERTIFICATE")
}

/// `keys` are those under which a service's name and namespace are looked for.
fn of(config: Field<'_>, keys: [&str; 2]) {
    match (config.has("url"), config.has("service")) {
        (true, false) => url(config.child("url")),
        (false, true) => service(config.child("service"), keys),
        (true, true) | (false, false) => config.required("exactly one of url or service is required"),
    }
}

fn url(field: Field<'_>) {
    let (address, fragment) = field.text("").split_once('#').unwrap_or((field.text(""), ""));
    let (address, query) = address.split_once('?').unwrap_or((address, ""));
    let (scheme, rest) = address.split_once("://").unwrap_or(("", ""));
    let authority = rest.split('/').next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    if scheme != "https" {
        field.invalid_as(scheme, format_args!("'https' is the only allowed URL scheme{FORM}"));
    }
    if host.is_empty() {
        field.invalid_as(host, format_args!("host must be specified{FORM}"));
    }
    for (part, detail) in [
        (user, "user information is not permitted in the URL"),
        (fragment, "fragments are not permitted in the URL"),
        (query, "query parameters are not permitted in the URL"),
    ] {
        if !part.is_empty() {
            field.invalid_as(part, detail);
        }
    }
}

fn service(service: Field<'_>, keys: [&str; 2]) {
    let words = !service.version().has(WORDS_WITHOUT_FIELD);
    for (told, key) in ["name", "namespace"].into_iter().zip(keys) {
        if service.text(key).is_empty() {
            let detail = format!("service {told} is required");
            service.child(told).required(if words { detail.as_str() } else { "" });
        }
    }
    let port = service.number("port").unwrap_or_default();
    let wrong = port_number(port);
    if !wrong.is_empty() {
        service.child("port").invalid_as(port, format_args!("port is not valid: {}", wrong.join(",")));
    }
    url_path(service.child("path"));
}

fn url_path(path: Field<'_>) {
    let steps = match path.text("") {
        "" | "/" => return,
        "//" => return path.invalid("segment[0] may not be empty"),
        text => text.strip_prefix('/').unwrap_or_else(|| {
            path.invalid("must start with a '/'");
            // What Kubernetes looks at begins behind the first letter.
            text.get(1..).unwrap_or_default()
        }),
    };
    for (i, step) in steps.trim_end_matches('/').split('/').enumerate() {
        if step.is_empty() {
            path.invalid(format_args!("segment[{i}] may not be empty"));
            continue;
        }
        for wrong in dns1123_subdomain(step) {
            path.invalid(format_args!("segment[{i}]: {wrong}"));
        }
    }
}
