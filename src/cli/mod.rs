//! The command line: one file a subcommand; clap's structs live here and nowhere else.

mod alike;
mod audit;
mod book;
mod can_i;
mod climb;
mod diff;
mod dumps;
mod explain;
mod explore;
mod findings;
mod format;
mod graph;
mod hints;
mod init;
mod interrupt;
mod keys;
mod least;
mod log;
mod manual;
mod near;
mod never_matches;
mod out;
mod paint;
mod parallel;
mod paths;
mod play;
mod releases;
mod run;
mod sarif;
mod scenarios;
mod schema;
mod serve;
mod shell;
mod stand_ins;
mod steps;
mod stories;
mod typed;
mod unquoted;
mod unused;
mod upgrade_check;
mod waiting;
mod walk;
mod what_can;
mod who_can;
mod words;
mod wrap;

use crate::api::Version;
use crate::error::Error;
use clap::{Parser, Subcommand};
use out::{cell, safe};
use std::sync::LazyLock;

/// What a command ends with: 0 as expected, 1 a verdict differs, 2 bad input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All as expected.
    Fine,
    /// A verdict differs.
    Differs,
    /// Bad input.
    BadInput,
}

/// What would the Kubernetes API server say, and why?
#[derive(Parser)]
#[command(name = "kubeverdict", version, long_version = VERSION.as_str(), about)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

/// The version, and which Kubernetes it knows.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let (program, oldest, newest) = (env!("CARGO_PKG_VERSION"), Version::OLDEST, Version::NEWEST);
    format!("{program}\nKubernetes {oldest} to {newest}; {} unless another is asked for", Version::DEFAULT)
});

#[derive(Subcommand)]
enum Command {
    Run(run::RunArgs),
    Explain(explain::ExplainArgs),
    Explore(explore::ExploreArgs),
    CanI(can_i::CanIArgs),
    WhoCan(who_can::WhoCanArgs),
    Diff(diff::DiffArgs),
    WhatCan(what_can::WhatCanArgs),
    NeverMatches(never_matches::NeverMatchesArgs),
    Unused(unused::UnusedArgs),
    Least(least::LeastArgs),
    Paths(paths::PathsArgs),
    Graph(graph::GraphArgs),
    Audit(audit::AuditArgs),
    Walk(walk::WalkArgs),
    Book(book::BookArgs),
    Play(play::PlayArgs),
    Serve(serve::ServeArgs),
    Shell(shell::ShellArgs),
    Releases(releases::ReleasesArgs),
    UpgradeCheck(upgrade_check::UpgradeCheckArgs),
    Schema(schema::SchemaArgs),
    Init(init::InitArgs),
    Completions(manual::CompletionsArgs),
    Man(manual::ManArgs),
}

/// Runs a command line (without the program's name), and says how it ended.
pub fn run(args: impl IntoIterator<Item = std::ffi::OsString>) -> Exit {
    let all: Vec<std::ffi::OsString> = std::iter::once("kubeverdict".into()).chain(args).collect();
    if let Err(error) = unquoted::check(&all) {
        report(&error);
        return Exit::BadInput;
    }
    let args = match Args::try_parse_from(&all) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            if error.use_stderr() && unquoted::line(&all).is_some() {
                hint(unquoted::HINT);
            }
            return if error.use_stderr() { Exit::BadInput } else { Exit::Fine };
        }
    };
    if let Command::Run(_) | Command::Book(_) = args.command {
        interrupt::leaves_nothing();
    }
    let ended = match args.command {
        Command::Run(args) => run::cmd_run(args),
        Command::Explain(args) => explain::cmd_explain(args),
        Command::Explore(args) => explore::cmd_explore(args),
        Command::CanI(args) => can_i::cmd_can_i(args),
        Command::WhoCan(args) => who_can::cmd_who_can(args),
        Command::Diff(args) => diff::cmd_diff(args),
        Command::WhatCan(args) => what_can::cmd_what_can(args),
        Command::NeverMatches(args) => never_matches::cmd_never_matches(args),
        Command::Unused(args) => unused::cmd_unused(args),
        Command::Least(args) => least::cmd_least(args),
        Command::Paths(args) => paths::cmd_paths(args),
        Command::Graph(args) => graph::cmd_graph(args),
        Command::Audit(args) => audit::cmd_audit(args),
        Command::Walk(args) => walk::cmd_walk(args),
        Command::Book(args) => book::cmd_book(args),
        Command::Play(args) => play::cmd_play(args),
        Command::Serve(args) => serve::cmd_serve(args),
        Command::Shell(args) => shell::cmd_shell(args),
        Command::Releases(args) => releases::cmd_releases(args),
        Command::UpgradeCheck(args) => upgrade_check::cmd_upgrade_check(args),
        Command::Schema(args) => schema::cmd_schema(args),
        Command::Init(args) => init::cmd_init(args),
        Command::Completions(args) => manual::cmd_completions(args),
        Command::Man(args) => manual::cmd_man(args),
    };
    ended.unwrap_or_else(|error| {
        report(&error);
        Exit::BadInput
    })
}

/// Prints an error: where, what, the line, a hint.
fn report(error: &Error) {
    use std::io::Write;
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "error: {}", safe(&error.to_string()));
    if let Some(line) = error.at.as_ref().and_then(|place| place.line.as_ref()) {
        let _ = writeln!(err, "  | {}", safe(&cut(line)));
    }
    if let Some(hint) = &error.hint {
        let _ = writeln!(err, "hint: {}", safe(hint));
    }
}

/// A line as far as it is worth showing.
fn cut(line: &str) -> String {
    const WIDTH: usize = 400;
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// Done when the process is told to stop.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        }
        _ => std::future::pending().await,
    }
}

/// Tells of something that is no error.
fn warn(why: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "warning: {}", safe(why));
}

/// Says what was left out or had to be assumed.
fn note(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "note: {}", cell(text));
}

/// Says what else may be meant.
fn hint(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "hint: {}", cell(text));
}

/// A bar for work of several parts; silent where standard error is no terminal.
fn progress(parts: usize) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new(parts as u64);
    if let Ok(style) = indicatif::ProgressStyle::with_template("{pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}
