//! Replaying a scenario: each step on the virtual clock, then whatever follows by itself.

use super::client::{Client, Files, Output};
use super::format::{Exercise, FlagValue, RawRequest, Save, Scenario, Step, StepFields, Who};
use super::inside::{self, Inside};
use super::kubectl::{Session, check, kubectl};
use super::person::{Exchange, Identity, Person};
use super::report::{self, ExerciseReport, Report, StepReport};
use super::shell;
use crate::api::{Dig, Request, Version, resources};
use crate::cluster::{Cluster, START};
use crate::config::Config;
use crate::error::Error;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a replay may be told from outside.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Another seed than the scenario's.
    pub seed: Option<u64>,
    /// Whether reports keep the cluster as a refused request found it.
    pub moments: bool,
}

/// The releases that a scenario is replayed under.
pub fn versions(scenario: &Scenario) -> Vec<Version> {
    let spec = &scenario.cluster;
    let several: Vec<Version> = spec.versions.iter().map(|release| release.0).collect();
    match several.is_empty() {
        true => vec![spec.version.map_or(Version::NEWEST, |release| release.0)],
        false => several,
    }
}

/// The set-up that a scenario asks for, in one release.
pub fn config(
    scenario: &Scenario,
    version: Version,
    options: Options,
    files: &dyn Files,
) -> Result<Config, Error> {
    let spec = &scenario.cluster;
    let mut config = Config::new(version);
    config.use_service_account_credentials = true;
    config.nodes = spec.nodes.unwrap_or(1);
    config.dns = spec.dns.unwrap_or(true);
    config.shuffle = options.seed.is_some();
    config.seed = options.seed.or(spec.seed).unwrap_or_default();
    config.authorizer_lag = spec.lag.authorizer.map(|span| span.0.as_millis() as u64);
    apply(&mut config, &spec.flags, files)?;
    Ok(config)
}

fn apply(config: &mut Config, flags: &BTreeMap<String, FlagValue>, files: &dyn Files) -> Result<(), Error> {
    let words: Vec<(String, String)> = flags
        .iter()
        .flat_map(|(name, value)| value.words().into_iter().map(move |word| (name.clone(), word)))
        .collect();
    let read = |path: &str| files.read(path).map(String::into_bytes).map_err(std::io::Error::other);
    config.apply(words.iter().map(|(name, value)| (name.as_str(), value.as_str())), &read)
}

/// Replays a scenario in one release.
pub fn replay(
    scenario: &Scenario,
    version: Version,
    options: Options,
    files: &dyn Files,
) -> Result<Report, Error> {
    let config = config(scenario, version, options, files)?;
    let start = Timestamp::from_second(START).map_err(|error| Error::new(error.to_string()))?;
    let (mut report, mut cluster) = play(scenario, config, files, start, options)?;
    if let Some(path) = &cluster.config().audit_log_path {
        let why = format!("`audit-log-path: {path}` is a path of a server's, and nothing is served here");
        return Err(Error::new(why).hint("take it out, and say where logs go by `run --audit-log DIR`"));
    }
    report.audit = cluster.config().audit_policy.is_some().then(|| cluster.take_audit());
    Ok(report)
}

/// Replays a scenario in a cluster of that set-up, from an instant on; the cluster is as the last step left it.
pub fn play(
    scenario: &Scenario,
    config: Config,
    files: &dyn Files,
    start: Timestamp,
    options: Options,
) -> Result<(Report, Cluster), Error> {
    let (version, seed) = (config.version, config.seed);
    let mut cluster = Cluster::new(config, start)?;
    cluster.answer_webhooks(scenario.cluster.webhooks.clone());
    let began = cluster.now();
    let saved = BTreeMap::new();
    let mut replay = Replay { scenario, version, files, cluster, began, saved, moments: options.moments };
    let steps = replay.steps(&scenario.steps, "")?;
    let exercise = scenario.exercise.as_ref().map(|exercise| replay.exercise(exercise)).transpose()?;
    let report = Report {
        scenario: scenario.scenario.clone(),
        about: scenario.about.clone(),
        version: version.to_string(),
        seed,
        steps,
        exercise,
        audit: None,
    };
    Ok((report, replay.cluster))
}

