//! The same scenario with other seeds: what is left to chance (which controller goes first, names, delays) falls
//! otherwise, and sometimes a step ends otherwise.

use crate::api::Version;
use crate::clients::Files;
use crate::error::Error;
use crate::scenario::format::Scenario;
use crate::scenario::report::{Report, StepReport};
use crate::scenario::run::{self, Options};

/// The seeds that are tried.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;

/// A step that ends otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Otherwise {
    /// The first seed with which it does.
    pub seed: u64,
    /// The step's number.
    pub step: String,
    /// How it ends there.
    pub there: Ending,
    /// How it ends here.
    pub here: Ending,
}

/// How a step ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The code, if a request decided.
    pub code: Option<u16>,
    /// The exit code, if a command ran.
    pub exit: Option<i32>,
    /// The refusal's reason.
    pub reason: String,
    /// Who decided.
    pub because: String,
    /// The message.
    pub message: String,
}

/// The steps that end otherwise with one of the seeds, each with the first seed with which it does.
pub(crate) fn otherwise(
    scenario: &Scenario,
    version: Version,
    files: &dyn Files,
    here: &Report,
    options: Options<'_>,
) -> Result<Vec<Otherwise>, Error> {
    let mut found: Vec<Otherwise> = Vec::new();
    // Whether a solution solves is not a matter of chance to be told of here.
    let scenario = Scenario { exercise: None, ..scenario.clone() };
    for seed in SEEDS.filter(|seed| *seed != here.seed) {
        let options = Options { seed: Some(seed), moments: false, ..options };
        let there = run::replay(&scenario, version, options, files)?;
        for (one, other) in flat(&here.steps).into_iter().zip(flat(&there.steps)) {
            let known = found.iter().any(|otherwise| otherwise.step == one.number);
            let (ends, ends_there) = (Ending::of(one), Ending::of(other));
            if !known && ends.differs(&ends_there) {
                found.push(Otherwise { seed, step: one.number.clone(), there: ends_there, here: ends });
            }
        }
    }
    Ok(found)
}

fn flat(steps: &[StepReport]) -> Vec<&StepReport> {
    steps.iter().flat_map(|step| std::iter::once(step).chain(flat(&step.inner))).collect()
}

impl Ending {
    fn of(step: &StepReport) -> Ending {
        let deciding = step.deciding();
        Ending {
            code: step.code(),
            exit: step.output.as_ref().map(|output| output.exit),
            reason: deciding.map(|request| request.reason.clone()).unwrap_or_default(),
            because: deciding.map(|request| request.because.clone()).unwrap_or_default(),
            message: deciding.map(|request| request.message.clone()).unwrap_or_default(),
        }
    }

    /// Names, and so the words of messages, are by chance; the verdict is what counts.
    fn differs(&self, other: &Ending) -> bool {
        let verdict =
            |ending: &Ending| (ending.code, ending.exit, ending.reason.clone(), ending.because.clone());
        verdict(self) != verdict(other)
    }
}
