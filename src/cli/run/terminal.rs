//! What came of the scenarios, for a person: a line each as they pass by, and in the end what failed.

use super::super::out::Out;
use super::super::paint::{Paint, paint};
use super::super::steps;
use super::super::words::many;
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
    if verbose == 0 || outcome.error.is_some() {
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
    // What is broken is told with its line, on standard error.
    let (broken, failed): (Vec<&Outcome>, Vec<&Outcome>) =
        failed.into_iter().partition(|outcome| outcome.error.is_some());
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
    let differ = match failed.len() {
        0 => None,
        1 => Some("1 differs".to_owned()),
        n => Some(format!("{n} differ")),
    };
    let broken = (!broken.is_empty()).then(|| format!("{} broken", broken.len()));
    let wrong: Vec<String> = differ.into_iter().chain(broken).collect();
    let verdict = match wrong.as_slice() {
        [] => paint(Paint::Good, "all as expected"),
        wrong => paint(Paint::Bad, &wrong.join(", ")),
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
    if outcome.error.is_some() {
        return format!("{word} {path} · broken");
    }
    format!("{word} {path} · Kubernetes {} · {}{seed}{note}", outcome.releases, many(outcome.steps, "step"))
}
