//! Replaying a scenario: each step on the virtual clock, then whatever follows by itself.

use super::faults::{self, Faults};
use super::format::{Exercise, FlagValue, Scenario};
use super::place::Key;
use super::properties::Properties;
use super::report::{ExerciseReport, Report, StepReport};
pub use super::session::Watch;
use super::session::{Session, set_flags};
use super::spelling;
use super::turns::Turns;
use crate::api::Version;
use crate::clients::Files;
use crate::cluster::{Cluster, Coming, Fresh, START, Steps};
use crate::config::Config;
use crate::error::Error;
use crate::limits::{LAG_SECONDS, NODES, STEPS};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a replay may be told from outside.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Another seed than the scenario's.
    pub seed: Option<u64>,
    /// Whether reports keep the cluster as a refused request found it.
    pub moments: bool,
    /// Where fresh clusters come from that replays have in common; none: each builds its own.
    pub fresh: Option<&'a Fresh>,
    /// Who watches its waits.
    pub watch: Option<&'a (dyn Watch + Sync)>,
}

/// The releases that a scenario is replayed under.
pub fn versions(scenario: &Scenario) -> Vec<Version> {
    let spec = &scenario.cluster;
    let several: Vec<Version> = spec.versions.iter().flat_map(|releases| releases.each()).collect();
    match several.is_empty() {
        true => vec![spec.version.map_or(Version::DEFAULT, |release| release.0)],
        false => several,
    }
}

/// The set-up that a scenario asks for, in one release.
///
/// # Errors
///
/// A flag that is not modelled, its value, or a file that it names.
pub fn config(
    scenario: &Scenario,
    version: Version,
    options: Options<'_>,
    files: &dyn Files,
) -> Result<Config, Error> {
    let spec = &scenario.cluster;
    let mut config = Config::new(version);
    config.use_service_account_credentials = true;
    config.nodes = spec.nodes.unwrap_or(1);
    let of =
        |key, why: String| scenario.source.locate(&[Key::Name("cluster"), Key::Name(key)], Error::new(why));
    NODES.check(config.nodes as u64).map_err(|why| of("nodes", why))?;
    let lag = spec.lag.authorizer.map(|span| span.0.as_secs().unsigned_abs()).unwrap_or_default();
    LAG_SECONDS.check(lag).map_err(|why| of("lag", why))?;
    config.dns = spec.dns.unwrap_or(true);
    config.shuffle = options.seed.is_some();
    config.seed = options.seed.or(spec.seed).unwrap_or_default();
    config.authorizer_lag = spec.lag.authorizer.map(|span| span.0.as_millis() as u64);
    set_flags(&mut config, &spec.flags, files).map_err(|error| of_flags(scenario, version, files, error))?;
    Ok(config)
}

/// An error of the flags, at the one that is wrong by itself, if one is.
fn of_flags(scenario: &Scenario, version: Version, files: &dyn Files, error: Error) -> Error {
    let start = Timestamp::from_second(START).unwrap_or_default();
    let flags = &scenario.cluster.flags;
    let is_wrong = |name: &String, value: &FlagValue| {
        let alone = BTreeMap::from([(name.clone(), value.clone())]);
        let mut config = Config::new(version);
        set_flags(&mut config, &alone, files).and_then(|()| Cluster::new(config, start)).is_err()
    };
    let wrong = flags.iter().find(|(name, value)| is_wrong(name, value));
    let mut keys = vec![Key::Name("cluster"), Key::Name("flags")];
    keys.extend(wrong.map(|(name, _)| Key::Name(name)));
    scenario.source.locate(&keys, error)
}

/// Replays a scenario in one release.
///
/// # Errors
///
/// A mistake in the file: a flag, a line that kubectl does not take, a variable that nothing saved. That a step is not as
/// expected stands in the report.
pub fn replay(
    scenario: &Scenario,
    version: Version,
    options: Options<'_>,
    files: &dyn Files,
) -> Result<Report, Error> {
    let config = config(scenario, version, options, files)?;
    let start = Timestamp::from_second(START).map_err(Error::of)?;
    let (mut report, mut cluster) = play(scenario, config, files, start, options)?;
    report.audit = cluster.config().audit_policy.is_some().then(|| cluster.take_audit());
    Ok(report)
}

