//! Texts around certificates: PEM blocks (`encoding/pem`) and names of signers (`pkg/apis/certificates/validation`).

use crate::api::field::Errors;
use crate::api::names::{dns1123_label, dns1123_subdomain};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The types of the PEM blocks in a text; what is no whole block is passed over.
pub(crate) fn pem_blocks(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut types = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = boundary(line, "-----BEGIN ") else {
            continue;
        };
        let mut rest = lines.clone();
        let body: String =
            rest.by_ref().take_while(|line| boundary(line, "-----END ") != Some(kind)).collect();
        let ended = text_ends_block(&lines, kind);
        if ended && STANDARD.decode(body.trim()).is_ok() {
            types.push(kind.to_owned());
            lines = rest;
        }
    }
    types
}

fn boundary<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.trim_end().strip_prefix(start)?.strip_suffix("-----")
}

fn text_ends_block(lines: &std::str::Lines<'_>, kind: &str) -> bool {
    lines.clone().any(|line| boundary(line, "-----END ") == Some(kind))
}

/// Checks a signer's name: a domain and a path.
pub(crate) fn signer_name(name: &str, path: &str, errors: &Errors) {
    let (domain, rest) = match name.split('/').collect::<Vec<_>>().as_slice() {
        [domain, rest] => (*domain, *rest),
        _ => {
            let detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
            errors.invalid(path, name, detail);
            return;
        }
    };
    if domain.len() > 253 {
        errors.too_long(path, 253);
    }
    let labels: Vec<&str> = domain.split('.').collect();
    for label in &labels {
        for wrong in dns1123_label(label, errors.version()) {
            errors.invalid(path, domain, format_args!("validating label \"{label}\": {wrong}"));
        }
    }
    if labels.len() < 2 {
        let detail = "should be a domain with at least two segments separated by dots";
        errors.invalid(path, domain, detail);
    }
    for label in rest.split('.') {
        for wrong in dns1123_subdomain(label) {
            errors.invalid(path, rest, format_args!("validating label \"{label}\": {wrong}"));
        }
    }
    if rest.len() > 253 + 63 + 1 {
        errors.too_long(path, 253 + 63 + 1);
    }
}
