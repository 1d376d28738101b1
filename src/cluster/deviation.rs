//! Where a run leaves the usual order: a run is a scenario and a list of these, and the same list is the same run.

use super::fault::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One choice that fell otherwise than usual.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Deviation {
    /// After which step, by number; where actors come, after how many steps.
    pub after: usize,
    /// What was chosen.
    pub choice: Choice,
}

/// What a real cluster leaves to chance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// When the next step comes.
    Next(Next),
    /// Which of the works that are due at the same time goes first.
    First {
        /// How many works have gone since the step.
        turn: usize,
        /// The controller and its key: `service-account-controller namespaces/a`.
        work: String,
    },
    /// A cache hears of nothing until so many further steps are done, or [a second](super::schedule::LONGEST) has passed.
    Lags {
        /// Which.
        cache: Caching,
        /// How many steps.
        steps: usize,
    },
    /// Whose step comes next, by the actor's name.
    Turn(String),
    /// What goes wrong as the next step comes.
    Fault(Fault),
}

/// When the next step comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`next` is how many steps controllers take before, or `at-rest`")]
pub enum Next {
    /// When controllers have taken so many steps.
    After(usize),
    /// When nothing more happens by itself.
    AtRest(AtRest),
}

/// `at-rest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum AtRest {
    /// When nothing more happens by itself.
    #[serde(rename = "at-rest")]
    AtRest,
}

/// What lags behind the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Caching {
    /// What the authorizers know.
    Authorizer,
    /// What admission plugins and controllers believe.
    Controllers,
}

/// A deviation as a scenario's file has it: `next`, `turn` with `first`, `lags` with `steps`, `actor`, or `fault`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// After which step, by number; where actors come, after how many steps.
    after: usize,
    /// The next step comes when controllers have taken so many steps; or `at-rest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Next>,
    /// How many works have gone since the step, before `first` goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    turn: Option<usize>,
    /// The controller and its key that go first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    /// What hears of nothing for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lags: Option<Caching>,
    /// Until so many further steps are done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
    /// The actor whose step comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    /// What goes wrong as the next step comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<Fault>,
}

impl TryFrom<Fields> for Deviation {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Deviation, String> {
        let Fields { after, next, turn, first, lags, steps, actor, fault } = fields;
        let choice = match (next, (turn, first), (lags, steps), actor, fault) {
            (Some(next), (None, None), (None, None), None, None) => Choice::Next(next),
            (None, (Some(turn), Some(work)), (None, None), None, None) => Choice::First { turn, work },
            (None, (None, None), (Some(cache), Some(steps)), None, None) => Choice::Lags { cache, steps },
            (None, (None, None), (None, None), Some(actor), None) => Choice::Turn(actor),
            (None, (None, None), (None, None), None, Some(fault)) => Choice::Fault(fault),
            _ => {
                return Err(
                    "a choice is `next`, `turn` with `first`, `lags` with `steps`, `actor`, or `fault`"
                        .to_owned(),
                );
            }
        };
        Ok(Deviation { after, choice })
    }
}

impl From<Deviation> for Fields {
    fn from(deviation: Deviation) -> Fields {
        let none = Fields { after: deviation.after, ..Fields::default() };
        match deviation.choice {
            Choice::Next(next) => Fields { next: Some(next), ..none },
            Choice::First { turn, work } => Fields { turn: Some(turn), first: Some(work), ..none },
            Choice::Lags { cache, steps } => Fields { lags: Some(cache), steps: Some(steps), ..none },
            Choice::Turn(actor) => Fields { actor: Some(actor), ..none },
            Choice::Fault(fault) => Fields { fault: Some(fault), ..none },
        }
    }
}

impl JsonSchema for Deviation {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Deviation".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Fields::json_schema(generator)
    }
}
