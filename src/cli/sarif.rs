//! SARIF 2.1.0: what was found, for GitHub's code scanning and whatever else shows it beside the line it is about.
//!
//! Nine objects of the [standard](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), with what
//! [code scanning](https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support) requires in them.
//! The crate `serde-sarif` has a type for each of the standard's fifty, which it makes from the schema each time it is built
//! (schemafy, typed-builder, strum): more to compile and to trust than these lines are to read.

use super::out::flat;
use crate::json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a tool looks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// What results call it: `gained`.
    pub(super) id: &'static str,
    /// A line about it.
    pub(super) short: &'static str,
    /// What it means and what is to be done.
    pub(super) help: &'static str,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Error,
    Warning,
    Note,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The rule, by its id.
    pub(super) rule: &'static str,
    /// How bad it is.
    pub(super) level: Level,
    /// What it is, as text without any marks.
    pub(super) message: String,
    /// By which it is known again: what of it stays when others come before it.
    pub(super) known_by: String,
    /// The file; empty for what is written in none, which code scanning does not show.
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: usize,
}

/// The document of what a tool found: one run, with all of its rules, in the order given.
pub(super) fn document(rules: &[Rule], founds: &[Found]) -> Value {
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = founds
        .iter()
        .map(|found| {
            let mut result = json!({
                "ruleId": found.rule,
                "level": found.level.name(),
                "message": {"text": flat(&found.message)},
                "partialFingerprints": {"primaryLocationLineHash": fingerprint(found, &mut seen)},
            });
            if let Some(index) = rules.iter().position(|rule| rule.id == found.rule) {
                result["ruleIndex"] = json!(index);
            }
            if !found.file.is_empty() {
                let place = json!({
                    "artifactLocation": {"uri": uri(&found.file)},
                    "region": {"startLine": found.line.max(1)},
                });
                result["locations"] = json!([{"physicalLocation": place}]);
            }
            result
        })
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.short},
                "fullDescription": {"text": rule.short},
                "help": {"text": rule.help},
            })
        })
        .collect();
    let mut document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results,
        }],
    });
    // An empty one is no URI.
    if let home @ [_, ..] = env!("CARGO_PKG_REPOSITORY").as_bytes() {
        document["runs"][0]["tool"]["driver"]["informationUri"] = json!(String::from_utf8_lossy(home));
    }
    document
}

/// By which the same result is known again when its line has moved: what is found in which file, and a number
/// where that is found more than once.
fn fingerprint(found: &Found, seen: &mut BTreeMap<String, usize>) -> String {
    let all = [found.rule, &found.file, &found.known_by].join("\0");
    let mut hash = String::new();
    for byte in Sha256::digest(all).iter().take(8) {
        let _ = write!(hash, "{byte:02x}");
    }
    let count = seen.entry(hash.clone()).or_default();
    *count += 1;
    format!("{hash}:{count}")
}

/// A path as a URI, relative to where the command runs unless the path is absolute.
fn uri(path: &str) -> String {
    let plain = path.trim_start_matches("./");
    let mut uri = if plain.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in plain.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [Rule; 2] = [
        Rule { id: "lost", short: "Rights were lost", help: "Ask whether somebody needs them." },
        Rule { id: "gained", short: "Rights were gained", help: "Ask whether they are meant." },
    ];

    fn found(level: Level, file: &str, line: usize) -> Found {
        Found {
            rule: "gained",
            level,
            message: "alice gains \"get\" secrets".to_owned(),
            known_by: "alice get secrets".to_owned(),
            file: file.to_owned(),
            line,
        }
    }

    /// The properties that code scanning calls required, each of its type.
    #[test]
    fn code_scanning_finds_what_it_requires() {
        let founds = [found(Level::Error, "./deploy/a b:ä.yaml", 7), found(Level::Note, "x.yaml", 0)];
        let document = document(&RULES, &founds);
        assert_eq!(document["version"], "2.1.0");
        assert!(document["$schema"].as_str().is_some_and(|uri| uri.ends_with("sarif-2.1.0.json")));
        let run = &document["runs"][0];
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "kubeverdict");
        for rule in driver["rules"].as_array().expect("rules") {
            for path in ["/id", "/shortDescription/text", "/fullDescription/text", "/help/text"] {
                assert!(
                    rule.pointer(path).and_then(Value::as_str).is_some_and(|text| !text.is_empty()),
                    "{path}"
                );
            }
        }
        let results = run["results"].as_array().expect("results");
        let uris = ["deploy/a%20b%3A%C3%A4.yaml", "x.yaml"];
        for ((result, uri), (level, line)) in results.iter().zip(uris).zip([("error", 7), ("note", 1)]) {
            assert_eq!((&result["ruleId"], &result["ruleIndex"]), (&json!("gained"), &json!(1)));
            assert_eq!(driver["rules"][1]["id"], "gained");
            assert_eq!(result["level"], level);
            assert_eq!(result["message"]["text"], "alice gains \"get\" secrets");
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], uri);
            assert_eq!(place["region"]["startLine"], line);
        }
        assert_eq!(results.len(), 2);
    }

    #[test]
    fn a_result_is_known_again_when_its_line_moves() {
        let print = |founds: &[Found], at: usize| {
            let hash = "/partialFingerprints/primaryLocationLineHash";
            document(&RULES, founds)["runs"][0]["results"][at].pointer(hash).cloned().expect("a fingerprint")
        };
        let (here, moved) = (found(Level::Error, "a.yaml", 1), found(Level::Error, "a.yaml", 9));
        let other = found(Level::Error, "b.yaml", 1);
        let alone = print(std::slice::from_ref(&here), 0);
        assert_eq!(alone, print(&[other.clone(), moved.clone()], 1));
        assert_ne!(alone, print(&[other], 0));
        // Twice in one file are two.
        assert_ne!(print(&[here.clone(), moved.clone()], 0), print(&[here, moved], 1));
    }

    #[test]
    fn what_stands_in_no_file_has_no_place() {
        let document =
            document(&RULES, &[found(Level::Warning, "", 0), found(Level::Warning, "/tmp/a.yaml", 2)]);
        let results = &document["runs"][0]["results"];
        assert_eq!(results[0].get("locations"), None);
        let uri = results[1].pointer("/locations/0/physicalLocation/artifactLocation/uri");
        assert_eq!(uri, Some(&json!("file:///tmp/a.yaml")));
    }
}
