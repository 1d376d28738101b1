//! How a replay ended: what is the same in two runs whose steps came to the same.

use crate::error::Error;
use crate::random::undrawn;
use crate::scenario::report::StepReport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How all steps ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Each step's ending, by its place: those of actors behind the scenario's own, whoever came first. Of one that was tried
    /// again it is the last; none where it never came to it.
    pub steps: Vec<Option<Ending>>,
    /// Why no further step could be done: what a step needs was not there.
    pub stopped: Option<String>,
}

/// How a step ended; names, and so the words of messages, are by chance, the verdict is what counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ending {
    /// The code, if a request decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// The exit code, if a command ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// The refusal's reason.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Who decided.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub because: String,
    /// How properties are broken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
}

impl Outcome {
    pub(super) fn of(steps: &[StepReport], stopped: Option<&Error>) -> Outcome {
        let mut outcome = Outcome::default();
        steps.iter().for_each(|step| outcome.note(step, &step.broken));
        Outcome { stopped: stopped.map(told), ..outcome }
    }

    /// The same, and nothing more could be done.
    pub(super) fn stopped(self, error: &Error) -> Outcome {
        Outcome { stopped: Some(told(error)), ..self }
    }

    /// A step ended, and properties are broken so.
    pub(super) fn note(&mut self, step: &StepReport, broken: &[String]) {
        self.steps.resize(self.steps.len().max(step.place + 1), None);
        let Some(place) = self.steps.get_mut(step.place) else { return };
        let before = place.take().map(|ending| ending.broken).unwrap_or_default();
        *place = Some(Ending::of(step).breaking(before, broken));
    }
}

fn told(error: &Error) -> String {
    undrawn(&error.message)
}

impl Ending {
    fn of(step: &StepReport) -> Ending {
        let deciding = step.deciding();
        Ending {
            code: step.code(),
            exit: step.output.as_ref().map(|output| output.exit),
            reason: deciding.map(|request| request.reason.clone()).unwrap_or_default(),
            because: deciding.map(|request| request.because.clone()).unwrap_or_default(),
            broken: Vec::new(),
        }
    }

    fn breaking(self, before: Vec<String>, broken: &[String]) -> Ending {
        let broken = before.into_iter().chain(broken.iter().map(|broken| undrawn(broken))).collect();
        Ending { broken, ..self }
    }

    /// In a few words: `403 Forbidden (RBAC)`, `exit 1`.
    pub fn in_words(&self) -> String {
        let code = self.code.map(|code| format!("{code} {}", self.reason).trim_end().to_owned());
        let exit = self.exit.filter(|_| self.code.is_none()).map(|exit| format!("exit {exit}"));
        let decided = Some(&self.because).filter(|because| !because.is_empty() && self.code >= Some(400));
        let by = decided.map(|because| format!(" ({because})")).unwrap_or_default();
        format!("{}{by}", code.or(exit).unwrap_or_else(|| "done".to_owned()))
    }
}
