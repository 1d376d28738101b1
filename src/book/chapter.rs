//! A chapter: a scenario that was replayed, as its page.

use super::played::{Play, Played, Replay};
use crate::api::Version;
use crate::clients::Files;
use crate::error::Error;
use crate::explain::source::Written;
use crate::scenario::format::Scenario;
use crate::scenario::report::StepReport;
use crate::scenario::run::{self, Options};
use crate::scenario::snapshot;
use std::collections::BTreeSet;

/// A scenario's page, but for the way to others; what it was made from is given back at once, since a book has many.
pub struct Chapter {
    /// The path of its file.
    pub path: String,
    /// What it says.
    pub scenario: Scenario,
    /// Its replays' releases, those that agree together.
    pub releases: Vec<Vec<Version>>,
    /// How many steps it has.
    pub steps: usize,
    /// Whether a step ends otherwise with another seed.
    pub otherwise: bool,
    /// Whether a step is not as expected.
    pub fails: bool,
    /// What it is found by besides its prose: codes, and who decided.
    pub(super) words: String,
    /// What its page holds.
    pub(super) body: String,
}

impl Chapter {
    /// Replays a scenario in each of its releases.
    ///
    /// # Errors
    ///
    /// Those of [`replay`](crate::scenario::run::replay).
    pub fn play(
        path: &str,
        text: &str,
        scenario: &Scenario,
        files: &dyn Files,
        written: &[Written],
        options: Options<'_>,
    ) -> Result<Chapter, Error> {
        let options = Options { moments: true, ..options };
        let versions = run::versions(scenario);
        // Of releases that agree the first is told, and only its replay is kept.
        let mut groups: Vec<(String, Replay, Vec<Version>)> = Vec::new();
        for version in &versions {
            let replay = Replay::of(scenario, *version, files, options)?;
            let outcome = snapshot::outcome(&replay.report);
            match groups.iter_mut().find(|(known, ..)| *known == outcome) {
                Some((.., releases)) => releases.push(*version),
                None => groups.push((outcome, replay, vec![*version])),
            }
        }
        let mut plays = Vec::new();
        let newest = versions.iter().max();
        for (_, replay, releases) in groups {
            // What another seed would do is told of the newest: it takes as long as all the rest.
            let shuffled = newest.is_some_and(|newest| releases.contains(newest));
            plays.push(Play::of(scenario, replay, releases, files, written, options, shuffled)?);
        }
        let played = Played { path, text, scenario, plays };
        let all = || played.plays.iter().flat_map(|play| play.report.all());
        let words: BTreeSet<String> = all()
            .filter_map(StepReport::deciding)
            .flat_map(|request| [request.code.to_string(), request.because.clone(), request.reason.clone()])
            .collect();
        Ok(Chapter {
            path: path.to_owned(),
            scenario: scenario.clone(),
            releases: played.plays.iter().map(|play| play.releases.clone()).collect(),
            steps: played.plays.first().map_or(0, |play| play.report.steps.len()),
            otherwise: played.plays.iter().any(|play| !play.otherwise.is_empty()),
            fails: all().any(|step| !step.failures.is_empty()),
            words: words.into_iter().collect::<Vec<_>>().join(" ").trim().to_owned(),
            body: super::scenario::body(&played).into_string(),
        })
    }

    /// Where its page lies in the book: `lessons/01-who-are-you.html`.
    pub fn page(&self) -> String {
        format!("{}.html", self.place())
    }

    /// The folder below the scenarios; empty for the topmost.
    pub fn folder(&self) -> String {
        self.place().rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
    }

    fn place(&self) -> String {
        let below = self.path.rsplit_once("scenarios/").map_or(self.path.as_str(), |(_, below)| below);
        let parts = below.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
        let place = parts.collect::<Vec<_>>().join("/");
        place.trim_end_matches(".yaml").trim_end_matches(".yml").to_owned()
    }
}
