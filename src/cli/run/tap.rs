//! `--tap`: what came of the scenarios, in the Test Anything Protocol (version 14), for `prove` and its like.

use super::super::out::Out;
use super::outcome::Outcome;
use std::io::{self, Write};

/// How many there will be.
pub(super) fn begin(out: &mut Out, scenarios: usize) -> io::Result<()> {
    writeln!(out, "TAP version 14\n1..{scenarios}")
}

/// A scenario's line, and what is wrong with it as a block of YAML.
pub(super) fn point(out: &mut Out, number: usize, outcome: &Outcome) -> io::Result<()> {
    let not = if outcome.passed() { "" } else { "not " };
    // What begins a directive is escaped.
    let path = outcome.path.replace('\\', "\\\\").replace('#', "\\#");
    writeln!(out, "{not}ok {number} - {path}")?;
    if outcome.passed() {
        return Ok(());
    }
    let failures = outcome.failures.iter().map(|failure| {
        let line = failure.position.map(|(line, _)| line);
        crate::json!({"message": failure.to_string(), "line": line, "details": failure.details})
    });
    let block = crate::json!({"scenario": outcome.name, "failures": failures.collect::<Vec<_>>()});
    writeln!(out, "  ---")?;
    for line in serde_yaml::to_string(&block).unwrap_or_default().lines() {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "  ...")
}