/// Replays a scenario in a cluster of that set-up, from an instant on; the cluster is as the last step left it.
///
/// # Errors
///
/// Those of [`replay`].
pub fn play(
    scenario: &Scenario,
    config: Config,
    files: &dyn Files,
    start: Timestamp,
    options: Options<'_>,
) -> Result<(Report, Cluster), Error> {
    let (version, seed) = (config.version, config.seed);
    let mut play = Play::begin(scenario, config, files, start, options)?;
    if let Some(watch) = options.watch {
        play.watched_by(watch);
    }
    if !scenario.schedule.is_empty() {
        faults::check(scenario, play.session.cluster())?;
        play.session.cluster_mut().follow_schedule(scenario.schedule.clone());
    }
    let mut steps = Vec::new();
    while let Some(step) = play.step()? {
        steps.push(step);
    }
    let called = play.turns.steps();
    let mut session = play.session;
    if let Some(index) = session.cluster().missed_deviation() {
        let keys = [Key::Name("schedule"), Key::Item(index)];
        let error = Error::new("schedule: there is no such choice in this replay");
        return Err(scenario.source.locate(&keys, error.hint("`explore` finds which there are")));
    }
    let made = session.cluster().deviations().iter();
    let made: Vec<_> = made.map(|made| (made.deviation.after, made.in_words(&called))).collect();
    for (after, sentence) in &made {
        // What was chosen after the last step is told there.
        let at = (*after).min(steps.len().saturating_sub(1));
        steps.get_mut(at).into_iter().for_each(|step| step.chance.push(sentence.clone()));
    }
    let told: Vec<String> = made.iter().map(|(_, sentence)| format!("schedule: {sentence}")).collect();
    let exercise = scenario.exercise.as_ref().map(|exercise| proven(exercise, &mut session)).transpose()?;
    let report = Report {
        scenario: scenario.scenario.clone(),
        about: scenario.about.clone(),
        version,
        seed,
        notes: [session.notes(), &spelling::notes(scenario, session.cluster()), &told].concat(),
        steps,
        exercise,
        audit: None,
    };
    Ok((report, session.into_cluster()))
}

/// A replay, as far as it has come.
pub(crate) struct Play<'a> {
    scenario: &'a Scenario,
    session: Session<'a>,
    properties: Properties<'a>,
    /// Of each property, whether the step that was done last found the cluster so that it is claimed.
    claimed: Arc<[bool]>,
    turns: Turns<'a>,
    faults: Faults<'a>,
}

