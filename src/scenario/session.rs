//! A session: a cluster, and whoever types at it. What `run` replays and what `shell` is typed both go this way.

use super::client::{Client, Files, Output};
use super::format::{FlagValue, RawRequest, Save, Step, StepFields, Who};
use super::inside::{self, Inside};
use super::kubectl::{self, check, kubectl};
use super::person::{Identity, Person};
use super::report::{self, StepReport};
use super::shell;
use crate::api::{Dig, Request, Version, resources};
use crate::cluster::{Cluster, Exchange, Webhooks};
use crate::config::Config;
use crate::error::Error;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// A cluster with what was saved of the steps so far.
pub struct Session<'a> {
    files: &'a dyn Files,
    cluster: Cluster,
    began: Timestamp,
    saved: BTreeMap<String, String>,
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

impl<'a> Session<'a> {
    /// A fresh cluster. With `moments`, reports keep the cluster as a refused request found it.
    pub fn new(
        config: Config,
        webhooks: Webhooks,
        start: Timestamp,
        files: &'a dyn Files,
        moments: bool,
    ) -> Result<Session<'a>, Error> {
        let mut cluster = Cluster::among(config, start, webhooks)?;
        if moments {
            cluster.keep_moments();
        }
        let began = cluster.now();
        Ok(Session { files, cluster, began, saved: BTreeMap::new() })
    }

    /// The same again: what is done there is not done here.
    pub fn fork(&self) -> Session<'a> {
        Session { cluster: self.cluster.fork(), saved: self.saved.clone(), ..*self }
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The cluster, at the end.
    pub fn into_cluster(self) -> Cluster {
        self.cluster
    }

    /// How much virtual time has passed.
    pub fn passed(&self) -> SignedDuration {
        self.cluster.now().duration_since(self.began)
    }

    /// What later steps may call `$NAME`.
    pub fn saved(&self) -> &BTreeMap<String, String> {
        &self.saved
    }

    /// Does steps in order; `prefix` is what their numbers begin with.
    pub fn steps(&mut self, steps: &[Step], prefix: &str) -> Result<Vec<StepReport>, Error> {
        let mut reports = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let number = format!("{prefix}{}", index + 1);
            reports.push(self.step(&step.fields, &number).map_err(|error| at_step(&number, error))?);
        }
        Ok(reports)
    }

    /// Does something of which nothing remains.
    pub fn on_a_fork<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.fork();
        let done = act(self);
        *self = before;
        done
    }

    /// Does a step, and says what came of it.
    pub fn step(&mut self, fields: &StepFields, number: &str) -> Result<StepReport, Error> {
        let identity = fields.by.as_ref().map_or_else(Identity::admin, |who| self.identity(who));
        let at = [self.began, self.cluster.now()];
        let done = self.act(fields, identity, number)?;
        if fields.settle != Some(false) {
            self.cluster.settle();
        }
        let afterwards = self.cluster.take_journal();
        let output = done.output.as_ref();
        let mut report = report::step(number, fields, at, &done.exchanges, output, &afterwards);
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
                let text = |path: &str| field(path).unwrap_or_default().shown();
                report.saved = paths.iter().map(|(name, path)| (name.clone(), text(path))).collect();
                self.saved.extend(report.saved.clone());
            }
            (None, _) => {}
        }
        report.line = done.line;
        report.who = done.who;
        report.inner = done.inner;
        let fill = |text: &str| self.fill(text);
        report.failures = report::failures(&report, fields, self.cluster.version(), &fill);
        Ok(report)
    }

    fn act(&mut self, fields: &StepFields, identity: Identity, number: &str) -> Result<Done, Error> {
        if let Some(line) = &fields.run {
            let line = self.fill(line);
            return match &fields.inside {
                Some(target) => self.inside(target, &line),
                None => {
                    // A line whose failure is expected may be as wrong as it likes.
                    let expects = fields.expect.as_ref().and_then(|expect| expect.of(self.cluster.version()));
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
            let until = self.cluster.now().checked_add(span.0);
            let until =
                until.map_err(|_| Error::new(format!("`{:#}` is longer than time itself", span.0)))?;
            self.cluster.run_until(until);
            return Ok(Done { line: format!("wait {:#}", span.0), ..Done::default() });
        }
        if let Some(steps) = &fields.what_if {
            let inner = self.on_a_fork(|fork| fork.steps(steps, &format!("{number}.")))?;
            return Ok(Done { line: "what if".to_owned(), inner, ..Done::default() });
        }
        if let Some(changed) = &fields.webhooks {
            self.cluster.change_webhooks(&changed.webhooks);
            let names: Vec<&str> = changed.webhooks.names().collect();
            return Ok(Done {
                line: format!("webhooks answer anew: {}", names.join(", ")),
                ..Done::default()
            });
        }
        if let Some(flags) = &fields.restart {
            let mut config = self.cluster.config().clone();
            set_flags(&mut config, flags, self.files)?;
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
        Person { cluster: &mut self.cluster, identity, seen: Vec::new() }
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
            check(&rest, self.cluster.version())?;
        }
        let who = identity.name().to_owned();
        let files = self.files;
        let mut person = self.person(identity);
        let output = kubectl(&rest, kubectl::Session { client: &mut person, files, stdin: "" });
        let seen = person.seen;
        if !expects_exit {
            unknown_kind(&output, self.cluster.version())?;
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
        let output = kubectl(&words, kubectl::Session { client: &mut person, files, stdin: &stdin });
        let seen = person.seen;
        unknown_kind(&output, self.cluster.version())?;
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

/// An error with the step that it came of.
pub(super) fn at_step(number: &str, error: Error) -> Error {
    Error { message: format!("step {number}: {}", error.message), ..error }
}

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
    let read = |path: &str| files.read(path).map(String::into_bytes).map_err(std::io::Error::other);
    config.apply(words.iter().map(|(name, value)| (name.as_str(), value.as_str())), &read)
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
