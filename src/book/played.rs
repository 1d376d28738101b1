//! A scenario with all that came of it: what a page is rendered from.

use super::shuffle::{self, Otherwise};
use crate::access::{self, Access};
use crate::api::Version;
use crate::authorize::rbac::Index;
use crate::clients::Files;
use crate::cluster::{Cluster, START, Webhooks};
use crate::error::Error;
use crate::explain::source::Written;
use crate::explain::{self, Explanation};
use crate::scenario::agreed;
use crate::scenario::format::Scenario;
use crate::scenario::report::{Report, StepReport};
use crate::scenario::run::{self, Options};
use jiff::Timestamp;

/// A scenario with its replays.
pub(super) struct Played<'a> {
    /// The path of its file.
    pub(super) path: &'a str,
    /// Its text.
    pub(super) text: &'a str,
    /// What it says.
    pub(super) scenario: &'a Scenario,
    /// Its replays, one for all releases that agree.
    pub(super) plays: Vec<Play>,
}

/// A replay in one release, and in those that agree with it.
pub(super) struct Play {
    /// The releases.
    pub(super) releases: Vec<Version>,
    /// What came of it.
    pub(super) report: Report,
    /// The objects that its files hold.
    pub(super) written: Vec<Written>,
    /// Who may do what at the end.
    pub(super) access: Access,
    /// Roles and bindings at the end.
    pub(super) end: Index,
    /// Steps that end otherwise with another seed.
    pub(super) otherwise: Vec<Otherwise>,
}

/// A replay in one release.
pub(super) struct Replay {
    pub(super) report: Report,
    /// Roles and bindings of a fresh cluster, and at the end.
    fresh: Index,
    end: Index,
}

impl Replay {
    pub(super) fn of(
        scenario: &Scenario,
        version: Version,
        files: &dyn Files,
        options: Options<'_>,
    ) -> Result<Replay, Error> {
        let start = Timestamp::from_second(START).map_err(Error::of)?;
        let config = run::config(scenario, version, options, files)?;
        let fresh = match options.fresh {
            Some(fresh) => fresh.among(config.clone(), start, Webhooks::default())?,
            None => Cluster::new(config.clone(), start)?,
        };
        let fresh = fresh.knowledge().rbac().clone();
        let (report, cluster) = run::play(scenario, config, files, start, options)?;
        Ok(Replay { report, fresh, end: cluster.knowledge().rbac().clone() })
    }
}

impl Play {
    pub(super) fn of(
        scenario: &Scenario,
        Replay { report, fresh, end }: Replay,
        releases: Vec<Version>,
        files: &dyn Files,
        written: &[Written],
        options: Options<'_>,
        shuffled: bool,
    ) -> Result<Play, Error> {
        let otherwise = match shuffled {
            true => shuffle::otherwise(scenario, report.version, files, &report, options)?,
            false => Vec::new(),
        };
        let explained: Vec<(&StepReport, Vec<Explanation>)> = report
            .steps
            .iter()
            .map(|step| (step, step.requests.iter().map(explain::uncured).collect()))
            .collect();
        let access = access::build(&fresh, &end, &explained);
        drop(explained);
        Ok(Play { releases, report, written: written.to_vec(), access, end, otherwise })
    }

    /// The releases in a few words: `1.20, 1.24–1.27`.
    pub(super) fn spans(&self) -> String {
        agreed::spans(self.releases.iter().copied())
    }

    /// The first release as part of an id: `v1-36`.
    pub(super) fn id(&self) -> String {
        format!("v{}", self.report.version.to_string().replace('.', "-"))
    }

    /// The id of a step by its number (`3`, `3.1` on a fork, `bob.1` of an actor): `v1-36-step-3-1`.
    pub(super) fn step_id(&self, number: &str) -> String {
        format!("{}-step-{}", self.id(), number.replace('.', "-"))
    }
}
