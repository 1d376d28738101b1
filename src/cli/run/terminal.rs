//! What came of the scenarios, for a person: a line each as they pass by, and in the end what failed.

use super::super::out::Out;
use super::super::paint::{Paint, paint};
use super::super::steps;
use super::outcome::Outcome;
use super::snapshots::NO_SNAPSHOT;
use crate::scenario::report::Report;
use crate::scenario::snapshot;
use std::io::{self, Write};

/// How many failures of a scenario are told.
const MOST: usize = 8;

/// A scenario's line; with one `-v` its table, with two what each stage found.
pub(super) fn scenario(out: &mut Out, outcome: &Outcome, reports: &[Report], verbose: u8) -> io::Result<()> {
    writeln!(out, "{}", line(outcome))?;
    for note in reports.iter().take(1).flat_map(|report| &report.notes) {
        writeln!(out, "  note: {note}")?;
    }
    if verbose == 0 {
        return Ok(());
    }
    if verbose > 1 {
        for report in reports {
            if reports.len() > 1 {
                writeln!(out, "{}", paint(Paint::Dim, &format!("in {}", report.version)))?;
            }
            let text = serde_json::to_string_pretty(&report.steps).unwrap_or_default();
            writeln!(out, "{}", snapshot::tokens_as_claims(&text))?;
        }
    }
    out.raw(&format!("{}\n\n", steps::table(reports)));
    Ok(())
}

/// What failed, with what there is to see of it; then what came of all.
pub(super) fn end(out: &mut Out, outcomes: &[Outcome]) -> io::Result<()> {
    let failed: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.passed()).collect();
    for outcome in &failed {
        writeln!(out, "\n{}", line(outcome))?;
        for failure in outcome.failures.iter().take(MOST) {
            writeln!(out, "  {failure}")?;
            failure.details.iter().try_for_each(|detail| writeln!(out, "      {detail}"))?;
        }
        if let Some(left) = outcome.failures.len().checked_sub(MOST).filter(|left| *left > 0) {
            writeln!(out, "  … and {} more", many(left, "failure"))?;
        }
    }
    if !failed.is_empty() {
        writeln!(out)?;
    }
    let verdict = match failed.len() {
        0 => paint(Paint::Good, "all as expected"),
        1 => paint(Paint::Bad, "1 differs"),
        n => paint(Paint::Bad, &format!("{n} differ")),
    };
    let steps = outcomes.iter().map(|outcome| outcome.steps).sum();
    writeln!(out, "{}, {}: {verdict}", many(outcomes.len(), "scenario"), many(steps, "step"))?;
    if outcomes.iter().any(|outcome| outcome.note == Some(NO_SNAPSHOT)) {
        let why = "without a snapshot only what steps expect counts; --accept keeps what came out as one, --no-snapshots says \
                   that there are none";
        writeln!(out, "{}", paint(Paint::Dim, why))?;
    }
    Ok(())
}

/// `pass PATH · Kubernetes 1.36 · 3 steps`.
fn line(outcome: &Outcome) -> String {
    let word = if outcome.passed() { paint(Paint::Good, "pass") } else { paint(Paint::Bad, "FAIL") };
    let seed = outcome.seed.map(|seed| format!(" · seed {seed}")).unwrap_or_default();
    let note = outcome.note.map(|note| format!(" · {note}")).unwrap_or_default();
    let path = paint(Paint::Strong, &outcome.path);
    format!("{word} {path} · Kubernetes {} · {}{seed}{note}", outcome.releases, many(outcome.steps, "step"))
}

/// `1 scenario`, `2 scenarios`.
fn many(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