struct Replay<'a> {
    scenario: &'a Scenario,
    version: Version,
    files: &'a dyn Files,
    cluster: Cluster,
    began: Timestamp,
    saved: BTreeMap<String, String>,
    moments: bool,
}

/// What a step came to, before it is reported.
#[derive(Default)]
struct Done {
    line: String,
    who: String,
    exchanges: Vec<Exchange>,
    output: Option<Output>,
    inner: Vec<StepReport>,
}

impl Replay<'_> {
    fn steps(&mut self, steps: &[Step], prefix: &str) -> Result<Vec<StepReport>, Error> {
        let mut reports = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let number = format!("{prefix}{}", index + 1);
            let report = self
                .step(&step.fields, &number)
                .map_err(|error| Error { message: format!("step {number}: {}", error.message), ..error })?;
            reports.push(report);
        }
        Ok(reports)
    }

    /// Does something of which nothing remains.
    fn on_a_fork<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.cluster.fork();
        let saved = self.saved.clone();
        let done = act(self);
        self.cluster = before;
        self.saved = saved;
        done
    }

    /// The check alone, which must not pass, and then after the solution.
    fn exercise(&mut self, exercise: &Exercise) -> Result<ExerciseReport, Error> {
        let unsolved = self.on_a_fork(|fork| fork.steps(&exercise.check, "check."))?;
        let (mut solution, check) = self.on_a_fork(|fork| {
            let solution = fork.steps(&exercise.solution, "solution.")?;
            Ok::<_, Error>((solution, fork.steps(&exercise.check, "check.")?))
        })?;
        if let (Some(first), true) =
            (solution.first_mut(), unsolved.iter().all(|step| step.failures.is_empty()))
        {
            first.failures.push("exercise: the check passes before anything is done".to_owned());
        }
        let (task, hint) = (exercise.task.clone(), exercise.hint.clone());
        Ok(ExerciseReport { task, hint, unsolved, solution, check })
    }

    fn step(&mut self, fields: &StepFields, number: &str) -> Result<StepReport, Error> {
        let identity = fields.by.as_ref().map_or_else(Identity::admin, |who| self.identity(who));
        let at = [self.began, self.cluster.now()];
        let done = self.act(fields, identity, number)?;
        if fields.settle != Some(false) {
            self.cluster.settle();
        }
        let afterwards = self.cluster.take_journal();
        let kept = self.moments.then_some(&self.cluster);
        let output = done.output.as_ref();
        let mut report = report::step(number, fields, at, &done.exchanges, output, &afterwards, kept);
        match (&fields.save, &done.output) {
            (Some(Save::Printed(name)), Some(output)) => {
                self.saved.insert(name.clone(), output.stdout.trim_end().to_owned());
            }
            (Some(Save::Printed(_)), None) => {
                return Err(Error::new("nothing is printed that could be saved")
                    .hint("of an answer, save fields: `save: {NAME: status.token}`"));
            }
            (Some(Save::Fields(paths)), _) => {
                let field = |path: &str| report.deciding().map(|request| request.field(path).clone());
                let text = |path: &str| match field(path).unwrap_or_default() {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                report.saved = paths.iter().map(|(name, path)| (name.clone(), text(path))).collect();
                self.saved.extend(report.saved.clone());
            }
            (None, _) => {}
        }
        report.line = done.line;
        report.who = done.who;
        report.inner = done.inner;
        // On a fork everything may be tried.
        let never = if number.contains('.') { &[][..] } else { &self.scenario.never };
        let fill = |text: &str| self.fill(text);
        report.failures = report::failures(&report, fields, self.version, &fill);
        for property in never {
            if let Some(text) = super::never::broken(&self.cluster, property).map_err(Error::new)? {
                report.failures.push(text);
            }
        }
        Ok(report)
    }

    fn act(&mut self, fields: &StepFields, identity: Identity, number: &str) -> Result<Done, Error> {
        if let Some(line) = &fields.run {
            let line = self.fill(line);
            return match &fields.inside {
                Some(target) => self.inside(target, &line),
                None => {
                    // A line whose failure is expected may be as wrong as it likes.
                    let expects = fields.expect.as_ref().and_then(|expect| expect.of(self.version));
                    self.typed(&line, identity, expects.is_some_and(|expected| expected.exit.is_some()))
                }
            };
        }
        if let Some(manifest) = &fields.apply {
            return self.manifest(manifest, identity);
        }
        if let Some(request) = &fields.request {
            return self.raw(request, identity);
        }
        if let Some(span) = fields.wait {
            self.cluster.run_until(self.cluster.now() + span.0);
            return Ok(Done { line: format!("wait {:#}", span.0), ..Done::default() });
        }
        if let Some(steps) = &fields.what_if {
            let inner = self.on_a_fork(|fork| fork.steps(steps, &format!("{number}.")))?;
            return Ok(Done { line: "what if".to_owned(), inner, ..Done::default() });
        }
        if let Some(flags) = &fields.restart {
            let mut config = self.cluster.config().clone();
            apply(&mut config, flags, self.files)?;
            self.cluster.restart(config)?;
            let words: Vec<String> =
                flags.iter().map(|(name, value)| format!("--{name}={}", value.words().join(","))).collect();
            return Ok(Done { line: format!("restart with {}", words.join(" ")), ..Done::default() });
        }
        Err(Error::new("a step does nothing"))
    }

    /// `$NAME` of what an earlier step saved; of two names that begin alike the longer one is meant.
    fn fill(&self, line: &str) -> String {
        self.saved
            .iter()
            .rev()
            .fold(line.to_owned(), |line, (name, value)| line.replace(&format!("${name}"), value))
    }

    /// The same in every text of a body.
    fn filled(&self, body: &Value) -> Value {
        match body {
            Value::String(text) => self.fill(text).into(),
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (key.clone(), self.filled(value))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => body.clone(),
        }
    }

    /// Whom a step means; a token may be one that was saved.
    fn identity(&self, who: &Who) -> Identity {
        match Identity::of(who) {
            Identity::Token(token) => Identity::Token(self.fill(&token)),
            known @ (Identity::User(_) | Identity::Nobody) => known,
        }
    }

    fn person(&mut self, identity: Identity) -> Person<'_> {
        Person { cluster: &mut self.cluster, identity, seen: Vec::new(), keep: self.moments }
    }

    /// A line that a person types.
    fn typed(&mut self, line: &str, identity: Identity, expects_exit: bool) -> Result<Done, Error> {
        let words = shell::words(line, &shell::Nothing).map_err(Error::new)?;
        let Some((command, rest)) = words.split_first() else {
            return Err(Error::new("an empty line"));
        };
        if command != "kubectl" {
            let wrong = Error::new(format!("`{command}` is not a command outside a pod"));
            return Err(wrong.nearest(command, ["kubectl"]).hint(
                "kubectl runs here; curl, cat, ls, env and echo run in a pod: give the step `in: NAMESPACE/pod/NAME`",
            ));
        }
        let rest = rest.to_vec();
        if !expects_exit {
            check(&rest, self.version)?;
        }
        let who = identity.name().to_owned();
        let files = self.files;
        let mut person = self.person(identity);
        let output = kubectl(&rest, Session { client: &mut person, files, stdin: "" });
        let seen = person.seen;
        if !expects_exit {
            unknown_kind(&output, self.version)?;
        }
        Ok(Done { line: line.to_owned(), who, exchanges: seen, output: Some(output), inner: Vec::new() })
    }

    /// A line in a pod.
    fn inside(&mut self, target: &str, line: &str) -> Result<Done, Error> {
        let pod = match inside::find(&self.cluster, target) {
            Ok(pod) => pod,
            Err(why) => {
                let output = Output::failed(1, format!("{why}\n"));
                return Ok(Done {
                    line: line.to_owned(),
                    who: target.to_owned(),
                    output: Some(output),
                    ..Done::default()
                });
            }
        };
        let view = Inside::of(&self.cluster, &pod, None);
        let mut person = self.person(Identity::Nobody);
        let ran = shell::run(line, &view, &mut person).map_err(Error::new)?;
        let who = format!("pod {}/{}", pod.namespace(), pod.name());
        Ok(Done {
            line: line.to_owned(),
            who,
            exchanges: person.seen,
            output: Some(ran.output),
            inner: Vec::new(),
        })
    }

    /// `kubectl apply` of a file, or of what the step holds.
    fn manifest(&mut self, manifest: &Value, identity: Identity) -> Result<Done, Error> {
        let (words, stdin, line) = match manifest {
            Value::String(path) => {
                (vec!["apply", "-f", path.as_str()], String::new(), format!("kubectl apply -f {path}"))
            }
            inline => {
                let documents = inline.as_array().map_or_else(|| vec![inline.clone()], Clone::clone);
                let text: Vec<String> = documents.iter().map(Value::to_string).collect();
                (vec!["apply", "-f", "-"], text.join("\n"), "kubectl apply -f -".to_owned())
            }
        };
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let who = identity.name().to_owned();
        let files = self.files;
        let mut person = self.person(identity);
        let output = kubectl(&words, Session { client: &mut person, files, stdin: &stdin });
        let seen = person.seen;
        unknown_kind(&output, self.version)?;
        Ok(Done { line, who, exchanges: seen, output: Some(output), inner: Vec::new() })
    }

    /// A raw request.
    fn raw(&mut self, raw: &RawRequest, identity: Identity) -> Result<Done, Error> {
        let identity = raw.by.as_ref().map_or(identity, |who| self.identity(who));
        let what = self.fill(&raw.what);
        let Some((method, target)) = what.split_once(' ') else {
            return Err(Error::new(format!("`{what}` is no request: write METHOD /path")));
        };
        if !target.starts_with('/') {
            return Err(Error::new(format!("`{target}` is no path: it begins with `/`")));
        }
        let mut request = Request::new(method, target).header("Accept", "application/json");
        if let Some(body) = &raw.body {
            request = request.body(
                raw.media.as_deref().unwrap_or("application/json"),
                self.filled(body).to_string().into_bytes(),
            );
        }
        for (name, value) in &raw.headers {
            request = request.header(name, self.fill(value));
        }
        let who = identity.name().to_owned();
        let mut person = self.person(identity);
        person.send(request);
        Ok(Done { line: what, who, exchanges: person.seen, output: None, inner: Vec::new() })
    }
}

/// A kind or resource that kubectl could not find is a slip of the pen, unless the step expects kubectl to fail.
fn unknown_kind(output: &Output, version: Version) -> Result<(), Error> {
    let quoted = |after: &str| output.stderr.split_once(after)?.1.split('"').next();
    let table = resources(version);
    if let Some(word) = quoted("doesn't have a resource type \"") {
        let names = table.iter().flat_map(|row| [row.name, row.singular]).filter(|name| !name.is_empty());
        return Err(
            Error::new(format!("unknown resource `{word}` in Kubernetes {version}")).nearest(word, names)
        );
    }
    if let Some(word) = quoted("no matches for kind \"") {
        let kinds = table.iter().map(|row| row.kind);
        return Err(Error::new(format!("unknown kind `{word}` in Kubernetes {version}")).nearest(word, kinds));
    }
    Ok(())
}
