//! PEM armour, read as leniently as Go's `encoding/pem` reads it: what is not a block is passed over.

use base64::{Engine, engine::general_purpose::STANDARD};

/// One armoured block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// What the block says it is (`CERTIFICATE`, `PUBLIC KEY`).
    pub label: String,
    /// The decoded content.
    pub bytes: Vec<u8>,
}

/// All blocks of a text in order; headers inside a block are dropped, and so is a block without its end.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = marked(line, "-----BEGIN ") else {
            continue;
        };
        let mut body = String::new();
        for line in lines.by_ref() {
            if marked(line, "-----END ") == Some(label) {
                found.extend(
                    STANDARD.decode(&body).ok().map(|bytes| Block { label: label.to_owned(), bytes }),
                );
                break;
            }
            if !line.contains(':') {
                body.push_str(line);
            }
        }
    }
    found
}

fn marked<'a>(line: &'a str, opening: &str) -> Option<&'a str> {
    line.strip_prefix(opening)?.strip_suffix("-----")
}

/// Armours bytes, 64 characters a line.
pub(crate) fn encode(label: &str, bytes: &[u8]) -> String {
    let body = STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        text.extend(line.iter().map(|byte| char::from(*byte)));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
