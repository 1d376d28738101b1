//! A session: a cluster, and whoever types at it. What `run` replays and what `shell` is typed both go this way.

mod acts;

use super::format::{ClusterSpec, FlagValue, Save, Step, StepFields};
use super::judge;
use super::person::Identity;
use super::place::Source;
use super::report::{self, StepReport, StepResult};
use super::seed;
use super::variables::Variables;
use crate::api::Dig;
use crate::clients::{Files, Output};
use crate::cluster::{Cluster, Exchange, Fault, Patience};
use crate::config::Config;
use crate::error::Error;
use crate::json::Value;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whoever watches a wait, and may end it.
pub trait Watch {
    /// Whether it goes on, with how much of it has passed.
    fn goes_on(&self, passed: SignedDuration, of: SignedDuration) -> bool;
}

/// What asked for something: a line, or where it has several the first of them.
fn asked(line: &str) -> String {
    let mut lines = line.trim_end().lines();
    let first = lines.next().unwrap_or_default();
    format!("`{first}{}`", if lines.next().is_some() { " …" } else { "" })
}

/// A cluster with what was saved of the steps so far.
pub(crate) struct Session<'a> {
    files: &'a dyn Files,
    cluster: Cluster,
    began: Timestamp,
    saved: Variables,
    source: Arc<Source>,
    notes: Arc<[String]>,
    watch: Option<&'a dyn Watch>,
}

/// What a step came to, before it is reported.
#[derive(Default)]
pub(super) struct Done {
    line: String,
    who: String,
    pub(super) exchanges: Vec<Exchange>,
    /// How many of them are of a first time whose answers were lost.
    pub(super) lost: usize,
    output: Option<Output>,
    inner: Vec<StepReport>,
    /// How long was waited.
    waited: Option<SignedDuration>,
    /// The headers by which a raw request says who sends it.
    headers: Vec<String>,
}

