//! kubectl: a command line becomes requests, their answers become kubectl's words and exit code.
//!
//! It speaks as one of two clients: as 1.20.2 to servers of its time ([`Style::Old`]), else as 1.37.1. One file a
//! command; what they share is here and in `flags`, `error`, `mapping`, `objects` and `print`.
//!
//! Differs from Kubernetes: the discovery of built-in resources and of the OpenAPI document sends no requests, as with a
//! warm cache; there is no kubeconfig, so that flags which choose another server or user are refused; a wait ends
//! after an hour of virtual time.

mod command;
mod commands;
mod condition;
mod documents;
mod error;
mod flags;
mod json;
mod mapping;
mod objects;
mod print;
mod send;
mod sort;
mod table;
mod tabs;
mod target;

mod apply;
mod auth;
mod certificate;
mod create;
mod delete;
mod describe;
mod discovery;
mod events;
mod exec;
mod expose;
mod get;
mod kustomize;
mod label;
mod last_applied;
mod merge;
mod node;
mod patch;
mod replace;
mod rollout;
mod run;
mod scale;
mod set;
mod suggest;
mod validate;
mod wait;

pub use suggest::{Slot, Suggested, suggest};

use super::{Client, End, Files, Output};
use crate::api::Version;
use crate::api::differences::TODAYS_KUBECTL;
use crate::error::{Error, nearest};
use error::{Done, Failure, fail};
use flags::{Flags, Known};
use mapping::Discovered;
use std::collections::BTreeSet;

/// What a kubectl works with.
pub struct Session<'a> {
    /// The server, seen as whoever types.
    pub client: &'a mut dyn Client,
    /// Where `-f FILE` looks.
    pub files: &'a dyn Files,
    /// What `-f -` reads.
    pub stdin: &'a str,
}

/// Which kubectl speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// 1.20.2.
    Old,
    /// 1.37.1.
    New,
}

impl Style {
    fn of(version: Version) -> Style {
        if !version.has(TODAYS_KUBECTL) { Style::Old } else { Style::New }
    }
}

/// An answer that a command wanted and got.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    /// The place of its request.
    request: usize,
    /// Whether the request was more than a look.
    write: bool,
}

/// One run of kubectl.
pub(super) struct Ctx<'a> {
    client: &'a mut dyn Client,
    files: &'a dyn Files,
    stdin: &'a str,
    style: Style,
    flags: Flags,
    /// The namespace of `-n`, or `default`.
    namespace: String,
    /// The command's words (`create role`), for messages.
    command: String,
    out: String,
    err: String,
    warned: BTreeSet<String>,
    /// The answer that was wanted, since the command or its last object began.
    taken: Option<Taken>,
    /// How the objects ended that the command is about.
    ends: Vec<End>,
    discovered: Option<Vec<Discovered>>,
}

impl Ctx<'_> {
    fn old(&self) -> bool {
        self.style == Style::Old
    }

    /// Prints a line.
    fn say(&mut self, line: impl AsRef<str>) {
        self.out.push_str(line.as_ref());
        self.out.push('\n');
    }

    /// Prints a line to standard error.
    fn warn(&mut self, line: impl AsRef<str>) {
        self.err.push_str(line.as_ref());
        self.err.push('\n');
    }

    /// A mistake in the words of a command (`cmdutil.UsageErrorf`).
    fn usage(&self, message: impl AsRef<str>) -> Failure {
        Failure::plain(format!(
            "{}\nSee 'kubectl {} -h' for help and examples",
            message.as_ref(),
            self.command
        ))
    }
}

