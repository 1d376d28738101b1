//! What one machine found of its part of the seeds, as lines of JSON, and the parts of several joined.
//!
//! A report is a line about what was explored (`report`), and one for each ending (`ending`): how many runs, the smallest seed,
//! and the shortest schedule so far. That is all that [joining](Endings::join) needs, so that what is told of joined reports are
//! the bytes of one machine that has drawn all seeds. Reports may follow each other in one file, as those of several releases
//! and the logs of several pods do.
//!
//! A report is believed no further than it can be held against the scenario: the runs of all endings are as many as the part
//! has seeds, and the seeds that it names end so here, too.

use super::{Ending, Endings, Explorer, Outcome, Reached, Shard};
use crate::cluster::Deviation;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is explored, and by what: the same for all parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The version of this program.
    pub kubeverdict: String,
    /// The scenario's name.
    pub scenario: String,
    /// A hash of its text and of all that it reads.
    pub digest: String,
}

impl Subject {
    /// A scenario, explored by this program.
    pub fn new(scenario: &str, digest: String) -> Subject {
        let kubeverdict = env!("CARGO_PKG_VERSION").to_owned();
        Subject { kubeverdict, scenario: scenario.to_owned(), digest }
    }

    /// Whether it is the same.
    fn check(&self, wanted: &Subject) -> Result<(), Error> {
        let Subject { kubeverdict, scenario, digest } = self;
        if *kubeverdict != wanted.kubeverdict {
            let own = &wanted.kubeverdict;
            return Err(Error::new(format!("a report of kubeverdict {kubeverdict}, and this is {own}")));
        }
        if *scenario != wanted.scenario {
            let own = &wanted.scenario;
            return Err(Error::new(format!("a report of the scenario `{scenario}`, and this is `{own}`")));
        }
        if *digest != wanted.digest {
            let other = "another text, or with other files that it reads";
            return Err(Error::new(format!("a report of the scenario `{scenario}` with {other}")));
        }
        Ok(())
    }
}

/// What was explored: a part of it, in one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Of what.
    #[serde(flatten)]
    pub subject: Subject,
    /// The release of Kubernetes.
    pub release: String,
    /// How many seeds there are in all.
    pub seeds: u64,
    /// Which of them were drawn.
    pub shard: Shard,
}

/// A report of one release.
#[derive(Clone, Debug)]
pub struct Report {
    /// The file that it stands in.
    path: String,
    about: About,
    endings: Vec<(Outcome, Reached)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Report(About),
    Ending(Told),
}

/// An ending as a line tells it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    runs: u64,
    seed: u64,
    shortest: Shortest,
    steps: Vec<Option<Ending>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
}

/// The shortest schedule so far, and its seed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shortest {
    seed: u64,
    schedule: Vec<Deviation>,
}

/// What was found, as the lines of a report.
///
/// # Errors
/// None that is known: all of it can be written.
pub fn written(about: &About, endings: &Endings) -> Result<String, Error> {
    let told = endings.0.iter().map(|(outcome, reached)| {
        let (_, seed, schedule) = reached.shortest.clone();
        let shortest = Shortest { seed, schedule };
        let Outcome { steps, stopped } = outcome.clone();
        Line::Ending(Told { runs: reached.runs, seed: reached.seed, shortest, steps, stopped })
    });
    let lines = std::iter::once(Line::Report(about.clone())).chain(told);
    lines.map(|line| Ok(serde_json::to_string(&line).map_err(Error::of)? + "\n")).collect()
}

impl Report {
    /// Reads the reports of a file, which are to be about the same scenario by the same program as `wanted`.
    ///
    /// # Errors
    /// What is wrong, with the file and the line.
    pub fn read(path: &str, text: &str, wanted: &Subject) -> Result<Vec<Report>, Error> {
        let mut reports: Vec<Report> = Vec::new();
        let last = text.lines().count();
        for (number, line) in (1..).zip(text.lines()) {
            match serde_json::from_str(line) {
                Ok(Line::Report(about)) => {
                    about.subject.check(wanted).map_err(|error| error.in_file(path))?;
                    reports.push(Report { path: path.to_owned(), about, endings: Vec::new() });
                }
                Ok(Line::Ending(told)) => match reports.last_mut() {
                    Some(report) => report.endings.push(told.read()),
                    None => {
                        return Err(
                            Error::new("an ending without the line above it that says of what").in_file(path)
                        );
                    }
                },
                Err(_) if number == last && !text.ends_with('\n') => {
                    return Err(Error::new(format!("line {number}, the last, is half-written"))
                        .in_file(path)
                        .hint(
                            "whoever wrote it was interrupted, or the file is not all here: write it again",
                        ));
                }
                Err(error) => {
                    return Err(
                        Error::new(format!("line {number} is none of a report: {error}")).in_file(path)
                    );
                }
            }
        }
        if reports.is_empty() {
            return Err(Error::new("there is no report in it").in_file(path));
        }
        reports.iter().try_for_each(Report::check)?;
        Ok(reports)
    }

