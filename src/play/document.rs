//! A document of the editor, applied as an administrator's `kubectl apply` would, and what is wrong with it at which line.

use super::talk::Mark;
use crate::api::{Body, Dig};
use crate::cluster::{Meter, RequestReport};
use crate::error::Error;
use crate::explain::source::{self, Written};
use crate::prompt::{expect_again, told};
use crate::scenario::format::{Expect, Expected, StepFields, Wanted};
use crate::scenario::report::StepReport;
use crate::scenario::session::Session;

/// How places call the editor.
pub(super) const EDITOR: &str = "manifests";

/// A document that was applied.
pub(super) struct Document<'a> {
    /// Its text, with the line that parts it from the one before.
    pub(super) text: String,
    /// The step that applies it, with what came of it where it failed.
    pub(super) fields: StepFields,
    /// The cluster behind it.
    pub(super) session: Session<'a>,
    /// What came of it; of one that went well, only who acted.
    pub(super) report: StepReport,
    /// What is wrong, by its own lines.
    pub(super) marks: Vec<Mark>,
    /// What it came to.
    pub(super) work: u64,
}

/// Whether nothing stands in it but remarks.
pub(super) fn is_blank(part: &str) -> bool {
    part.lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#') || line.trim_end() == "---")
}

/// The line that applies a text: it stands in a scenario as it is typed.
pub(super) fn line(text: &str) -> String {
    let mut word = "EOF".to_owned();
    while text.lines().any(|line| line == word) {
        word.push('F');
    }
    format!("kubectl apply -f - <<'{word}'\n{text}{word}\n")
}

impl<'a> Document<'a> {
    /// Applies a document behind a session.
    pub(super) fn apply(before: &Session<'a>, text: String, number: usize) -> Document<'a> {
        let mut session = before.fork();
        let done = || before.cluster().meter().map_or(0, Meter::done);
        let begun = done();
        let mut fields = StepFields { run: Some(line(&text)), ..StepFields::default() };
        match session.step(&fields, &number.to_string()) {
            Ok(mut report) => {
                let marks = came_of(&text, &report);
                match marks.iter().any(|mark| mark.error) {
                    true => expect_again(&mut fields, &report),
                    false => report.requests.clear(),
                }
                // The text stands in the editor.
                report.line = format!("kubectl apply: {}", called(&text));
                Document { text, fields, session, report, marks, work: done() - begun }
            }
            Err(error) => {
                let failed = Expected { exit: Some(1), ..Expected::default() };
                fields.expect = Some(Expect::Always(Wanted::One(failed)));
                let line = format!("kubectl apply: {}", called(&text));
                let report = told::failed(&number.to_string(), &line, &error);
                let marks = vec![mistake(&text, error)];
                Document { text, fields, session: before.fork(), report, marks, work: done() - begun }
            }
        }
    }
}

/// `Role dev/pod-reader`, as far as a look tells it.
fn called(text: &str) -> String {
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.trim_start().strip_prefix(key))?;
        Some(line.trim().trim_matches(['"', '\'']).to_owned())
    };
    let named = [value("kind:"), value("name:")];
    named.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The first line that says something.
fn first_line(text: &str) -> usize {
    text.lines().position(|line| !is_blank(line)).map_or(1, |index| index + 1)
}

fn error(line: usize, message: impl Into<String>) -> Mark {
    Mark { line, document: 0, error: true, refused: false, message: message.into(), hint: None }
}

/// What kubectl could not read, at its line.
fn mistake(text: &str, why: Error) -> Mark {
    // The place is the YAML's, where that is what is wrong.
    let why = source::read(EDITOR, text.to_owned()).err().unwrap_or(why);
    let line = why.at.as_ref().and_then(|place| place.position).map_or(first_line(text), |(line, _)| line);
    Mark { hint: why.hint, ..error(line.clamp(1, text.lines().count().max(1)), why.message) }
}

/// What is wrong with a document that was applied.
fn came_of(text: &str, report: &StepReport) -> Vec<Mark> {
    let failed = report.output.as_ref().is_some_and(|output| output.exit != 0);
    let warned = report.requests.iter().any(|request| !request.warnings.is_empty());
    if !failed && !warned {
        return Vec::new();
    }
    let written = match source::read(EDITOR, text.to_owned()) {
        Ok(written) => written,
        Err(why) => return vec![mistake(text, why)],
    };
    let mut marks = Vec::new();
    let refused =
        report.ends.iter().filter(|end| end.failed).filter_map(|end| report.requests.get(end.request?));
    for request in refused {
        marks.extend(refusal(&written, request));
    }
    if failed && marks.is_empty() {
        let output = report.output.as_ref().map(|output| output.stderr.trim_end()).unwrap_or_default();
        let said = output.strip_prefix("error: ").unwrap_or(output);
        marks.push(error(first_line(text), said));
    }
    for request in &report.requests {
        let line = object_of(&written, request).map_or(first_line(text), |written| written.line);
        for warning in &request.warnings {
            let said =
                warning.split_once('"').map_or(warning.as_str(), |(_, said)| said.trim_end_matches('"'));
            let mark = Mark { error: false, ..error(line, said.replace("\\\"", "\"")) };
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
    }
    marks
}

/// What the server refused: each field that it names, or the object.
fn refusal(written: &[Written], request: &RequestReport) -> Vec<Mark> {
    let object = object_of(written, request);
    let answer = request.answer.as_ref().and_then(Body::json);
    let causes = answer.map(|answer| answer.list("details.causes")).unwrap_or_default();
    let fields = causes.iter().filter(|cause| !cause.text("field").is_empty());
    let mut marks: Vec<Mark> = fields
        .map(|cause| {
            let field = cause.text("field");
            let line = object.map_or(1, |object| object.line_of_field(field));
            error(line, format!("{field}: {}", cause.text("message")))
        })
        .collect();
    if marks.is_empty() {
        marks.push(error(object.map_or(1, |object| object.line), request.message.clone()));
    }
    marks.iter_mut().for_each(|mark| mark.refused = true);
    marks
}

/// The object that a request was about.
fn object_of<'w>(written: &'w [Written], request: &RequestReport) -> Option<&'w Written> {
    let name = &request.trace.info.name;
    let named = written.iter().find(|written| !name.is_empty() && written.called[2] == *name);
    named.or(written.first())
}
