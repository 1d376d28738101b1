//! What a step does: a line is typed, an object applied, a request sent, a token issued, or time passes.

use super::super::format::{RawRequest, StepFields, TokenOf, Wanted, Who};
use super::super::person::{Identity, Person};
use super::super::variables::Others;
use super::{Done, Session, set_flags};
use crate::api::{Dig, Request, Resources};
use crate::clients::heredoc::{self, Heredoc};
use crate::clients::inside::{Inside, Target};
use crate::clients::kubectl::{self, check, kubectl};
use crate::clients::pod::Pod;
use crate::clients::shell;
use crate::clients::{Client, Output, Unknown};
use crate::cluster::WantedToken;
use crate::error::Error;
use crate::json::Value;
use jiff::SignedDuration;

/// A header's value, of which a token is as long as it can be told from others.
fn shown(value: &str) -> String {
    const LONG: usize = 48;
    match value.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

impl Session<'_> {
    pub(in crate::scenario) fn act(
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
    pub(super) fn identity(&self, who: Option<&Who>, unless: Identity) -> Result<Identity, Error> {
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
