//! Where a run leaves the usual order: a run is a scenario and a list of these, and the same list is the same run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One choice that fell otherwise than usual.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Deviation {
    /// After which step, by number.
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
}

/// When the next step comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
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

/// A deviation as a scenario's file has it: `next`, `turn` with `first`, or `lags` with `steps`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// After which step, by number.
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
}

impl TryFrom<Fields> for Deviation {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Deviation, String> {
        let Fields { after, next, turn, first, lags, steps } = fields;
        let choice = match (next, turn, first, lags, steps) {
            (Some(next), None, None, None, None) => Choice::Next(next),
            (None, Some(turn), Some(work), None, None) => Choice::First { turn, work },
            (None, None, None, Some(cache), Some(steps)) => Choice::Lags { cache, steps },
            _ => return Err("a choice is `next`, `turn` with `first`, or `lags` with `steps`".to_owned()),
        };
        Ok(Deviation { after, choice })
    }
}

impl From<Deviation> for Fields {
    fn from(deviation: Deviation) -> Fields {
        let none =
            Fields { after: deviation.after, next: None, turn: None, first: None, lags: None, steps: None };
        match deviation.choice {
            Choice::Next(next) => Fields { next: Some(next), ..none },
            Choice::First { turn, work } => Fields { turn: Some(turn), first: Some(work), ..none },
            Choice::Lags { cache, steps } => Fields { lags: Some(cache), steps: Some(steps), ..none },
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

/// A deviation that happened, and what would have been usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What was chosen.
    pub deviation: Deviation,
    /// What was to go first, or what had not happened when the next step came.
    pub before: Vec<String>,
}

/// How many works a sentence names.
const NAMED: usize = 3;

impl Made {
    /// What happened in a scenario of so many steps, in a sentence.
    pub fn in_words(&self, of: usize) -> String {
        let Deviation { after, choice } = &self.deviation;
        let next = after + 1;
        match choice {
            Choice::Next(Next::AtRest(_)) => {
                format!("step {next} came when nothing more followed from step {after} by itself")
            }
            Choice::Next(Next::After(_)) if self.before.is_empty() => {
                format!("step {next} came before caches had heard of what step {after} wrote")
            }
            Choice::Next(Next::After(_)) => format!("step {next} came before {}", self.named()),
            Choice::First { work, .. } => format!("after step {after}, {work} went before {}", self.named()),
            Choice::Lags { cache, steps } => {
                let who = match cache {
                    Caching::Authorizer => "the authorizer had",
                    Caching::Controllers => "admission plugins and controllers had",
                };
                let until = match steps {
                    steps if *steps < 2 || next >= of => format!("when step {next} came"),
                    steps => format!("when steps {next} to {} came", of.min(after + steps)),
                };
                format!("{who} not heard of what step {after} wrote, {until}")
            }
        }
    }

    fn named(&self) -> String {
        match self.before.split_at_checked(NAMED) {
            Some((named, rest)) if !rest.is_empty() => {
                format!("{} and {} more", named.join(", "), rest.len())
            }
            _ => self.before.join(", "),
        }
    }
}
