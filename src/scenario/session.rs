//! A session: a cluster, and whoever types at it. What `run` replays and what `shell` is typed both go this way.

use super::format::{ClusterSpec, FlagValue, RawRequest, Save, Step, StepFields, TokenOf, Wanted, Who};
use super::judge;
use super::person::{Identity, Person};
use super::place::Source;
use super::report::{self, StepReport, StepResult};
use super::seed;
use super::variables::{Others, Variables};
use crate::api::{Dig, Request, Resources};
use crate::clients::heredoc::{self, Heredoc};
use crate::clients::inside::{Inside, Target};
use crate::clients::kubectl::{self, check, kubectl};
use crate::clients::pod::Pod;
use crate::clients::shell;
use crate::clients::{Client, Files, Output, Unknown};
use crate::cluster::{Cluster, Exchange, Fault, Patience, WantedToken};
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

/// A header's value, of which a token is as long as it can be told from others.
fn shown(value: &str) -> String {
    const LONG: usize = 48;
    match value.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
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
        let mut report = report::step(number, fields, at, &done.exchanges, output, &afterwards);
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

    pub(super) fn act(
        &mut self,
        fields: &StepFields,
        identity: Identity,
        number: &str,
    ) -> Result<Done, Error> {
        // A line whose failure is expected may be as wrong as it likes.
        let wanted = fields.expect.as_ref().and_then(|expect| expect.of(self.cluster.version()));
        let may_fail = wanted.is_some_and(Wanted::of_exit);
        if let Some(line) = &fields.run {
            return match &fields.inside {
                Some(target) => self.inside(&self.saved.fill(target)?, line),
                None => self.typed(line, identity, may_fail),
            };
        }
        if let Some(manifest) = &fields.apply {
            return self.manifest(manifest, identity, may_fail);
        }
        if let Some(request) = &fields.request {
            return self.raw(request, identity);
        }
        if let Some(span) = fields.wait {
            let waited = self.wait(span.0)?;
            let line = format!("wait {waited:#}");
            return Ok(Done { line, waited: Some(waited), ..Done::default() });
        }
        if let Some(steps) = &fields.what_if {
            let inner = self.on_a_fork(|fork| fork.steps(steps, &format!("{number}.")))?;
            return Ok(Done { line: "what if".to_owned(), inner, ..Done::default() });
        }
        if let Some(changed) = &fields.webhooks {
            self.cluster.change_webhooks(&changed.to);
            let names: Vec<&str> = changed.to.names().collect();
            return Ok(Done {
                line: format!("webhooks answer anew: {}", names.join(", ")),
                ..Done::default()
            });
        }
        if let Some(changed) = &fields.issuers {
            self.cluster.change_issuers(&changed.to);
            let names: Vec<&str> = changed.to.names().collect();
            return Ok(Done {
                line: format!("issuers publish anew: {}", names.join(", ")),
                ..Done::default()
            });
        }
        if let Some(token) = &fields.token {
            return self.token(token);
        }
        if let Some(flags) = &fields.restart {
            let mut config = self.cluster.config().clone();
            let flags = self.saved.flags(flags)?;
            set_flags(&mut config, &flags, self.files)?;
            self.cluster.restart(config)?;
            let words: Vec<String> =
                flags.iter().map(|(name, value)| format!("--{name}={}", value.words().join(","))).collect();
            return Ok(Done { line: format!("restart with {}", words.join(" ")), ..Done::default() });
        }
        Err(Error::new("a step does nothing"))
    }

    /// Lets time pass, all of it or until whoever watches has seen enough: how much passed.
    fn wait(&mut self, span: SignedDuration) -> Result<SignedDuration, Error> {
        let began = self.cluster.now();
        let until = began.checked_add(span);
        let until = until.map_err(|_| Error::new(format!("`{span:#}` is longer than time itself")))?;
        let whole = match self.watch {
            Some(watch) => {
                self.cluster.run_while(until, &mut |now| watch.goes_on(now.duration_since(began), span))
            }
            None => {
                self.cluster.run_until(until);
                true
            }
        };
        Ok(if whole { span } else { self.cluster.now().duration_since(began) })
    }

    /// Whom a step means; somebody else unless it says.
    fn identity(&self, who: Option<&Who>, unless: Identity) -> Result<Identity, Error> {
        match who {
            Some(who) => Ok(Identity::of(&self.saved.who(who)?)),
            None => Ok(unless),
        }
    }

    fn person(&mut self, identity: Identity) -> Person<'_> {
        Person { cluster: &mut self.cluster, identity, seen: Vec::new() }
    }

    /// A line that a person types.
    fn typed(&mut self, line: &str, identity: Identity, may_fail: bool) -> Result<Done, Error> {
        let document = heredoc::split(line).map_err(Error::new)?;
        let (typed, stdin) = match &document {
            Some(Heredoc { command, text, quoted: true }) => (command.as_str(), text.clone()),
            Some(Heredoc { command, text, quoted: false }) => (command.as_str(), self.saved.fill(text)?),
            None => (line, String::new()),
        };
        // What single quotes keep from this shell may be for one in the pod.
        let quoted_from = typed.find(" -- ");
        let filled = self.saved.line(typed, Others { environment: &[], quoted_from })?;
        let words = shell::words(&filled, &shell::Nothing).map_err(Error::new)?;
        let Some((command, rest)) = words.split_first() else {
            return Err(Error::new("an empty line"));
        };
        if command != "kubectl" {
            let wrong = Error::new(format!("`{command}` is not a command outside a pod"));
            if command == shell::ALIAS.0 {
                return Err(wrong.hint(shell::ALIAS.1));
            }
            return Err(wrong.nearest(command, ["kubectl"]).hint(
                "kubectl runs here; curl, cat, ls, env and echo run in a pod: give the step `in: NAMESPACE/pod/NAME`",
            ));
        }
        let rest = rest.to_vec();
        if !may_fail {
            check(&rest, self.cluster.version())?;
        }
        // A text is shown as it was typed.
        let line = if document.is_some() { line.trim_end().to_owned() } else { filled };
        Ok(Done { line, ..self.kubectl(&rest, &stdin, identity, may_fail)? })
    }

    /// A run of kubectl.
    fn kubectl(
        &mut self,
        words: &[String],
        stdin: &str,
        identity: Identity,
        may_fail: bool,
    ) -> Result<Done, Error> {
        let who = identity.name().to_owned();
        let files = self.files;
        let mut person = self.person(identity);
        let output = kubectl(words, kubectl::Session { client: &mut person, files, stdin });
        let exchanges = person.seen;
        let slip = || slip(output.unknown.as_ref()?, self.cluster.resources());
        match slip().filter(|_| !may_fail) {
            Some(slip) => Err(slip),
            None => Ok(Done { who, exchanges, output: Some(output), ..Done::default() }),
        }
    }

    /// A line in a pod.
    fn inside(&mut self, target: &str, line: &str) -> Result<Done, Error> {
        let target = Target::read(target)?;
        let Some(pod) = target.running(&self.cluster) else {
            let Error { message, hint, .. } = target.missing(&self.cluster);
            let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
            let output = Output::failed(1, format!("{message}{hint}\n"));
            let (line, who) = (line.to_owned(), target.to_string());
            return Ok(Done { line, who, output: Some(output), ..Done::default() });
        };
        let view = Inside::of(&self.cluster, &pod, None);
        let environment = view.env();
        // A shell in the pod takes what single quotes keep from this one.
        let starts_shell = matches!(line.split_whitespace().next(), Some("sh" | "bash"));
        let quoted_from = starts_shell.then_some(0);
        let line = self.saved.line(line, Others { environment: &environment, quoted_from })?;
        let mut person = self.person(Identity::Nobody);
        let ran = shell::run(&line, &view, &mut person).map_err(Error::new)?;
        let who = format!("pod {}/{}", pod.namespace(), pod.name());
        Ok(Done { line, who, exchanges: person.seen, output: Some(ran), ..Done::default() })
    }

    /// `kubectl apply` of a file, or of what the step holds.
    fn manifest(&mut self, manifest: &Value, identity: Identity, may_fail: bool) -> Result<Done, Error> {
        let (words, stdin, line) = match manifest {
            Value::String(path) => {
                (vec!["apply", "-f", path.as_str()], String::new(), format!("kubectl apply -f {path}"))
            }
            inline => {
                let documents = inline.as_array().map_or_else(|| vec![inline.clone()], |list| list.to_vec());
                let text: Vec<String> = documents.iter().map(Value::to_string).collect();
                (vec!["apply", "-f", "-"], text.join("\n"), "kubectl apply -f -".to_owned())
            }
        };
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        Ok(Done { line, ..self.kubectl(&words, &stdin, identity, may_fail)? })
    }

    /// A token of an issuer outside.
    fn token(&self, token: &TokenOf) -> Result<Done, Error> {
        let issuer = self.saved.fill(&token.issuer)?;
        let claims = token.claims.iter().map(|(claim, value)| Ok((claim.clone(), self.saved.body(value)?)));
        let given = self.cluster.token_of_issuer(&WantedToken {
            issuer: &issuer,
            key: token.key.as_deref(),
            claims: &claims.collect::<Result<_, Error>>()?,
            lasts: token.lasts.map_or(SignedDuration::from_hours(1), |span| span.0),
        })?;
        let output = Some(Output::said(format!("{given}\n")));
        Ok(Done { line: format!("a token of {issuer}"), output, ..Done::default() })
    }

    /// A raw request.
    fn raw(&mut self, raw: &RawRequest, identity: Identity) -> Result<Done, Error> {
        let identity = self.identity(raw.by.as_ref(), identity)?;
        let what = self.saved.fill(&raw.what)?;
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
                self.saved.body(body)?.to_string().into_bytes(),
            );
        }
        let mut headers = Vec::new();
        for (name, value) in &raw.headers {
            let value = self.saved.fill(value)?;
            headers.push(format!("{name}: {}", shown(&value)));
            request = request.header(name, value);
        }
        match &identity {
            Identity::Token(token) => headers.insert(0, format!("Authorization: Bearer {}", shown(token))),
            Identity::Nobody if raw.headers.is_empty() => {
                headers.push("(no Authorization header)".to_owned())
            }
            Identity::Nobody | Identity::User(_) => {}
        }
        let who = identity.name().to_owned();
        let mut person = self.person(identity);
        person.send(request);
        Ok(Done { line: what, who, headers, exchanges: person.seen, ..Done::default() })
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

/// What the server does not have is a slip of the pen, unless the step expects kubectl to fail; but for a custom resource
/// whose definition isn't there: that is kubectl's to tell.
fn slip(unknown: &Unknown, table: &Resources) -> Option<Error> {
    let version = table.version();
    let slip = match unknown {
        Unknown::Resource(word) => {
            let names =
                table.iter().flat_map(|row| [&*row.name, &*row.singular]).filter(|name| !name.is_empty());
            Error::new(format!("unknown resource `{word}` in Kubernetes {version}")).nearest(word, names)
        }
        Unknown::Kind { kind, api_version } => {
            let (group, _) = api_version.split_once('/').unwrap_or(("", api_version));
            let is_own = table.has_group(group) || !group.contains('.');
            if !is_own && table.homes(kind).is_empty() {
                return None;
            }
            table.unknown_kind(kind, api_version)
        }
        Unknown::Field { name, at, known } => {
            Error::new(format!("{at}: unknown field `{name}` of a kustomization"))
                .nearest(name, known.iter().copied())
        }
    };
    Some(slip)
}
