//! `kubeverdict explore`: a scenario under many orders of events.

mod save;
mod words;

use super::format::FormatArgs;
use super::out::{Out, safe};
use super::scenarios::{self, Loaded};
use super::{Exit, parallel};
use crate::api::Version;
use crate::cluster::Fresh;
use crate::error::Error;
use crate::explore::{Bounds, Endings, Exploration, Explorer};
use crate::scenario::run;
use std::path::PathBuf;

/// Replay a scenario under many orders of events, and tell every ending
///
/// When the next step comes, which controller goes first, how long caches hear of nothing: all that a real cluster leaves
/// to chance is drawn from a seed, seed 0 being the usual order. Each distinct ending is told with its share, its smallest
/// seed, and the fewest deviations from the usual order that end so; they may be written into the scenario as `schedule`,
/// which `run` replays. A step with `settle: true` waits, whatever the order. What the scenario says under `never`, `always` and
/// `eventually` is held against every order.
///
/// Ends with 0 when there is one ending and no property is broken, 1 otherwise, 2 for bad input.
#[derive(clap::Args)]
pub(super) struct ExploreArgs {
    /// A scenario file, or a story in the program
    #[arg(value_name = "SCENARIO")]
    path: String,
    /// How many seeds to try
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Try every order, as long as there are no more states than --states
    #[arg(long, conflicts_with = "seeds")]
    exhaustive: bool,
    /// How many states an exhaustive search looks at
    #[arg(long, value_name = "N", default_value_t = 100_000, requires = "exhaustive", value_parser = clap::value_parser!(u64).range(1..))]
    states: u64,
    /// Follow each order from beginning to end, even where it comes to what another came to, to see what that saves
    #[arg(long, requires = "exhaustive")]
    no_reduction: bool,
    /// Write each ending that breaks a property as a scenario with its schedule, which `run` replays
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// The folder that the scenario may read in, unless it is the one that holds it
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) fn cmd_explore(args: ExploreArgs) -> Result<Exit, Error> {
    let loaded = scenarios::one(&args.path, args.root.as_deref())?;
    let mut explored = Vec::new();
    let mut saved = Vec::new();
    for version in run::versions(&loaded.scenario) {
        let one = match args.exhaustive {
            true => search(&loaded, version, Bounds { states: args.states, reduce: !args.no_reduction })?,
            false => explore(&loaded, version, args.seeds)?,
        };
        if let Some(folder) = &args.save {
            saved.extend(save::save(folder, &loaded, version, &one)?);
        }
        explored.push(one);
    }
    let mut out = Out::open();
    let saved = saved.iter().map(|path| format!("written: {}", safe(path)));
    let words = || explored.iter().map(words::in_words).chain(saved).collect::<Vec<String>>().join("\n\n");
    args.format.print(&mut out, &explored, words)?;
    let several = explored.iter().any(|one| one.endings.len() > 1 || one.is_broken());
    out.end(if several { Exit::Differs } else { Exit::Fine })
}

/// All orders.
fn search(loaded: &Loaded, version: Version, bounds: Bounds) -> Result<Exploration, Error> {
    let (fresh, files) = (Fresh::default(), loaded.files());
    let of_file = |error: Error| error.in_file(&loaded.path);
    let explorer = Explorer::new(&loaded.scenario, version, &files, &fresh).map_err(of_file)?;
    let (endings, searched) = explorer.search(bounds).map_err(of_file)?;
    explorer.tell(&loaded.scenario.scenario, endings, Some(searched)).map_err(of_file)
}

/// Seeds side by side; what came of them is the same however many go at once.
fn explore(loaded: &Loaded, version: Version, seeds: u64) -> Result<Exploration, Error> {
    let (fresh, files) = (Fresh::default(), loaded.files());
    let of_file = |error: Error| error.in_file(&loaded.path);
    let teller = Explorer::new(&loaded.scenario, version, &files, &fresh).map_err(of_file)?;
    let progress = super::progress(usize::try_from(seeds).unwrap_or(usize::MAX));
    progress.set_message(safe(&loaded.path));
    let workers = parallel::workers();
    let counted = parallel::each(&(0..workers as u64).collect::<Vec<u64>>(), |first| {
        let files = loaded.files();
        let explorer = Explorer::new(&loaded.scenario, version, &files, &fresh)?;
        let mut endings = Endings::default();
        for seed in (*first..seeds).step_by(workers) {
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
    teller.tell(&loaded.scenario.scenario, all, None).map_err(of_file)
}
