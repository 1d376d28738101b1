//! The snapshot of a scenario: all that came of it, as text that a person can read and whose diff they can review.
//!
//! The files are insta's (`snapshots/NAME.snap`): the tests compare through insta, and `run` reads and writes the same.

use super::agreed::{InEach, agreed, side_by_side, spans};
use super::report::{Report, StepReport};
use crate::api::{By, Outcome, Stage};
use crate::cluster::RequestReport;
use crate::random;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt::Write;

/// The name of a scenario's snapshot: its path below the folder of scenarios, without ending.
pub fn name(path: &str) -> String {
    let path = path.trim_start_matches("./");
    let below = path.rsplit_once("scenarios/").map_or(path, |(_, below)| below);
    below.trim_end_matches(".yaml").trim_end_matches(".yml").replace('/', "__")
}

/// The text of a scenario's replays: a step once for all releases that agree on it, and once more for those that don't.
///
/// What is drawn (uids, suffixes of names) is no difference: the first release's is shown.
pub fn render(reports: &[Report]) -> String {
    let Some(first) = reports.first() else { return String::new() };
    let releases = spans(reports.iter().map(|report| report.version));
    let mut out = format!("# {} · Kubernetes {releases} · seed {}\n", first.scenario, first.seed);
    for note in &first.notes {
        let _ = writeln!(out, "\n(note: {note})");
    }
    for step in side_by_side(reports, |report| report.steps.iter().collect()) {
        render_parted(&mut out, &step);
    }
    if let Some(exercise) = &first.exercise {
        let _ = writeln!(out, "\n## exercise: {}", exercise.task.trim_end().replace('\n', " "));
        for step in side_by_side(reports, of_exercise) {
            render_parted(&mut out, &step);
        }
    }
    out
}

/// A replay's steps without what is drawn: two replays of which it is the same agree.
pub fn outcome(report: &Report) -> String {
    report.steps.iter().chain(of_exercise(report)).map(comparable).collect()
}

fn of_exercise(report: &Report) -> Vec<&StepReport> {
    report.exercise.iter().flat_map(|exercise| exercise.solution.iter().chain(&exercise.check)).collect()
}

fn render_parted(out: &mut String, step: &InEach<'_>) {
    let agreed = agreed(step, |(_, step)| comparable(step));
    let parted = agreed.len() > 1;
    for (_, group) in agreed {
        let releases = match parted {
            true => format!(" in {}", spans(group.iter().map(|(version, _)| *version))),
            false => String::new(),
        };
        if let Some((_, step)) = group.first() {
            out.push_str(&step_text(step, &releases));
        }
    }
}

fn comparable(step: &StepReport) -> String {
    random::undrawn(&step_text(step, ""))
}

/// A printed line without what is drawn, and with tokens as what they say.
pub fn undrawn(line: &str) -> String {
    random::undrawn(&tokens_as_claims(line))
}

fn step_text(step: &StepReport, releases: &str) -> String {
    let mut text = String::new();
    render_step(&mut text, step, releases);
    tokens_as_claims(&text)
}

fn render_step(out: &mut String, step: &StepReport, releases: &str) {
    let seconds = step.at / 1000;
    let _ = write!(
        out,
        "\n{}{releases} [+{seconds}.{:03}s] {}",
        step.number,
        step.at % 1000,
        step.line.trim_end()
    );
    if let Some(name) = &step.name {
        let _ = write!(out, "  # {name}");
    }
    out.push('\n');
    if !step.who.is_empty() {
        let _ = writeln!(out, "  by {}", step.who);
    }
    for request in &step.requests {
        render_request(out, request);
    }
    if let Some(output) = &step.output {
        let _ = writeln!(out, "  exit {}", output.exit);
        indented(out, "  | ", &output.stdout);
        indented(out, "  ! ", &output.stderr);
    }
    for (name, value) in &step.saved {
        let _ = writeln!(out, "  ${name} = {value}");
    }
    for inner in &step.inner {
        let mut text = String::new();
        render_step(&mut text, inner, "");
        indented(out, "    ", text.trim_start_matches('\n'));
    }
    render_afterwards(out, step);
    for failure in &step.failures {
        let _ = writeln!(out, "  NOT AS EXPECTED: {failure}");
    }
}

fn render_request(out: &mut String, request: &RequestReport) {
    let _ = write!(out, "  {} -> {}", request.request, request.code);
    if !request.reason.is_empty() {
        let _ = write!(out, " {}", request.reason);
    }
    out.push('\n');
    if !request.message.is_empty() {
        indented(out, "      ", &request.message);
    }
    for warning in &request.warnings {
        let _ = writeln!(out, "      warning: {warning}");
    }
    if let Some(user) = &request.trace.user {
        let _ = writeln!(out, "      as {} [{}]", user.name, user.groups.join(", "));
    }
    // Who is known without proof, and who may do anything, need no line of their own; the message tells of the store.
    let shown = request.trace.findings.iter().filter(|finding| match (finding.stage, finding.outcome) {
        (Stage::Authenticate, Outcome::Passed) => finding.by != By::Known,
        (Stage::Authorize, Outcome::Passed) => !finding.text.is_empty(),
        (Stage::Impersonate, _) => true,
        (Stage::Store, _) => false,
        (_, outcome) => outcome != Outcome::Passed,
    });
    for finding in shown {
        let text = finding.text.lines().next().unwrap_or_default();
        let outcome = match finding.outcome {
            Outcome::Skipped => "skipped",
            Outcome::Passed => "passed",
            Outcome::Changed => "changed",
            Outcome::Refused => "REFUSED",
        };
        let _ = writeln!(out, "      {}: {} {outcome}: {text}", finding.stage.name(), finding.by);
    }
}

/// What followed by itself; the same again and again is told once, with its number.
fn render_afterwards(out: &mut String, step: &StepReport) {
    let mut told: Vec<(String, usize)> = Vec::new();
    for after in &step.afterwards {
        let mut text = format!("then {}: {} -> {}", after.controller, after.request, after.code);
        if !after.message.is_empty() {
            let _ = write!(text, " {}", after.message.lines().next().unwrap_or_default());
        }
        match told.iter_mut().find(|(known, _)| *known == text) {
            Some((_, count)) => *count += 1,
            None => told.push((text, 1)),
        }
    }
    for (text, count) in told {
        let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
        let _ = writeln!(out, "  {text}{times}");
    }
}

fn indented(out: &mut String, prefix: &str, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "{}", format!("{prefix}{line}").trim_end());
    }
}

/// Shows what a token says in place of its text, which changes with every byte of it.
pub fn tokens_as_claims(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("eyJ") {
        let (before, from) = rest.split_at(at);
        let end =
            from.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(from.len());
        let (token, after) = from.split_at(end);
        out.push_str(before);
        match claims(token) {
            Some(claims) => {
                let _ = write!(out, "<token {claims}>");
            }
            None => out.push_str(token),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn claims(token: &str) -> Option<crate::json::Value> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// The text of a snapshot file: insta's header, then the content.
pub fn file(path: &str, content: &str) -> String {
    format!("---\nsource: tests/scenarios.rs\nexpression: {path}\n---\n{content}")
}

/// The content of a snapshot file.
pub fn content(file: &str) -> &str {
    let body = file.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    body.map_or(file, |(_, content)| content)
}
