//! Texts around certificates: PEM blocks (`encoding/pem`) and names of signers (`pkg/apis/certificates/validation`).

use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::kinds::field::Field;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::BasicConstraints;

/// The types of the PEM blocks in a text; what is no whole block is passed over.
pub(crate) fn pem_blocks(bytes: &[u8]) -> Vec<String> {
    blocks(bytes).into_iter().map(|block| block.kind).collect()
}

/// The types of the PEM blocks in a text, and what stands in them.
pub(crate) fn pem_contents(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    blocks(bytes).into_iter().map(|block| (block.kind, block.bytes)).collect()
}

/// The certificates of authorities in a text, or what is wrong with a block (`validateTrustBundle`).
pub(crate) fn trust_anchors(bytes: &[u8]) -> Vec<Result<Vec<u8>, String>> {
    let anchor = |(at, block): (usize, Block)| {
        let wrong = |why: &str| Err(format!("entry {at} {why}"));
        if block.kind != "CERTIFICATE" {
            return wrong(&format!("has bad block type: {}", block.kind));
        }
        if block.headers {
            return wrong("has PEM block headers");
        }
        let Ok(certificate) = Certificate::from_der(&block.bytes) else {
            return wrong("does not parse as X.509");
        };
        let constraints = certificate.tbs_certificate.get::<BasicConstraints>();
        match constraints {
            Ok(Some((_, constraints))) if constraints.ca => Ok(block.bytes),
            Ok(_) | Err(_) => wrong("does not have the CA bit set"),
        }
    };
    blocks(bytes).into_iter().enumerate().map(anchor).collect()
}

/// A PEM block.
struct Block {
    kind: String,
    /// Whether lines of a header stand before what it holds.
    headers: bool,
    bytes: Vec<u8>,
}

fn blocks(bytes: &[u8]) -> Vec<Block> {
    let text = String::from_utf8_lossy(bytes);
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = boundary(line, "-----BEGIN ") else {
            continue;
        };
        let mut rest = lines.clone();
        let inside: Vec<&str> =
            rest.by_ref().take_while(|line| boundary(line, "-----END ") != Some(kind)).collect();
        let headers = inside.iter().any(|line| line.contains(':'));
        let body: String = inside.iter().filter(|line| !line.contains(':')).map(|line| line.trim()).collect();
        if let (true, Ok(bytes)) = (text_ends_block(&lines, kind), STANDARD.decode(body.trim())) {
            blocks.push(Block { kind: kind.to_owned(), headers, bytes });
            lines = rest;
        }
    }
    blocks
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