impl<'a> Session<'a> {
    /// A fresh cluster in the world outside of a scenario. With `moments`, reports keep the cluster as a refused request found it.
    pub(crate) fn new(
        config: Config,
        outside: &ClusterSpec,
        start: Timestamp,
        files: &'a dyn Files,
        moments: bool,
    ) -> Result<Session<'a>, Error> {
        let cluster = Cluster::among(config, start, outside.webhooks.clone())?;
        Session::of(cluster, outside, files, moments)
    }

    /// The same with a cluster that is fresh already.
    pub(crate) fn of(
        mut cluster: Cluster,
        outside: &ClusterSpec,
        files: &'a dyn Files,
        moments: bool,
    ) -> Result<Session<'a>, Error> {
        cluster.change_issuers(&outside.issuers);
        let notes = seed::fill(&mut cluster, outside, files)?;
        if moments {
            cluster.keep_moments();
        }
        let began = cluster.now();
        Ok(Session {
            files,
            cluster,
            began,
            saved: Variables::default(),
            source: Arc::default(),
            notes: notes.into(),
            watch: None,
        })
    }

    /// Somebody watches its waits from now on.
    pub(crate) fn watched_by(&mut self, watch: &'a dyn Watch) {
        self.watch = Some(watch);
    }

    /// What of its dump was left out or assumed.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Where its steps are written, for errors.
    pub(crate) fn written_in(&mut self, source: &Arc<Source>) {
        self.source = source.clone();
    }

    /// The same again: what is done there is not done here.
    pub(crate) fn fork(&self) -> Session<'a> {
        let (saved, source, notes) = (self.saved.clone(), self.source.clone(), self.notes.clone());
        Session { cluster: self.cluster.fork(), saved, source, notes, ..*self }
    }

    /// The cluster.
    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The cluster, for whoever says what is left to chance.
    pub(crate) fn cluster_mut(&mut self) -> &mut Cluster {
        &mut self.cluster
    }

    /// The cluster, at the end.
    pub(crate) fn into_cluster(self) -> Cluster {
        self.cluster
    }

    /// How much virtual time has passed.
    pub(crate) fn passed(&self) -> SignedDuration {
        self.cluster.now().duration_since(self.began)
    }

    /// What later steps may call `$NAME`.
    pub(crate) fn saved(&self) -> &Variables {
        &self.saved
    }

    /// What later steps may call `$NAME` from now on: what they could so far.
    pub(super) fn know(&mut self, saved: Variables) -> Variables {
        std::mem::replace(&mut self.saved, saved)
    }

    /// Does steps in order; `prefix` is what their numbers begin with.
    pub(crate) fn steps(&mut self, steps: &[Step], prefix: &str) -> Result<Vec<StepReport>, Error> {
        let mut reports = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let number = format!("{prefix}{}", index + 1);
            let report = self.step(&step.fields, &number);
            reports.push(report.map_err(|error| self.source.at_step(&number, error))?);
        }
        Ok(reports)
    }

    /// Does something of which nothing remains.
    pub(crate) fn on_a_fork<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.fork();
        let done = act(self);
        *self = before;
        done
    }

    /// Does a step, and says what came of it.
    pub(crate) fn step(&mut self, fields: &StepFields, number: &str) -> Result<StepReport, Error> {
        self.nth_step(fields, number, number.parse().ok(), None)
    }

    /// The same with a step of that number that is the how-manieth to be done, none on a fork; and with what goes wrong.
    pub(super) fn nth_step(
        &mut self,
        fields: &StepFields,
        number: &str,
        nth: Option<usize>,
        fault: Option<&Fault>,
    ) -> Result<StepReport, Error> {
        let identity = self.identity(fields.by.as_ref(), Identity::admin())?;
        let at = [self.began, self.cluster.now()];
        let done = self.act_under(fault, fields, identity, number)?;
        let patience = match fields.settle {
            Some(true) => Patience::Full,
            None => Patience::Usual,
            Some(false) => Patience::None,
        };
        self.cluster.end_step(nth, patience);
        if let Some(meter) = self.cluster.meter() {
            meter.check(&asked(&done.line))?;
        }
        let afterwards = self.cluster.take_journal();
        let output = done.output.as_ref();
        let ends = match output {
            Some(output) => output.ends.iter().map(|end| end.behind(done.lost)).collect(),
            // Raw requests stand alone.
            None => (done.lost..done.exchanges.len()).map(report::raw).collect(),
        };
        let mut report = report::step(number, fields, at, &done.exchanges, output, afterwards);
        report.ends = ends;
        if let Some(save) = &fields.save {
            self.save(save, &mut report)?;
        }
        report.line = done.line;
        report.who = done.who;
        report.inner = done.inner;
        report.waited = done.waited;
        report.headers = done.headers;
        let wanted = fields.expect.as_ref().and_then(|expect| expect.of(self.cluster.version()));
        let wanted = wanted.map(|wanted| self.saved.wanted(wanted)).transpose()?;
        report.failures = judge::failures(&report, wanted.as_ref(), fields.because.as_deref());
        Ok(report)
    }

    /// Keeps what a step printed or was answered.
    ///
    /// Where there is nothing to keep, later steps that name it are in error; but where the step failed, that is what is
    /// told, and they go on with an empty text.
    fn save(&mut self, save: &Save, report: &mut StepReport) -> Result<(), Error> {
        let StepResult { exit, code, .. } = report.result();
        let failed = exit.is_some_and(|exit| exit != 0) || code.is_some_and(|code| code >= 400);
        let mut keep = |name: &String, text: Option<&str>| match text.filter(|text| !text.is_empty()) {
            None if !failed => Ok(()),
            text => self.saved.save(name, text.unwrap_or_default().to_owned()),
        };
        match (save, &report.output) {
            (Save::Printed(name), Some(output)) => keep(name, Some(output.stdout.trim_end()))?,
            (Save::Printed(_), None) => {
                return Err(Error::new("nothing is printed that could be saved")
                    .hint("of an answer, save fields: `save: {NAME: status.token}`"));
            }
            (Save::Fields(paths), _) => {
                let mut shown = BTreeMap::new();
                for (name, path) in paths {
                    let field = report.deciding().map_or(&Value::Null, |request| request.field(path));
                    let text = field.shown();
                    keep(name, Some(text.as_str()).filter(|_| !field.is_null()))?;
                    shown.insert(name.clone(), text);
                }
                report.saved = shown;
            }
        }
        Ok(())
    }
}

/// Flags that name files to write: only whoever types `serve` says where.
const WRITTEN: [&str; 1] = ["audit-log-path"];

/// Sets flags, with the files that they name.
pub(super) fn set_flags(
    config: &mut Config,
    flags: &BTreeMap<String, FlagValue>,
    files: &dyn Files,
) -> Result<(), Error> {
    let words: Vec<(String, String)> = flags
        .iter()
        .flat_map(|(name, value)| value.words().into_iter().map(move |word| (name.clone(), word)))
        .collect();
    if let Some((name, value)) = words.iter().find(|(name, _)| WRITTEN.contains(&name.as_str())) {
        let why = format!("`{name}: {value}` is a path of a server's, and nothing is served here");
        return Err(Error::new(why).hint("take it out, and say where logs go by `run --audit-log DIR`"));
    }
    let read = |path: &str| {
        let read = match files.names(path) {
            Some(names) => names.map(|names| names.join("\n")),
            None => files.read(path),
        };
        read.map(String::into_bytes).map_err(|why| std::io::Error::other(format!("{path}: {why}")))
    };
    config.apply(words.iter().map(|(name, value)| (name.as_str(), value.as_str())), &read)
}
