//! The way of a request through the server, as one strip of gates.

use crate::api::{By, Outcome, Stage};
use crate::cluster::RequestReport;
use schemars::JsonSchema;
use serde::Serialize;

/// One gate of the strip.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    /// `authenticate`, `impersonate`, `authorize`, `decode`, `mutate`, `validate`, `enforce`, `store`.
    pub name: &'static str,
    /// How it came out.
    pub state: State,
    /// Who decided there, if somebody did: an authenticator, an authorizer, a plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

/// How a gate came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Let through.
    Passed,
    /// Refused: the request went no further.
    Refused,
    /// Had nothing to say about such a request.
    Silent,
    /// Not reached.
    NotReached,
}

/// The gates in order, with the stages that each stands for: a route that isn't there cannot be decoded, and whoever
/// hands out more than they hold is found invalid.
const GATES: [(&str, &[Stage]); 8] = [
    ("authenticate", &[Stage::Authenticate]),
    ("impersonate", &[Stage::Impersonate]),
    ("authorize", &[Stage::Authorize]),
    ("decode", &[Stage::Route, Stage::Decode]),
    ("mutate", &[Stage::Mutate]),
    ("validate", &[Stage::Escalate, Stage::Validate]),
    ("enforce", &[Stage::Enforce]),
    ("store", &[Stage::Store]),
];

/// The strip of a request.
pub(super) fn strip(report: &RequestReport) -> Vec<Gate> {
    let findings = &report.trace.findings;
    let mut ended = false;
    let mut gates = Vec::new();
    for (name, stages) in GATES {
        let mut here = findings.iter().filter(|finding| stages.contains(&finding.stage)).peekable();
        let silent = here.peek().is_none();
        let refused = here.clone().find(|finding| finding.outcome == Outcome::Refused);
        let passed = here.find(|finding| matches!(finding.outcome, Outcome::Passed | Outcome::Changed));
        let (state, by) = match (refused, passed) {
            _ if ended => (State::NotReached, None),
            (Some(finding), _) => (State::Refused, Some(finding)),
            (None, Some(finding)) => (State::Passed, Some(finding)),
            (None, None) if silent && name == "store" => (State::Passed, None),
            (None, None) => (State::Silent, None),
        };
        ended |= state == State::Refused;
        gates.push(Gate { name, state, by: by.map(|finding| finding.by) });
    }
    gates
}
