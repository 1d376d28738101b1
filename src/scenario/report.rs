//! What came of a scenario: data, for the table, the snapshot, JSON and explanations.

use super::client::{End, Output};
use super::format::StepFields;
use super::person::{Exchange, near_misses};
use crate::api::{Attributes, Body, Dig, Outcome, Request, Stage, Trace};
use crate::cluster::{Cluster, Entry, Reply};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

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
    /// Where it is not as expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
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

/// A request and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct RequestReport {
    /// `GET /api/v1/pods`.
    pub request: String,
    /// The HTTP code.
    pub code: u16,
    /// The status's reason.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The status's message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Warnings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Who decided.
    pub because: String,
    /// Everything that the stages found.
    pub trace: Trace,
    /// The body of the answer, where somebody was asked over HTTP.
    #[serde(skip)]
    pub answer: Option<Body>,
    /// Of a refused request, where a replay keeps it: the request, and the cluster that it came to.
    #[serde(skip)]
    pub moment: Option<Arc<Moment>>,
}

/// What is about to be asked: what `explain` proves its cures on.
#[derive(Clone)]
pub struct Moment {
    /// The cluster as the question found it.
    pub cluster: Cluster,
    /// The question, with whoever asks.
    pub asked: Asked,
}

/// What a cluster is asked.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A request.
    Request(Request),
    /// Only whether somebody may, as by `kubectl auth can-i`.
    Question(Attributes),
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.asked, self.cluster.now())
    }
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
    /// Of a refused one, all that there is to explain, where moments are kept. The cluster is as the step left it: a
    /// refusal changes nothing.
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
    kept: Option<&Cluster>,
) -> StepReport {
    StepReport {
        number: number.to_owned(),
        name: fields.name.clone(),
        about: fields.about.clone(),
        at: since(began, at),
        requests: exchanges.iter().map(request).collect(),
        output: output.map(|output| OutputReport {
            exit: output.exit,
            stdout: output.stdout.clone(),
            stderr: output.stderr.clone(),
        }),
        ends: match output {
            Some(output) => output.ends.clone(),
            // Raw requests stand alone.
            None => (0..exchanges.len()).map(raw).collect(),
        },
        afterwards: afterwards.iter().map(|entry| afterwards_of(began, entry, kept)).collect(),
        ..StepReport::default()
    }
}

/// A raw request ends with its answer, whatever that is.
fn raw(request: usize) -> End {
    End { request: Some(request), failed: false }
}

fn request(exchange: &Exchange) -> RequestReport {
    let request = format!("{} {}", exchange.request.method, exchange.request.target);
    answered(request, &exchange.reply, exchange.moment.clone())
}

fn answered(request: String, reply: &Reply, moment: Option<Arc<Moment>>) -> RequestReport {
    let response = &reply.response;
    let object = response.object();
    let refused = object.text("kind") == "Status" && !response.ok();
    let text = |path: &str| if refused { object.text(path).to_owned() } else { String::new() };
    RequestReport {
        request,
        code: response.code,
        reason: text("reason"),
        message: text("message"),
        warnings: response.headers.all("Warning").map(str::to_owned).collect(),
        because: because(&reply.trace),
        trace: reply.trace.clone(),
        answer: Some(response.body.clone()),
        moment,
    }
}

/// Who decided: an authenticator, an authorizer, a plugin, `validation`, ….
pub fn because(trace: &Trace) -> String {
    trace.decisive().map(|finding| finding.by.clone()).unwrap_or_default()
}

fn since(began: Timestamp, at: Timestamp) -> i64 {
    at.as_millisecond() - began.as_millisecond()
}

fn afterwards_of(began: Timestamp, entry: &Entry, kept: Option<&Cluster>) -> Afterwards {
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
        refused: kept.and_then(|cluster| refused(entry, cluster)).map(Box::new),
    }
}

fn refused(entry: &Entry, cluster: &Cluster) -> Option<RequestReport> {
    let request = entry.refused.clone()?;
    let mut reply = entry.reply.clone();
    near_misses(cluster, &mut reply.trace);
    let moment = Moment { cluster: cluster.fork(), asked: Asked::Request(request) };
    Some(answered(entry.request.clone(), &reply, Some(Arc::new(moment))))
}

impl RequestReport {
    /// The field of the answer at a dotted path, or null.
    pub fn field(&self, path: &str) -> &Value {
        match &self.answer {
            Some(Body::Json(body)) => body.at(path),
            Some(Body::Text(_) | Body::Bytes(_) | Body::Watch(_)) | None => &Value::Null,
        }
    }
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
            Outcome::Refused => format!("{}: {} refuses", stage_name(finding.stage), finding.by),
            // Of a grant, the binding.
            Outcome::Passed | Outcome::Changed | Outcome::Skipped => {
                let grant =
                    finding.text.strip_prefix("allowed by ").and_then(|text| text.split(" of ").next());
                grant.map_or_else(|| finding.by.clone(), |binding| format!("{}: {binding}", finding.by))
            }
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// A stage's name.
pub fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Authenticate => "authenticate",
        Stage::Impersonate => "impersonate",
        Stage::Authorize => "authorize",
        Stage::Route => "route",
        Stage::Decode => "decode",
        Stage::Mutate => "mutate",
        Stage::Escalate => "escalate",
        Stage::Validate => "validate",
        Stage::Enforce => "enforce",
        Stage::Store => "store",
    }
}
