//! What came of a scenario: data, for the table, the snapshot, JSON and explanations.

use super::client::Output;
use super::format::StepFields;
use crate::api::{Dig, Fact, Outcome, Version};
use crate::cluster::{Entry, Exchange, RequestReport};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A scenario's replay in one release.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scenario's name.
    pub scenario: String,
    /// What it is about.
    pub about: String,
    /// The release.
    pub version: String,
    /// The seed.
    pub seed: u64,
    /// The steps in order.
    pub steps: Vec<StepReport>,
    /// What came of the exercise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exercise: Option<ExerciseReport>,
    /// The audit log, where the scenario has an audit policy; a log of its own, and no part of the report.
    #[serde(skip)]
    pub audit: Option<Vec<Value>>,
}

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
    /// The requests that it made.
    pub requests: Vec<RequestReport>,
    /// What the command wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputReport>,
    /// What happened by itself afterwards.
    pub afterwards: Vec<Afterwards>,
    /// Fields of the answer that the step saved.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub saved: BTreeMap<String, String>,
    /// The steps on a fork.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<StepReport>,
    /// Where it is not as expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
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
    afterwards: &[Entry],
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
        afterwards: afterwards.iter().map(|entry| afterwards_of(began, entry)).collect(),
        ..StepReport::default()
    }
}

fn since(began: Timestamp, at: Timestamp) -> i64 {
    at.as_millisecond() - began.as_millisecond()
}

fn afterwards_of(began: Timestamp, entry: &Entry) -> Afterwards {
    let object = entry.reply.response.object();
    let message = match (entry.reply.response.ok(), object.text("kind")) {
        (true, "Event") => format!("{}: {}", object.text("reason"), object.text("message")),
        (true, _) => String::new(),
        (false, _) => object.text("message").to_owned(),
    };
    Afterwards {
        controller: entry.controller.to_owned(),
        at: since(began, entry.at),
        request: entry.request.clone(),
        code: entry.reply.response.code,
        message,
        refused: entry
            .moment
            .clone()
            .map(|moment| Box::new(RequestReport::new(entry.request.clone(), &entry.reply, Some(moment)))),
    }
}

impl StepReport {
    /// The request that the step is about: the first refused one, or the last write, or of a command that failed the
    /// last that did (kubectl asks for the namespace after a 404), or the last.
    pub fn deciding(&self) -> Option<&RequestReport> {
        self.requests.get(self.deciding_index()?)
    }

    /// Its place among the step's requests.
    pub fn deciding_index(&self) -> Option<usize> {
        let requests = &self.requests;
        let refused = requests.iter().position(|request| request.code == 401 || request.code == 403);
        let write = || requests.iter().rposition(|request| !request.request.starts_with("GET "));
        let failed = || {
            self.output.as_ref().filter(|output| output.exit != 0)?;
            requests.iter().rposition(|request| request.code >= 400)
        };
        refused.or_else(write).or_else(failed).or(requests.len().checked_sub(1))
    }

    /// The code that the step ended in.
    pub fn code(&self) -> Option<u16> {
        self.deciding().map(|request| request.code)
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

/// Where a step is not as it expects itself to be.
pub(super) fn failures(
    report: &StepReport,
    fields: &StepFields,
    version: Version,
    fill: &dyn Fn(&str) -> String,
) -> Vec<String> {
    let mut failures = Vec::new();
    let mut differs = |what: &str, want: &str, got: &str| {
        if want != got {
            failures.push(format!("{what}: expected {want}, got {got}"));
        }
    };
    let deciding = report.deciding();
    if let Some(expected) = fields.expect.as_ref().and_then(|expect| expect.of(version)) {
        let none = || "none".to_owned();
        if let Some(code) = expected.code {
            differs("code", &code.to_string(), &report.code().map_or_else(none, |code| code.to_string()));
        }
        if let Some(reason) = &expected.reason {
            differs("reason", reason, deciding.map_or("none", |request| &request.reason));
        }
        if let Some(exit) = expected.exit {
            let got = report.output.as_ref().map_or_else(none, |output| output.exit.to_string());
            differs("exit", &exit.to_string(), &got);
        }
        let held = |what: &str, part: &Option<String>, whole: String, failures: &mut Vec<String>| {
            if let Some(part) =
                part.as_ref().map(|part| fill(part)).filter(|part| !whole.contains(part.as_str()))
            {
                failures.push(format!("{what}: expected `{part}` in `{}`", whole.trim_end()));
            }
        };
        let message = deciding.map(|request| request.message.clone()).unwrap_or_default();
        held("message", &expected.message, message, &mut failures);
        let printed = report.output.as_ref().map(|output| format!("{}{}", output.stdout, output.stderr));
        held("output", &expected.prints, printed.unwrap_or_default(), &mut failures);
        for (path, want) in &expected.answer {
            let want = want.as_str().map_or_else(|| want.clone(), |text| fill(text).into());
            let got = deciding.map_or(&Value::Null, |request| request.field(path));
            if *got != want {
                failures.push(format!("answer: expected {want} at `{path}`, got {got}"));
            }
        }
    }
    if let Some(because) = &fields.because {
        let got = deciding.map_or("", |request| request.because.as_str());
        if !deciding.is_some_and(|request| request.trace.is_because_of(because)) {
            failures.push(format!("because: expected {because}, got {got}"));
        }
    }
    failures
}
