//! A scenario with all that came of it: what a page is rendered from.

use super::shuffle::{self, Otherwise};
use crate::access::{self, Access};
use crate::api::Version;
use crate::authorize::rbac::Index;
use crate::clients::Files;
use crate::cluster::{Cluster, START};
use crate::error::Error;
use crate::explain::source::Written;
use crate::explain::{self, Explanation};
use crate::scenario::format::Scenario;
use crate::scenario::report::{Report, StepReport};
use crate::scenario::run::{self, Options};
use crate::scenario::{agreed, snapshot};
use jiff::Timestamp;

/// A scenario with its replays.
pub struct Chapter {
    /// The path of its file.
    pub path: String,
    /// Its text.
    pub text: String,
    /// What it says.
    pub scenario: Scenario,
    /// Its replays, one for all releases that agree.
    pub plays: Vec<Play>,
}

/// A replay in one release, and in those that agree with it.
pub struct Play {
    /// The releases.
    pub releases: Vec<Version>,
    /// What came of it.
    pub report: Report,
    /// The objects that its files hold.
    pub written: Vec<Written>,
    /// Who may do what at the end.
    pub access: Access,
    /// Roles and bindings at the end.
    pub end: Index,
    /// Steps that end otherwise with another seed.
    pub otherwise: Vec<Otherwise>,
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
        let replay = |version| run::replay(scenario, version, options, files);
        let reports: Vec<Report> =
            run::versions(scenario).into_iter().map(replay).collect::<Result<_, Error>>()?;
        let reports: Vec<&Report> = reports.iter().collect();
        let mut plays = Vec::new();
        for (_, agreed) in agreed::agreed(&reports, snapshot::outcome) {
            let releases: Vec<Version> = agreed.iter().map(|report| report.version).collect();
            plays.push(Play::of(scenario, releases, files, written, options)?);
        }
        Ok(Chapter { path: path.to_owned(), text: text.to_owned(), scenario: scenario.clone(), plays })
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

impl Play {
    fn of(
        scenario: &Scenario,
        releases: Vec<Version>,
        files: &dyn Files,
        written: &[Written],
        options: Options<'_>,
    ) -> Result<Play, Error> {
        let version = releases.first().copied().unwrap_or(Version::DEFAULT);
        let start = Timestamp::from_second(START).map_err(Error::of)?;
        let options = Options { moments: true, ..options };
        let config = run::config(scenario, version, options, files)?;
        let fresh = Cluster::new(config.clone(), start)?.knowledge().rbac().clone();
        let (report, cluster) = run::play(scenario, config, files, start, options)?;
        let end = cluster.knowledge().rbac().clone();
        let otherwise = shuffle::otherwise(scenario, version, files, &report, options)?;
        let explained: Vec<(&StepReport, Vec<Explanation>)> = report
            .steps
            .iter()
            .map(|step| (step, step.requests.iter().map(explain::uncured).collect()))
            .collect();
        let access = access::build(&fresh, &end, &explained);
        Ok(Play { releases, report, written: written.to_vec(), access, end, otherwise })
    }

    /// The releases in a few words: `1.20, 1.24–1.27`.
    pub fn spans(&self) -> String {
        agreed::spans(self.releases.iter().copied())
    }

    /// The first release as part of an id: `v1-36`.
    pub fn id(&self) -> String {
        format!("v{}", self.report.version.to_string().replace('.', "-"))
    }
}
