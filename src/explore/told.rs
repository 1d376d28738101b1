//! What was found, as data: each ending with its share, its smallest seed, its shortest schedule and its story.

use super::shrink::shrunk;
use super::{Ending, Endings, Explorer, Run, Searched};
use crate::api::Fact;
use crate::cluster::Deviation;
use crate::error::Error;
use crate::scenario::report::StepReport;
use schemars::JsonSchema;
use serde::Serialize;

/// What came of exploring a scenario.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Exploration {
    /// The scenario's name.
    pub scenario: String,
    /// The release.
    pub version: String,
    /// How many schedules were tried, the usual order among them; of a search, how many ways were followed to their end.
    pub runs: u64,
    /// How far a search through all orders came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<Searched>,
    /// The endings, the usual one first, then the most frequent.
    pub endings: Vec<Found>,
}

/// An ending.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Found {
    /// How many runs ended so.
    pub runs: u64,
    /// The smallest seed of them; 0 is the usual order. A search has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The fewest deviations from the usual order that end so.
    pub schedule: Vec<Deviation>,
    /// The same in sentences.
    pub story: Vec<String>,
    /// The steps that end otherwise than in the usual order.
    pub differs: Vec<Differs>,
    /// How properties are broken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
    /// Why no further step could be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// A step that ends otherwise.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Differs {
    /// Its number.
    pub step: String,
    /// What is done.
    pub line: String,
    /// How it ends in the usual order.
    pub usual: Ending,
    /// How it ends here.
    pub here: Ending,
    /// What is said of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What the decision rests on, as whoever decided handed it over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

impl Exploration {
    /// Whether an ending breaks a property.
    pub fn is_broken(&self) -> bool {
        self.endings.iter().any(|found| !found.broken.is_empty())
    }
}

impl Explorer<'_> {
    /// Tells of what was counted; schedules are shrunk here.
    ///
    /// # Errors
    /// A mistake in the file.
    pub fn tell(
        &self,
        scenario: &str,
        endings: Endings,
        search: Option<Searched>,
    ) -> Result<Exploration, Error> {
        let usual = self.usual()?;
        let mut found: Vec<Found> = Vec::new();
        let mut runs = 0;
        for (outcome, reached) in endings.0 {
            runs += reached.runs;
            let (_, _, schedule) = reached.shortest;
            let least = match outcome == usual.outcome {
                true => Vec::new(),
                false => shrunk(self, &outcome, schedule),
            };
            let here = self.follow(&least);
            found.push(Found {
                runs: reached.runs,
                seed: search.is_none().then_some(reached.seed),
                story: here.in_words(),
                differs: differs(&usual, &here),
                broken: here.outcome.steps.iter().flatten().flat_map(|step| &step.broken).cloned().collect(),
                stopped: outcome.stopped,
                schedule: least,
            });
        }
        found.sort_by_key(|found| (!found.schedule.is_empty(), std::cmp::Reverse(found.runs), found.seed));
        Ok(Exploration {
            scenario: scenario.to_owned(),
            version: self.version.to_string(),
            runs,
            search,
            endings: found,
        })
    }
}

fn differs(usual: &Run, here: &Run) -> Vec<Differs> {
    let pairs = usual.outcome.steps.iter().zip(&here.outcome.steps).enumerate();
    let differ = pairs.filter_map(|(place, pair)| match pair {
        (Some(usual), Some(ended)) if usual != ended => {
            let step = here.steps.iter().rfind(|step| step.place == place)?;
            Some(told(usual.clone(), ended.clone(), step))
        }
        _ => None,
    });
    differ.collect()
}

fn told(usual: Ending, here: Ending, step: &StepReport) -> Differs {
    let deciding = step.deciding();
    let decisive = deciding.and_then(|request| request.trace.decisive());
    let said = step.output.as_ref().map(|output| output.stderr.trim_end().to_owned());
    let message = deciding.map(|request| request.message.clone()).filter(|message| !message.is_empty());
    Differs {
        step: step.number.clone(),
        line: step.line.clone(),
        usual,
        here,
        message: message.or(said).unwrap_or_default(),
        facts: decisive.map(|finding| finding.facts.clone()).unwrap_or_default(),
    }
}
