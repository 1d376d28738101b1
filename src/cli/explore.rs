//! `kubeverdict explore`: a scenario under many orders of events.

use super::format::FormatArgs;
use super::out::{Out, safe};
use super::paint::{Paint, paint};
use super::scenarios::{self, Loaded};
use super::words::many;
use super::{Exit, parallel};
use crate::api::Version;
use crate::cluster::Fresh;
use crate::error::Error;
use crate::explore::{Endings, Exploration, Explorer, Found};
use crate::scenario::run;
use std::path::PathBuf;

/// How many seeds are replayed at a stretch.
const STRETCH: u64 = 32;

/// Replay a scenario under many orders of events, and tell every ending
///
/// When the next step comes, which controller goes first, how long caches hear of nothing: all that a real cluster leaves
/// to chance is drawn from a seed, seed 0 being the usual order. Each distinct ending is told with its share, its smallest
/// seed, and the fewest deviations from the usual order that end so; they may be written into the scenario as `schedule`,
/// which `run` replays. A step with `settle: true` waits, whatever the order.
///
/// Ends with 0 when there is one ending, 1 when there are more, 2 for bad input.
#[derive(clap::Args)]
pub(super) struct ExploreArgs {
    /// A scenario file, or a story in the program
    #[arg(value_name = "SCENARIO")]
    path: String,
    /// How many seeds to try
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// The folder that the scenario may read in, unless it is the one that holds it
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) fn cmd_explore(args: ExploreArgs) -> Result<Exit, Error> {
    let loaded = scenarios::load(std::slice::from_ref(&args.path), args.root.as_deref())?;
    let mut explored = Vec::new();
    for scenario in &loaded {
        for version in run::versions(&scenario.scenario) {
            explored.push(explore(scenario, version, args.seeds)?);
        }
    }
    let mut out = Out::open();
    let words = || explored.iter().map(in_words).collect::<Vec<String>>().join("\n\n");
    args.format.print(&mut out, &explored, words)?;
    let several = explored.iter().any(|one| one.endings.len() > 1);
    out.end(if several { Exit::Differs } else { Exit::Fine })
}

/// Seeds side by side; what came of them is the same however many go at once.
fn explore(loaded: &Loaded, version: Version, seeds: u64) -> Result<Exploration, Error> {
    let (fresh, files) = (Fresh::default(), loaded.files());
    let of_file = |error: Error| error.in_file(&loaded.path);
    let teller = Explorer::new(&loaded.scenario, version, &files, &fresh).map_err(of_file)?;
    let progress = super::progress(usize::try_from(seeds).unwrap_or(usize::MAX));
    progress.set_message(safe(&loaded.path));
    let stretches: Vec<u64> = (0..seeds).step_by(STRETCH as usize).collect();
    let counted = parallel::each(&stretches, |from| {
        let files = loaded.files();
        let explorer = Explorer::new(&loaded.scenario, version, &files, &fresh)?;
        let mut endings = Endings::default();
        for seed in *from..seeds.min(from + STRETCH) {
            endings.add(seed, &explorer.draw(seed)?);
            progress.inc(1);
        }
        Ok(endings)
    });
    progress.finish_and_clear();
    let mut all = Endings::default();
    for endings in counted {
        all.join(endings.map_err(of_file)?);
    }
    teller.tell(&loaded.scenario.scenario, all).map_err(of_file)
}

fn in_words(explored: &Exploration) -> String {
    let Exploration { scenario, version, runs, endings } = explored;
    let found = many(endings.len(), "ending");
    let mut lines = vec![format!("{scenario} · Kubernetes {version} · {runs} orders: {found}")];
    for (number, found) in (1..).zip(endings) {
        lines.push(String::new());
        lines.extend(of_ending(number, found, *runs));
    }
    lines.join("\n")
}

fn of_ending(number: usize, found: &Found, runs: u64) -> Vec<String> {
    // Tenths of a percent, without floats.
    let share = found.runs * 1000 / runs.max(1);
    let title = format!("{number}. {}.{}% of orders, first with seed {}", share / 10, share % 10, found.seed);
    let mut lines = vec![paint(Paint::Strong, &title)];
    if found.schedule.is_empty() {
        lines.push("   the usual order".to_owned());
    }
    lines.extend(found.story.iter().map(|sentence| format!("   - {}", safe(sentence))));
    for differs in &found.differs {
        let line = differs.line.lines().next().unwrap_or_default();
        lines.push(format!("   step {} {}", differs.step, safe(line)));
        lines.push(format!("     {} instead of {}", differs.here.in_words(), differs.usual.in_words()));
        lines.extend(differs.message.lines().map(|line| paint(Paint::Dim, &format!("     {}", safe(line)))));
    }
    lines.extend(found.stopped.iter().map(|why| format!("   no further: {}", safe(why))));
    if !found.schedule.is_empty() {
        lines.push("   schedule:".to_owned());
        let written = found.schedule.iter().filter_map(|one| serde_json::to_string(one).ok());
        lines.extend(written.map(|one| format!("   - {}", safe(&one))));
    }
    lines
}