impl<'a> Play<'a> {
    /// The cluster, before the first step.
    pub(crate) fn begin(
        scenario: &'a Scenario,
        config: Config,
        files: &'a dyn Files,
        start: Timestamp,
        options: Options<'_>,
    ) -> Result<Play<'a>, Error> {
        let version = config.version;
        let webhooks = scenario.cluster.webhooks.clone();
        let cluster = match options.fresh {
            Some(fresh) => fresh.among(config, start, webhooks),
            None => Cluster::among(config, start, webhooks),
        };
        let cluster = cluster.map_err(|error| of_flags(scenario, version, files, error))?;
        let of_dump = |error| scenario.source.locate(&[Key::Name("cluster"), Key::Name("from")], error);
        let mut session = Session::of(cluster, &scenario.cluster, files, options.moments).map_err(of_dump)?;
        session.written_in(&scenario.source);
        let many = |why| scenario.source.locate(&[Key::Name("steps")], Error::new(why));
        let turns = Turns::new(scenario);
        STEPS.check(turns.steps().len() as u64).map_err(many)?;
        let properties = Properties::of(scenario, session.cluster())?;
        let faults = Faults::of(scenario, session.cluster_mut())?;
        Ok(Play { scenario, session, properties, claimed: Arc::default(), turns, faults })
    }

    /// The same again: what is done there is not done here.
    pub(crate) fn fork(&self) -> Play<'a> {
        Play {
            session: self.session.fork(),
            properties: self.properties.clone(),
            claimed: self.claimed.clone(),
            turns: self.turns.clone(),
            faults: self.faults.clone(),
            ..*self
        }
    }

    /// Somebody watches its waits.
    pub(crate) fn watched_by(&mut self, watch: &'a dyn Watch) {
        self.session.watched_by(watch);
    }

    /// The cluster.
    pub(crate) fn cluster(&self) -> &Cluster {
        self.session.cluster()
    }

    /// The cluster, for whoever says what is left to chance.
    pub(crate) fn cluster_mut(&mut self) -> &mut Cluster {
        self.session.cluster_mut()
    }

    /// Does the next step, and asks how properties hold; none after the last.
    pub(crate) fn step(&mut self) -> Result<Option<StepReport>, Error> {
        let Some(mut report) = self.act()? else { return Ok(None) };
        report.broken = self.ask(&report)?;
        report.failures.extend(report.broken.iter().cloned());
        Ok(Some(report))
    }

    /// Does the next step; none after the last.
    pub(crate) fn act(&mut self) -> Result<Option<StepReport>, Error> {
        let able = self.turns.able();
        let done = self.turns.done();
        let chosen = match able.as_slice() {
            [] | [_] => 0,
            several => {
                let called = several.iter().map(|turn| (turn.actor(), turn.in_words())).collect();
                self.session.cluster_mut().whose_turn(done, called)
            }
        };
        let Some(turn) = able.get(chosen) else { return Ok(None) };
        self.claimed = self.properties.claimed(self.session.cluster())?.into();
        let fault = match self.faults.may_hit(&turn.step.fields) {
            may if may.is_empty() => None,
            may => self.session.cluster_mut().what_fails(done, may),
        };
        let fault = fault.and_then(|number| self.faults.happens(number));
        let known = self.turns.known(turn, self.session.saved());
        let of_all = known.map(|known| self.session.know(known));
        let report = self.session.nth_step(&turn.step.fields, &turn.number, Some(done + 1), fault);
        let mut report = report.map_err(|error| self.scenario.source.at_step(&turn.number, error))?;
        let known = of_all.map(|of_all| self.session.know(of_all));
        self.turns.took(turn, &mut report, known);
        Ok(Some(report))
    }

    /// In which ways the next step may come, the usual first.
    pub(crate) fn comings(&self) -> Vec<Coming> {
        let able = self.turns.able().into_iter().enumerate();
        let ways = able.flat_map(|(turn, of)| {
            let faults = self.faults.may_hit(&of.step.fields).into_iter().map(|(number, _)| Some(number));
            std::iter::once(None).chain(faults).map(move |fault| Coming { turn, fault })
        });
        ways.collect()
    }

    /// How properties are broken, as whoever comes after a step finds the cluster; after the last one, once nothing more happens.
    pub(crate) fn ask(&mut self, report: &StepReport) -> Result<Vec<String>, Error> {
        let mut broken = self.properties.after(self.session.cluster(), report, &self.claimed)?;
        if self.turns.is_over() {
            broken.extend(self.at_the_end()?);
        }
        Ok(broken)
    }

    /// How steps are called.
    pub(crate) fn steps(&self) -> Steps {
        self.turns.steps()
    }

    /// Whether what happens from now on makes no difference to anybody.
    pub(crate) fn is_told(&self) -> bool {
        self.turns.is_over() && self.scenario.properties().next().is_none()
    }

    /// What is known beside the cluster and bears on what comes: which steps are done, what they saved, how properties held.
    pub(crate) fn state(&self) -> impl std::fmt::Debug {
        (self.turns.state(), self.faults.state(), self.session.saved(), &self.properties, &self.claimed)
    }

    /// How `eventually` is broken, once nothing more happens by itself; what happens until then, happens on a fork.
    fn at_the_end(&mut self) -> Result<Vec<String>, Error> {
        if self.scenario.eventually.is_empty() {
            return Ok(Vec::new());
        }
        let mut at_rest = self.session.cluster().fork();
        at_rest.catch_up();
        at_rest.settle();
        self.properties.at_the_end(&at_rest)
    }
}

/// The check alone, which must not pass, and then after the solution.
fn proven(exercise: &Exercise, session: &mut Session<'_>) -> Result<ExerciseReport, Error> {
    let unsolved = session.on_a_fork(|fork| fork.steps(&exercise.check, "check."))?;
    let (mut solution, check) = session.on_a_fork(|fork| {
        let solution = fork.steps(&exercise.solution, "solution.")?;
        Ok::<_, Error>((solution, fork.steps(&exercise.check, "check.")?))
    })?;
    if let (Some(first), true) = (solution.first_mut(), unsolved.iter().all(|step| step.failures.is_empty()))
    {
        first.failures.push("exercise: the check passes before anything is done".to_owned());
    }
    let (task, hint) = (exercise.task.clone(), exercise.hint.clone());
    Ok(ExerciseReport { task, hint, unsolved, solution, check })
}
