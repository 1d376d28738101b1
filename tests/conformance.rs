//! The records of real API servers, replayed in process on the virtual clock.
//!
//! `tests/conformance/VERSION/SUITE.jsonl` are the records as they are; one with a `base` holds what differs from that
//! release's. One test a record: every answer must be equal,
//! but for those that `differs.txt` lists; a listed one that has become equal must be taken off the list. What is by
//! chance in a real server (uids, times, random suffixes, the order of granting bindings) is masked on both sides, and
//! a record that says `loose` counts by its code alone.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::path::Path;
use support::record::{self, Difference};
use support::records;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance");

fn main() {
    let arguments = Arguments::from_args();
    let known = known();
    let trials = records()
        .into_iter()
        .map(|(version, suite)| {
            let listed: BTreeSet<String> = known
                .iter()
                .filter(|line| line.starts_with(&format!("{version} {suite} ")))
                .cloned()
                .collect();
            Trial::test(format!("{version}::{suite}"), move || check(&version, &suite, &listed))
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// Replays one record, and holds the differences against the list.
fn check(version: &str, suite: &str, listed: &BTreeSet<String>) -> Result<(), Failed> {
    let record = records::read(Path::new(FOLDER), version, suite)?;
    let (differences, total) = record::replay(&record)?;
    let id = |difference: &Difference| format!("{version} {suite} {}", difference.step);
    let found: BTreeSet<String> = differences.iter().map(id).collect();
    if std::env::var_os("REPORT").is_some() {
        let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
        println!("{version} {suite} {}/{total}\n{}", total - differences.len(), lines.join(""));
        return Ok(());
    }
    let new: Vec<String> = differences
        .iter()
        .filter(|difference| !listed.contains(&id(difference)))
        .map(ToString::to_string)
        .collect();
    let healed: Vec<&String> = listed.difference(&found).collect();
    match (new.is_empty(), healed.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("{} of {total} answers differ:\n{}", new.len(), new.join("\n")).into()),
        (true, false) => Err(format!("equal now, take them off differs.txt: {healed:?}").into()),
    }
}

/// The answers that are known to differ, a line each: version, suite, step.
fn known() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(FOLDER).join("differs.txt")).unwrap_or_default();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Every record, by version and suite.
fn records() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for version in ["v1.20.2", "v1.25.10", "v1.33.13", "v1.36.2"] {
        let folder = std::fs::read_dir(Path::new(FOLDER).join(version)).expect("the records are there");
        for file in folder.flatten() {
            if let Some(suite) = file.file_name().to_str().and_then(|name| name.strip_suffix(".jsonl")) {
                found.push((version.to_owned(), suite.to_owned()));
            }
        }
    }
    found.sort();
    found
}
