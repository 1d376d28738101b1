//! What a prompt prints, as text and how it is meant: a terminal paints it, a page marks it.

use super::Typed;
use crate::api::Body;
use crate::error::Error;
use crate::scenario::format::Save;
use crate::scenario::report::{OutputReport, StepReport};
use serde::Serialize;

/// A piece of what is printed; it holds whole lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// How it is meant.
    pub tone: Tone,
    /// What is printed.
    pub text: String,
}

/// How a piece is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Tone {
    /// What a command wrote, or the server answered.
    Plain,
    /// What is said about it.
    Aside,
}

impl Told {
    /// What is printed as it is.
    pub(crate) fn plain(text: impl Into<String>) -> Told {
        Told::new(Tone::Plain, text)
    }

    fn new(tone: Tone, text: impl Into<String>) -> Told {
        Told { tone, text: text.into() }
    }
}

/// What a line printed, and what decided.
pub(crate) fn step(typed: &Typed) -> Vec<Told> {
    match &typed.fields.save {
        Some(Save::Printed(name)) if typed.report.output.as_ref().is_some_and(|output| output.exit == 0) => {
            let mut quiet = typed.report.clone();
            quiet.output = None;
            quiet.requests.iter_mut().for_each(|request| request.answer = None);
            let mut told = report(&quiet);
            told.push(Told::new(Tone::Aside, format!("kept as ${name}\n")));
            told
        }
        Some(Save::Printed(_) | Save::Fields(_)) | None => report(&typed.report),
    }
}

/// An error, in one line.
pub(crate) fn error(error: &Error) -> String {
    let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{error}{hint}").replace('\n', " ")
}

/// The report of a step that could not be done.
pub(crate) fn failed(number: &str, line: &str, why: &Error) -> StepReport {
    let output = OutputReport { exit: 1, stdout: String::new(), stderr: format!("error: {}\n", error(why)) };
    let (number, line) = (number.to_owned(), line.to_owned());
    StepReport { number, line, output: Some(output), ..StepReport::default() }
}

fn report(step: &StepReport) -> Vec<Told> {
    let mut told: Vec<Told> = step.inner.iter().flat_map(report).collect();
    let answer = step.deciding().and_then(|request| request.answer.as_ref());
    match (&step.output, answer) {
        (Some(output), _) => {
            for part in [&output.stdout, &output.stderr].into_iter().filter(|part| !part.is_empty()) {
                let end = if part.ends_with('\n') { "" } else { "\n" };
                told.push(Told::new(Tone::Plain, format!("{part}{end}")));
            }
        }
        (None, Some(body @ (Body::Json(_) | Body::List(_)))) => {
            told.push(Told::new(Tone::Plain, body.written(true).unwrap_or_default() + "\n"));
        }
        (None, Some(Body::Text(body))) => {
            told.push(Told::new(Tone::Plain, format!("{}\n", body.trim_end())));
        }
        (None, Some(Body::Bytes(_) | Body::Watch(_)) | None) => {}
    }
    told.extend(verdict(step).into_iter().map(|line| Told::new(Tone::Aside, line + "\n")));
    told
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
