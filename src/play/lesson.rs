//! What there is to read beside the terminal, and the exercise: its check is judged after every change.

use super::State;
use super::talk::{Check, Done, Lesson, Task};
use crate::book::fragments;
use crate::error::Error;
use crate::prompt::Typed;
use crate::scenario::format::Exercise;
use crate::scenario::report::StepReport;
use maud::html;

/// The lesson of a state; none where there is nothing to read and nothing to do.
pub(super) fn lesson(now: &State<'_>) -> Option<Lesson> {
    let scenario = &now.base.scenario;
    let exercise = scenario.exercise.as_ref();
    if scenario.about.is_empty()
        && scenario.story.is_empty()
        && exercise.is_none()
        && now.base.reports.is_empty()
    {
        return None;
    }
    let about = html! {
        @if let Some(symptom) = &scenario.symptom { p .symptom { q { (symptom) } } }
        @if !scenario.about.is_empty() { (fragments::prose(&scenario.about)) }
        @if !scenario.story.is_empty() { (fragments::prose(&scenario.story)) }
    };
    let before = now.base.reports.iter().map(done);
    let steps = before.chain(now.prompt.done().map(|done| typed(done))).collect();
    Some(Lesson { about: about.into_string(), steps, exercise: exercise.map(|exercise| task(now, exercise)) })
}

fn task(now: &State<'_>, exercise: &Exercise) -> Task {
    let solution = exercise.solution.iter().map(|step| {
        let fields = &step.fields;
        let line = fields.run.clone().or(fields.request.as_ref().map(|request| request.what.clone()));
        line.or(fields.wait.map(|span| format!("wait {:#}", span.0)))
            .or(fields.name.clone())
            .unwrap_or_default()
    });
    let checks = match check(now) {
        Ok(reports) => reports.iter().map(checked).collect(),
        Err(error) => {
            let (name, ended) = ("the check".to_owned(), "cannot be done".to_owned());
            vec![Check { name, ended, failures: vec![error.message] }]
        }
    };
    let solved = checks.iter().all(|check: &Check| check.failures.is_empty());
    let hint = exercise.hint.as_ref().map(|hint| fragments::prose(hint).into_string());
    Task {
        task: fragments::prose(&exercise.task).into_string(),
        hint,
        solution: solution.collect(),
        checks,
        solved,
    }
}

/// The exercise's check, on a copy of the cluster.
pub(super) fn check(now: &State<'_>) -> Result<Vec<StepReport>, Error> {
    match &now.base.scenario.exercise {
        Some(exercise) => now.session().fork().steps(&exercise.check, "check."),
        None => Ok(Vec::new()),
    }
}

fn checked(report: &StepReport) -> Check {
    Check {
        name: report.name.clone().unwrap_or_else(|| report.line.clone()),
        ended: report.ended(),
        failures: report.failures.clone(),
    }
}

/// A line that was typed: what nothing is expected of is fine however it comes.
pub(super) fn typed(typed: &Typed) -> Done {
    let expects =
        typed.given.expect.is_some() || typed.given.because.is_some() || typed.given.what_if.is_some();
    let done = done(&typed.report);
    let failures = if expects { done.failures } else { Vec::new() };
    Done { failures, ..done }
}

/// A step that was done.
pub(super) fn done(report: &StepReport) -> Done {
    Done {
        number: report.number.clone(),
        name: report.name.clone(),
        about: report.about.as_ref().map(|about| fragments::prose(about).into_string()),
        who: report.who.clone(),
        line: report.line.trim_end().to_owned(),
        ended: report.ended(),
        refused: report.code().is_some_and(|code| code >= 400),
        failures: report.failures.clone(),
    }
}
