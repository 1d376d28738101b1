//! Other orders of the same events: a scenario replayed under many schedules, its endings, and the shortest way to each.
//!
//! The usual order is seed 0. Every other seed draws what a real cluster leaves to chance: when the next step comes, which of
//! the works goes first that are due together, how long caches hear of nothing; which actor comes, and what goes wrong of what the
//! scenario says may go wrong. Names, uids and keys stay the scenario's own,
//! so that runs differ in their order alone. No threads here: whoever has several [explores](Explorer::draw) seeds side by
//! side and [joins](Endings::join) what came of them, to the same bytes however they were dealt out: to threads, or to machines
//! that each draw a [part](Shard) of the seeds and write a [report](Report).

mod counterexample;
mod outcome;
mod report;
mod search;
mod shard;
mod shrink;
#[cfg(test)]
mod tests;
mod told;

pub use counterexample::counterexample;
pub use outcome::{Ending, Outcome};
pub use report::{About, Report, Subject, written};
pub use search::{Bounds, Searched};
pub use shard::Shard;
pub use told::{Differs, Exploration, Found};

use crate::api::Version;
use crate::clients::Files;
use crate::cluster::{Cluster, Deviation, Fresh, Made, Meter, START, Steps};
use crate::error::Error;
use crate::scenario::format::Scenario;
use crate::scenario::report::StepReport;
use crate::scenario::run::{self, Options, Play, Watch};
use crate::yaml::Key;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A scenario whose cluster stands, to be replayed from there in any order.
pub struct Explorer<'a> {
    prepared: Play<'a>,
    version: Version,
}

/// One replay.
pub struct Run {
    /// How it ended.
    pub outcome: Outcome,
    /// What fell otherwise than usual.
    pub made: Vec<Made>,
    /// The steps that were done.
    pub steps: Vec<StepReport>,
    /// How they are called.
    called: Steps,
}

impl Run {
    /// What fell otherwise than usual, in sentences.
    fn in_words(&self) -> Vec<String> {
        self.made.iter().map(|made| made.in_words(&self.called)).collect()
    }

    /// What fell otherwise than usual, as a list that can be followed.
    pub fn schedule(&self) -> Vec<Deviation> {
        self.made.iter().map(|made| made.deviation.clone()).collect()
    }
}

impl<'a> Explorer<'a> {
    /// Prepares the cluster of a scenario in one release.
    ///
    /// # Errors
    /// A mistake in the file, and a schedule that it has already.
    pub fn new(
        scenario: &'a Scenario,
        version: Version,
        files: &'a dyn Files,
        fresh: &Fresh,
    ) -> Result<Explorer<'a>, Error> {
        if !scenario.schedule.is_empty() {
            let error = Error::new("the scenario has a schedule, which is one order")
                .hint("`run` replays it; take `schedule` out to explore others");
            return Err(scenario.source.locate(&[Key::Name("schedule")], error));
        }
        let options = Options { fresh: Some(fresh), ..Options::default() };
        let config = run::config(scenario, version, options, files)?;
        let start = Timestamp::from_second(START).map_err(Error::of)?;
        Ok(Explorer { prepared: Play::begin(scenario, config, files, start, options)?, version })
    }

    /// Counts, from now on, what all replays come to.
    pub fn measured_by(&mut self, meter: &Meter) {
        self.prepared.cluster_mut().measured_by(meter);
    }

    /// Somebody watches its waits.
    pub fn watched_by(&mut self, watch: &'a dyn Watch) {
        self.prepared.watched_by(watch);
    }

    /// Replays under a seed's schedule; seed 0 is the usual order.
    ///
    /// # Errors
    /// A mistake in the file, which shows in the usual order.
    pub fn draw(&self, seed: u64) -> Result<Run, Error> {
        match seed {
            0 => self.usual(),
            seed => Ok(self.run(|cluster| cluster.draw_schedule(seed)).0),
        }
    }

    /// Replays in the usual order.
    fn usual(&self) -> Result<Run, Error> {
        match self.run(|cluster| cluster.follow_schedule(Vec::new())) {
            (_, Some(error)) => Err(error),
            (run, None) => Ok(run),
        }
    }

    /// Replays under a schedule; what of it doesn't come up is left out.
    pub fn follow(&self, schedule: &[Deviation]) -> Run {
        self.run(|cluster| cluster.follow_schedule(schedule.to_vec())).0
    }

    fn run(&self, choose: impl FnOnce(&mut Cluster)) -> (Run, Option<Error>) {
        let mut play = self.prepared.fork();
        choose(play.cluster_mut());
        let mut steps = Vec::new();
        let stopped = loop {
            match play.step() {
                Ok(Some(step)) => steps.push(step),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        let made = play.cluster().deviations().to_vec();
        let (outcome, called) = (Outcome::of(&steps, stopped.as_ref()), play.steps());
        (Run { outcome, made, steps, called }, stopped)
    }
}

/// How often a scenario ended how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endings(BTreeMap<Outcome, Reached>);

/// By which seeds an outcome was reached.
#[derive(Clone, Debug, PartialEq)]
struct Reached {
    runs: u64,
    /// The smallest.
    seed: u64,
    /// The shortest schedule so far, and its seed: of equals, the smallest seed's.
    shortest: (usize, u64, Vec<Deviation>),
}

impl Endings {
    /// Counts a run.
    pub fn add(&mut self, seed: u64, run: &Run) {
        let schedule = run.schedule();
        let shortest = (schedule.len(), seed, schedule);
        self.reached(run.outcome.clone(), Reached { runs: 1, seed, shortest });
    }

    /// Takes over what others counted.
    pub fn join(&mut self, other: Endings) {
        other.0.into_iter().for_each(|(outcome, reached)| self.reached(outcome, reached));
    }

    fn reached(&mut self, outcome: Outcome, new: Reached) {
        match self.0.get_mut(&outcome) {
            None => drop(self.0.insert(outcome, new)),
            Some(known) => {
                known.runs += new.runs;
                known.seed = known.seed.min(new.seed);
                if new.shortest < known.shortest {
                    known.shortest = new.shortest;
                }
            }
        }
    }
}
