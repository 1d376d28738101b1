//! Texts around certificates: PEM blocks (`encoding/pem`) and names of signers (`pkg/apis/certificates/validation`).

use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::kinds::field::Field;
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
pub(crate) fn signer_name(signer: Field<'_>) {
    let Some((domain, path)) = signer.text("").split_once('/').filter(|(_, path)| !path.contains('/')) else {
        return signer
            .invalid("must be a fully qualified domain and path of the form 'example.com/signer-name'");
    };
    let each = |part: &str, label: &str, wrong: Vec<String>| {
        for wrong in wrong {
            signer.invalid_as(part, format_args!("validating label \"{label}\": {wrong}"));
        }
    };
    if domain.len() > 253 {
        signer.errors.too_long(signer.path, 253);
    }
    for label in domain.split('.') {
        each(domain, label, dns1123_label(label, signer.version()));
    }
    if !domain.contains('.') {
        signer.invalid_as(domain, "should be a domain with at least two segments separated by dots");
    }
    for label in path.split('.') {
        each(path, label, dns1123_subdomain(label));
    }
    if path.len() > 253 + 63 + 1 {
        signer.errors.too_long(signer.path, 253 + 63 + 1);
    }
}
