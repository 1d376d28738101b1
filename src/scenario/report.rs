//! What came of a scenario: data, for the table, the snapshot, JSON and explanations.

use super::format::StepFields;
use crate::api::{Fact, Outcome, Version};
use crate::clients::{End, Output};
use crate::cluster::{Entry, Exchange, RequestReport};
use crate::json::Value;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A scenario's replay in one release.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scenario's name.
    pub scenario: String,
    /// What it is about.
    pub about: String,
    /// The release.
    pub version: Version,
    /// The seed.
    pub seed: u64,
    /// What was left out of the dump that the cluster was filled from, or had to be assumed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The steps in order.
    pub steps: Vec<StepReport>,
    /// What came of the exercise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exercise: Option<ExerciseReport>,
    /// The audit log, where the scenario has an audit policy; a log of its own, and no part of the report.
    #[serde(skip)]
    pub audit: Option<Vec<Value>>,
}

crate::json::serialized!(Report);

/// What came of an exercise.
#[derive(Clone, Debug, Serialize)]
pub struct ExerciseReport {
    /// What is to be done.
    pub task: String,
    /// A hint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The check before anything was done: it is not as expected.
    pub unsolved: Vec<StepReport>,
    /// The solution.
    pub solution: Vec<StepReport>,
    /// The check after the solution.
    pub check: Vec<StepReport>,
}

impl Report {
    /// All steps, those of forks after the step that forked, those of the exercise's solution and check last.
    pub fn all(&self) -> Vec<&StepReport> {
        fn walk<'a>(steps: &'a [StepReport], all: &mut Vec<&'a StepReport>) {
            for step in steps {
                all.push(step);
                walk(&step.inner, all);
            }
        }
        let mut all = Vec::new();
        walk(&self.steps, &mut all);
        if let Some(exercise) = &self.exercise {
            walk(&exercise.solution, &mut all);
            walk(&exercise.check, &mut all);
        }
        all
    }
}

/// What came of a step.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StepReport {
    /// `3`, or `3.1` on a fork.
    pub number: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Prose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What was typed.
    pub line: String,
    /// By whom.
    pub who: String,
    /// When, in milliseconds since the cluster stood.
    pub at: i64,
    /// What fell otherwise than usual as it came, in sentences, where a schedule says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chance: Vec<String>,
    /// The requests that it made.
    pub requests: Vec<RequestReport>,
    /// What the command wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputReport>,
    /// How it ended, for each of the objects that it was about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ends: Vec<End>,
    /// What happened by itself afterwards.
    pub afterwards: Vec<Afterwards>,
    /// Fields of the answer that the step saved.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub saved: BTreeMap<String, String>,
    /// The steps on a fork.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<StepReport>,
    /// Where it is not as expected, and how properties are broken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
    /// The headers by which a raw request says who sends it.
    #[serde(skip)]
    pub headers: Vec<String>,
    /// How long was waited; less than was asked for where somebody had seen enough.
    #[serde(skip)]
    pub waited: Option<jiff::SignedDuration>,
    /// How properties are broken.
    #[serde(skip)]
    pub broken: Vec<String>,
    /// Its place among the scenario's steps, those of actors behind the scenario's own, as they are written.
    #[serde(skip)]
    pub place: usize,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepResult {
    /// The exit code, of a command.
    pub exit: Option<i32>,
    /// The request that decided, by its place among the step's; none where no answer did.
    pub request: Option<usize>,
    /// Its code.
    pub code: Option<u16>,
}

/// What a command wrote.
#[derive(Clone, Debug, Serialize)]
pub struct OutputReport {
    /// The exit code.
    pub exit: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// What a controller or a kubelet did.
#[derive(Clone, Debug, Serialize)]
pub struct Afterwards {
    /// Which.
    pub controller: String,
    /// When, in milliseconds since the cluster stood.
    pub at: i64,
    /// The request.
    pub request: String,
    /// The HTTP code.
    pub code: u16,
    /// The refusal's message, or the event's text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Of a refused one, all that there is to explain, where moments are kept.
    #[serde(skip)]
    pub refused: Option<Box<RequestReport>>,
}

/// Reports a step.
pub(super) fn step(
    number: &str,
    fields: &StepFields,
    [began, at]: [Timestamp; 2],
    exchanges: &[Exchange],
    output: Option<&Output>,
    afterwards: Vec<Entry>,
) -> StepReport {
    StepReport {
        number: number.to_owned(),
        name: fields.name.clone(),
        about: fields.about.clone(),
        at: since(began, at),
        requests: exchanges.iter().map(RequestReport::of).collect(),
        output: output.map(|output| OutputReport {
            exit: output.exit,
            stdout: output.stdout.clone(),
            stderr: output.stderr.clone(),
        }),
        afterwards: afterwards.into_iter().map(|entry| afterwards_of(began, entry)).collect(),
        ..StepReport::default()
    }
}

/// A raw request ends with its answer, whatever that is.
pub(super) fn raw(request: usize) -> End {
    End { request: Some(request), failed: false }
}

fn since(began: Timestamp, at: Timestamp) -> i64 {
    at.as_millisecond() - began.as_millisecond()
}

fn afterwards_of(began: Timestamp, entry: Entry) -> Afterwards {
    let Entry { controller, at, request, code, message, refused } = entry;
    Afterwards { controller: controller.to_owned(), at: since(began, at), request, code, message, refused }
}

impl StepReport {
    /// The request that the step is about.
    pub fn deciding(&self) -> Option<&RequestReport> {
        self.requests.get(self.deciding_index()?)
    }

    /// Its place among the step's requests.
    pub fn deciding_index(&self) -> Option<usize> {
        self.result().request
    }

    /// What the step came to: its command's exit code, and of all that it was about the worst end.
    ///
    /// What failed is worse than what did not, and of several a higher code; of equals the first counts. Which answer
    /// ended what, the command itself hands over ([`End`]).
    pub fn result(&self) -> StepResult {
        let code = |end: &End| end.request.and_then(|at| self.requests.get(at)).map(|request| request.code);
        let worst = self.ends.iter().rev().max_by_key(|end| (end.failed, code(end)));
        StepResult {
            exit: self.output.as_ref().map(|output| output.exit),
            request: worst.and_then(|end| end.request),
            code: worst.and_then(code),
        }
    }

    /// How it ended, in a few characters: `403`, `exit 1`, or both where the exit code does not follow from the code.
    pub fn ended(&self) -> String {
        let StepResult { exit, code, .. } = self.result();
        let exit = exit.filter(|exit| *exit != 0 && code.is_none_or(|code| code < 400));
        let parts = [code.map(|code| code.to_string()), exit.map(|exit| format!("exit {exit}"))];
        parts.into_iter().flatten().collect::<Vec<String>>().join(", ")
    }

    /// The code that the step ended in.
    pub fn code(&self) -> Option<u16> {
        self.result().code
    }

    /// What decided, in a few words.
    pub fn verdict(&self) -> String {
        let Some(request) = self.deciding() else {
            return self.output.as_ref().map(|o| first_line(&o.stderr).to_owned()).unwrap_or_default();
        };
        let Some(finding) = request.trace.decisive() else { return String::new() };
        match finding.outcome {
            Outcome::Refused => format!("{}: {} refuses", finding.stage.name(), finding.by),
            Outcome::Passed | Outcome::Changed | Outcome::Skipped => {
                let binding = finding.facts.iter().find_map(|fact| match fact {
                    Fact::Granted(grounds) => Some(grounds.place()),
                    _ => None,
                });
                binding.map_or_else(|| finding.by.to_string(), |binding| format!("{}: {binding}", finding.by))
            }
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