/// Runs `kubectl WORDS…`; `words` does not hold `kubectl` itself.
pub fn kubectl(words: &[String], session: Session<'_>) -> Output {
    let style = Style::of(session.client.version());
    let (command, level, rest) = match commands::find(words, style) {
        Ok(found) => found,
        Err(text) => return Output::failed(1, text),
    };
    let known = Known::new(&commands::tables(command, &level, style));
    let mut ctx = Ctx {
        client: session.client,
        files: session.files,
        stdin: session.stdin,
        style,
        flags: Flags::default(),
        namespace: "default".to_owned(),
        command: level,
        out: String::new(),
        err: String::new(),
        warned: BTreeSet::new(),
        taken: None,
        ends: Vec::new(),
        discovered: None,
    };
    match known.parse(&rest) {
        Ok(flags) => ctx.flags = flags,
        Err(message) => {
            let head = if style == Style::Old { "Error" } else { "error" };
            let text = format!("{head}: {message}\nSee 'kubectl {} --help' for usage.\n", ctx.command);
            return Output::failed(1, text);
        }
    }
    let done = prepare(&mut ctx, command).and_then(|()| match command {
        Some(command) => (command.run)(&mut ctx),
        None => command::unknown(&mut ctx),
    });
    let last = ctx.taken.map(|taken| taken.request);
    let (mut exit, mut unknown) = (0, None);
    match done {
        Ok(()) if ctx.ends.is_empty() => ctx.ends.push(End { request: last, failed: false }),
        Ok(()) => {}
        Err(failure) => {
            let (text, code) = failure.render();
            ctx.err.push_str(&text);
            exit = code;
            unknown = failure.slip().cloned();
            if !ctx.ends.iter().any(|end| end.failed) {
                ctx.ends.extend(failure.ends(last));
            }
        }
    }
    Output { exit, stdout: ctx.out, stderr: ctx.err, ends: ctx.ends, unknown }
}

/// Whether kubectl knows a line's command and flags; a scenario's line that it does not know is a slip of the pen.
///
/// # Errors
///
/// A command, a flag or a value that kubectl does not take, with the nearest one that it does.
pub fn check(words: &[String], version: Version) -> Result<(), Error> {
    let style = Style::of(version);
    let (command, level, rest) = commands::find(words, style).map_err(|text| {
        let wrong = Error::new(
            text.trim_start_matches("error: ")
                .trim_start_matches("Error: ")
                .lines()
                .next()
                .unwrap_or_default(),
        );
        let word = words.iter().find(|word| !word.starts_with('-')).map(String::as_str).unwrap_or_default();
        wrong.nearest(word, commands::names())
    })?;
    let tables = commands::tables(command, &level, style);
    Known::new(&tables).parse(&rest).map(drop).map_err(|text| {
        let wrong = Error::new(format!("kubectl {level}: {text}"));
        let near =
            text.strip_prefix("unknown flag: --").and_then(|flag| nearest(flag, flags::names(&tables)));
        match near {
            Some(near) => wrong.hint(format!("did you mean `--{near}`?")),
            None => wrong,
        }
    })
}

/// What the global flags say.
fn prepare(ctx: &mut Ctx<'_>, command: Option<&command::Command>) -> Done {
    let elsewhere = |flag: &&&str| ctx.flags.has(flag) && !commands::owns(command, flag);
    if let Some(flag) = flags::ELSEWHERE.iter().find(elsewhere) {
        fail!("--{flag} is not modelled: a scenario has one server, and its steps say who types");
    }
    let beside: &[&str] = if ctx.old() { &["as-group"] } else { &["as-group", "as-uid", "as-user-extra"] };
    let extra = |flag: &&str| match *flag {
        "as-user-extra" => ctx.flags.all(flag).iter().any(|extra| extra.contains('=')),
        _ => ctx.flags.has(flag),
    };
    if ctx.flags.filled("as").is_none() && beside.iter().any(extra) {
        let what = if ctx.old() { "groups" } else { "uid, groups" };
        let who = ctx.client.who();
        fail!("requesting {what} or user-extra for {who} without impersonating a user");
    }
    if ctx.flags.filled("kustomize").is_some() && ctx.flags.has("filename") {
        fail!("only one of -f or -k can be specified");
    }
    if ctx.flags.filled("kustomize").is_some() && ctx.flags.on("recursive") {
        fail!("the -k flag can't be used with -f or -R");
    }
    if ctx.flags.has("help") {
        fail!("help texts are not modelled");
    }
    if let Some(namespace) = ctx.flags.get("namespace").filter(|n| !n.is_empty()) {
        ctx.namespace = namespace.to_owned();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
