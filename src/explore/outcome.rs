//! How a replay ended: what is the same in two runs whose steps came to the same.

use crate::error::Error;
use crate::random::undrawn;
use crate::scenario::report::StepReport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How all steps ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Each step's ending, in order.
    pub steps: Vec<Ending>,
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
        let steps = steps.iter().map(|step| Ending::of(step).breaking(&step.broken)).collect();
        match stopped {
            Some(error) => Outcome::stopped(steps, error),
            None => Outcome { steps, stopped: None },
        }
    }

    pub(super) fn stopped(steps: Vec<Ending>, error: &Error) -> Outcome {
        Outcome { steps, stopped: Some(undrawn(&error.message)) }
    }
}

impl Ending {
    pub(super) fn of(step: &StepReport) -> Ending {
        let deciding = step.deciding();
        Ending {
            code: step.code(),
            exit: step.output.as_ref().map(|output| output.exit),
            reason: deciding.map(|request| request.reason.clone()).unwrap_or_default(),
            because: deciding.map(|request| request.because.clone()).unwrap_or_default(),
            broken: Vec::new(),
        }
    }

    pub(super) fn breaking(self, broken: &[String]) -> Ending {
        Ending { broken: broken.iter().map(|broken| undrawn(broken)).collect(), ..self }
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
