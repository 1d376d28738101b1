//! What the shell prints.

use super::super::paint::{Paint, paint};
use super::super::wrap::wrapped;
use crate::api::{Body, Version};
use crate::error::Error;
use crate::prompt::Typed;
use crate::scenario::format::Save;
use crate::scenario::report::StepReport;

/// What stands above the first prompt.
pub(super) fn greeting(version: Version) -> String {
    let text = format!("A cluster of Kubernetes {version}; `help` lists the commands, `exit` ends");
    paint(Paint::Dim, &wrapped(&text)) + "\n"
}

/// An error, in one line.
pub(in crate::cli) fn error(error: &Error) -> String {
    let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    let text = format!("{error}{hint}").replace('\n', " ");
    wrapped(&format!("{} {text}\n", paint(Paint::Bad, "error:")))
}

/// A step that was replayed, in one line.
pub(super) fn replayed(step: &StepReport) -> String {
    let line = step.name.as_deref().unwrap_or(&step.line).lines().next().unwrap_or_default();
    let failed = if step.failures.is_empty() { "" } else { "  not as expected" };
    let ended = step.ended();
    let code = if ended.is_empty() { ended } else { format!("  -> {ended}") };
    format!("{:>4}  {line}{}{}", step.number, paint(Paint::Dim, &code), paint(Paint::Bad, failed))
}

/// What a line printed, and what decided.
pub(in crate::cli) fn step(typed: &Typed) -> String {
    match &typed.fields.save {
        Some(Save::Printed(name)) if typed.report.output.as_ref().is_some_and(|output| output.exit == 0) => {
            let mut quiet = typed.report.clone();
            quiet.output = None;
            quiet.requests.iter_mut().for_each(|request| request.answer = None);
            report(&quiet) + &paint(Paint::Dim, &format!("kept as ${name}")) + "\n"
        }
        Some(Save::Printed(_) | Save::Fields(_)) | None => report(&typed.report),
    }
}

fn report(step: &StepReport) -> String {
    let mut text = String::new();
    for inner in &step.inner {
        text.push_str(&report(inner));
    }
    let answer = step.deciding().and_then(|request| request.answer.as_ref());
    match (&step.output, answer) {
        (Some(output), _) => {
            for part in [&output.stdout, &output.stderr] {
                text.push_str(part);
                if !part.is_empty() && !part.ends_with('\n') {
                    text.push('\n');
                }
            }
        }
        (None, Some(body @ (Body::Json(_) | Body::List(_)))) => {
            text.push_str(&body.written(true).unwrap_or_default());
            text.push('\n');
        }
        (None, Some(Body::Text(body))) => {
            text.push_str(body.trim_end());
            text.push('\n');
        }
        (None, Some(Body::Bytes(_) | Body::Watch(_)) | None) => {}
    }
    for line in verdict(step) {
        text.push_str(&paint(Paint::Dim, &wrapped(&line)));
        text.push('\n');
    }
    text
}

/// How many refusals that came afterwards are told of.
const AFTERWARDS: usize = 3;

fn verdict(step: &StepReport) -> Vec<String> {
    let mut lines = Vec::new();
    match (step.code(), step.ended()) {
        (Some(code), ended) => {
            let why = if code >= 400 { " · type why" } else { "" };
            lines.push(format!("{ended} {}{why}", step.verdict()));
        }
        (None, ended) if ended.is_empty() => {}
        (None, ended) if step.requests.is_empty() => lines.push(format!("{ended}, no request was sent")),
        (None, ended) => lines.push(ended),
    }
    let refused = step.afterwards.iter().filter(|after| after.code >= 400);
    let mut refused: Vec<String> = refused
        .map(|after| format!("afterwards {}: {} {}", after.controller, after.code, after.message))
        .collect();
    refused.dedup();
    lines.extend(refused.into_iter().take(AFTERWARDS));
    lines
}