    /// The release that it is about.
    pub fn release(&self) -> &str {
        &self.about.release
    }

    /// The file that it stands in.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is whole.
    fn check(&self) -> Result<(), Error> {
        let About { seeds, shard, .. } = self.about;
        let runs = self.endings.iter().fold(0_u64, |runs, (_, reached)| runs.saturating_add(reached.runs));
        if runs != shard.count(seeds) {
            let of = shard.count(seeds);
            return Err(Error::new(format!(
                "part {shard} has {of} seeds, and its endings tell of {runs} runs"
            ))
            .in_file(&self.path)
            .hint("lines are missing, or there twice: write it again"));
        }
        let named = self.endings.iter().flat_map(|(_, reached)| [reached.seed, reached.shortest.1]);
        match named.into_iter().find(|seed| !shard.has(*seed, seeds)) {
            Some(seed) => Err(Error::new(format!("seed {seed} is none of part {shard}")).in_file(&self.path)),
            None => Ok(()),
        }
    }

    /// Whether the seeds that it names end here as it says.
    fn replay(&self, explorer: &Explorer<'_>) -> Result<(), Error> {
        for (outcome, reached) in &self.endings {
            let (_, shortest, schedule) = &reached.shortest;
            let run = explorer.draw(*shortest)?;
            let agrees = run.outcome == *outcome && run.schedule() == *schedule;
            let other = (reached.seed != *shortest).then(|| explorer.draw(reached.seed)).transpose()?;
            if !agrees || other.is_some_and(|other| other.outcome != *outcome) {
                let seed = if agrees { reached.seed } else { *shortest };
                return Err(Error::new(format!("seed {seed} ends otherwise here"))
                    .in_file(&self.path)
                    .hint("another build of the same version wrote it: take one build for all parts"));
            }
        }
        Ok(())
    }
}

impl Told {
    fn read(self) -> (Outcome, Reached) {
        let Told { runs, seed, shortest: Shortest { seed: of, schedule }, steps, stopped } = self;
        (Outcome { steps, stopped }, Reached { runs, seed, shortest: (schedule.len(), of, schedule) })
    }
}

impl Explorer<'_> {
    /// What all machines together found in this release, if each part is there once; the order of the reports is all the same.
    ///
    /// # Errors
    /// A part that is missing or there twice, parts of different wholes, and what doesn't end here as a report says.
    pub fn merge(&self, reports: &[Report]) -> Result<Endings, Error> {
        let release = self.version.to_string();
        let own = || reports.iter().filter(|report| report.about.release == release);
        let Some(first) = own().next() else {
            return Err(Error::new(format!("no report of Kubernetes {release}")));
        };
        let (seeds, of) = (first.about.seeds, first.about.shard.of());
        let mut parts: BTreeMap<Shard, &Report> = BTreeMap::new();
        for report in own() {
            let about = &report.about;
            if (about.seeds, about.shard.of()) != (seeds, of) {
                return Err(Error::new(format!(
                    "part {} of {} seeds, and {} has part {} of {seeds}",
                    about.shard, about.seeds, first.path, first.about.shard
                ))
                .in_file(&report.path));
            }
            if let Some(there) = parts.insert(about.shard, report) {
                let shard = about.shard;
                return Err(Error::new(format!(
                    "part {shard} of Kubernetes {release} is there already, in {}",
                    there.path
                ))
                .in_file(&report.path));
            }
        }
        if let Some(missing) = Shard::all(of).find(|shard| !parts.contains_key(shard)) {
            return Err(Error::new(format!("part {missing} of Kubernetes {release} is missing"))
                .hint(format!("`explore --seeds {seeds} --shard {missing} --report FILE` writes it")));
        }
        let mut endings = Endings::default();
        for report in parts.into_values() {
            report.replay(self)?;
            report.endings.iter().cloned().for_each(|(outcome, reached)| endings.reached(outcome, reached));
        }
        Ok(endings)
    }
}
