//! What a playground begins with: a fresh cluster, and the steps of a story.

use crate::api::Version;
use crate::authorize::rbac::Index;
use crate::clients::Files;
use crate::cluster::{Cluster, Fresh, Meter, START};
use crate::error::Error;
use crate::limits::PLAYED;
use crate::scenario::format::{Release, Scenario};
use crate::scenario::report::StepReport;
use crate::scenario::session::Session;
use crate::scenario::{properties, run};
use jiff::Timestamp;
use serde_yaml::Mapping;
use std::sync::Arc;

/// What is around a playground.
#[derive(Clone)]
pub struct World<'a> {
    /// The files that lines and flags may name.
    pub files: &'a dyn Files,
    /// Where fresh clusters come from.
    pub fresh: &'a Fresh,
    /// What one ask comes to.
    pub meter: Meter,
}

impl<'a> World<'a> {
    /// A world of those files.
    pub fn new(files: &'a dyn Files, fresh: &'a Fresh) -> World<'a> {
        World { files, fresh, meter: Meter::new(PLAYED) }
    }
}

/// What is there before the editor's documents.
pub(super) struct Base<'a> {
    pub(super) world: World<'a>,
    /// The scenario, with the steps that come first.
    pub(super) scenario: Arc<Scenario>,
    /// The keys of its text.
    pub(super) head: Arc<Mapping>,
    /// The cluster behind those steps.
    pub(super) session: Session<'a>,
    /// What came of them.
    pub(super) reports: Vec<StepReport>,
    /// Roles and bindings of a fresh cluster.
    pub(super) fresh: Index,
    /// What was left out or assumed.
    pub(super) notes: Vec<String>,
    /// What all of it came to.
    pub(super) work: u64,
}

impl<'a> Base<'a> {
    /// The base of a scenario, in its last release unless one is given.
    pub(super) fn new(
        world: World<'a>,
        scenario: Arc<Scenario>,
        head: Arc<Mapping>,
        version: Option<Version>,
        notes: Vec<String>,
    ) -> Result<Base<'a>, Error> {
        let version = version.or(run::versions(&scenario).last().copied()).unwrap_or(Version::DEFAULT);
        let before = world.meter.done();
        let mut session = begun(&world, &scenario, version)?;
        let fresh = session.cluster().knowledge().rbac().clone();
        let reports = session.steps(&scenario.steps, "")?;
        let notes = if notes.is_empty() { session.notes().to_vec() } else { notes };
        let work = world.meter.done() - before;
        Ok(Base { world, scenario, head, session, reports, fresh, notes, work })
    }

    /// The same in another release, or with another seed.
    pub(super) fn again(&self, version: Version, seed: u64) -> Result<Base<'a>, Error> {
        let mut scenario = Scenario::clone(&self.scenario);
        (scenario.cluster.version, scenario.cluster.versions) = (Some(Release(version)), Vec::new());
        scenario.cluster.seed = Some(seed);
        Base::new(
            self.world.clone(),
            Arc::new(scenario),
            self.head.clone(),
            Some(version),
            self.notes.clone(),
        )
    }

    /// The cluster behind the first so many steps.
    pub(super) fn after(&self, steps: usize) -> Result<Session<'a>, Error> {
        let mut session = begun(&self.world, &self.scenario, self.version())?;
        session.steps(&self.scenario.steps[..steps.min(self.scenario.steps.len())], "")?;
        Ok(session)
    }

    /// The release.
    pub(super) fn version(&self) -> Version {
        self.session.cluster().version()
    }

    /// The seed.
    pub(super) fn seed(&self) -> u64 {
        self.scenario.cluster.seed.unwrap_or_default()
    }

    /// How properties are broken; or why that cannot be asked.
    pub(super) fn broken(&self, cluster: &Cluster) -> Vec<String> {
        properties::broken_now(&self.scenario, cluster)
    }
}

/// The cluster before the first step.
fn begun<'a>(world: &World<'a>, scenario: &Scenario, version: Version) -> Result<Session<'a>, Error> {
    let options = run::Options { seed: None, moments: true, fresh: Some(world.fresh), watch: None };
    let config = run::config(scenario, version, options, world.files)?;
    let start = Timestamp::from_second(START).map_err(Error::of)?;
    let mut cluster = world.fresh.among(config, start, scenario.cluster.webhooks.clone())?;
    cluster.measured_by(&world.meter);
    let mut session = Session::of(cluster, &scenario.cluster, world.files, true)?;
    session.written_in(&scenario.source);
    Ok(session)
}
