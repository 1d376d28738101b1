//! `kubeverdict walk`: a scenario as a lesson in the terminal, predict before reveal.

mod exercise;
mod lesson;
mod page;

use super::near::Near;
use super::out::Out;
use super::{Exit, run, scenarios};
use crate::error::Error;
use crate::scenario::run::Options;
use exercise::Bench;
use lesson::Lesson;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Walk through a scenario step by step: predict what the server says, then see it, and why
///
/// Before each answer comes a question; type the number of your guess, or the code. Enter alone shows the answer, q
/// ends the walk. Guesses may be piped in as well, one a line. An exercise is done by typing, as in `kubeverdict shell`,
/// and `check` judges it.
#[derive(clap::Args)]
pub(super) struct WalkArgs {
    /// The scenario's file, or a story in the program: lessons/04
    #[arg(default_value = "scenarios", value_name = "SCENARIO")]
    path: String,
    /// The release, of those that the scenario is replayed in; the last of them unless given
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Another seed than the scenario's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The folder that scenarios may read in, unless it is the one that holds them
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

pub(super) fn cmd_walk(args: WalkArgs) -> Result<Exit, Error> {
    let loaded = &scenarios::one(&args.path, args.root.as_deref())?;
    let reports = run::replay(loaded, Options { seed: args.seed, moments: true, ..Default::default() })?;
    let chosen = run::of_version(&reports, args.version.as_deref())?;
    let [.., report] = chosen.as_slice() else {
        return Err(Error::new("the scenario is replayed in no release"));
    };
    let written = loaded.written();
    let files = Near::of(Some(loaded), Vec::new());
    let bench = Bench { loaded, version: report.version, seed: args.seed, files: &files };
    let prompts = std::io::stdin().is_terminal();
    let mut out = Out::open();
    let mut lesson = Lesson {
        scenario: &loaded.scenario,
        report,
        written: &written,
        bench,
        input: &mut std::io::stdin().lock(),
        out: &mut out,
        prompts,
        score: lesson::Score::default(),
        solved: None,
    };
    let _ = lesson.walk();
    out.end(Exit::Fine)
}
