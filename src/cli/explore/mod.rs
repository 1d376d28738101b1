//! `kubeverdict explore`: a scenario under many orders of events.

mod job;
mod reads;
mod reports;
mod save;
mod seeds;
mod words;

use super::Exit;
use super::format::FormatArgs;
use super::out::{Out, safe};
use super::scenarios::{self, Loaded};
use crate::api::Version;
use crate::cluster::Fresh;
use crate::error::Error;
use crate::explore::{Bounds, Exploration, Explorer, Report, Shard};
use crate::scenario::run;
use seeds::Drawn;
use std::path::PathBuf;

/// Replay a scenario under many orders of events, and tell every ending
///
/// When the next step comes and which actor's, which controller goes first, how long caches hear of nothing, what of `faults` happens: all that a real cluster leaves
/// to chance is drawn from a seed, seed 0 being the usual order. Each distinct ending is told with its share, its smallest
/// seed, and the fewest deviations from the usual order that end so; they may be written into the scenario as `schedule`,
/// which `run` replays. A step with `settle: true` waits, whatever the order. What the scenario says under `never`, `always` and
/// `eventually` is held against every order.
///
/// Several machines share the seeds with --shard, each writes a --report, and --merge tells of all of them what one machine would
/// have told; --job-manifest lets the pods of a Job do that.
///
/// Ends with 0 when there is one ending, no property is broken and no order was left out that --exhaustive should try; with 1
/// otherwise, and with 2 for bad input.
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
    /// Draw part K of N of the seeds alone, K from 0: each seed that leaves K when it is divided by N
    #[arg(long, value_name = "K/N", conflicts_with = "exhaustive")]
    shard: Option<Shard>,
    /// How many seeds are drawn at a time; no more than there are cores, and as many unless told
    #[arg(long, value_name = "N", conflicts_with = "exhaustive", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Write what was found as lines for --merge, `-` for standard output, and end with 0
    #[arg(long, value_name = "FILE", conflicts_with_all = ["exhaustive", "save", "output", "json"])]
    report: Option<PathBuf>,
    /// Tell of the reports of all parts, in any order, what one machine would have told
    #[arg(long, value_name = "REPORT", num_args = 1.., conflicts_with_all = ["seeds", "exhaustive", "shard", "threads", "report"])]
    merge: Vec<PathBuf>,
    /// Print the manifest of an Indexed Job of so many pods, which share the seeds, and how to get at what they find
    #[arg(long, value_name = "PODS", conflicts_with_all = ["merge", "exhaustive", "shard", "threads", "report", "save", "output", "json"], value_parser = clap::value_parser!(u32).range(1..=10_000))]
    job_manifest: Option<u32>,
    /// The image of the Job's pods
    #[arg(long, value_name = "IMAGE", default_value = "kubeverdict", requires = "job_manifest")]
    image: String,
    /// Write each ending that breaks a property as a scenario with its schedule, which `run` replays
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// The folder that the scenario may read in, unless it is the one that holds it
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArgs,
}

/// In which way orders are found.
enum How {
    /// All of them.
    Every(Bounds),
    /// By seeds.
    Drawn(Drawn),
    /// By seeds, which others drew.
    Merged(Vec<Report>),
}

pub(super) fn cmd_explore(args: ExploreArgs) -> Result<Exit, Error> {
    let loaded = scenarios::one(&args.path, args.root.as_deref())?;
    let drawn = Drawn { seeds: args.seeds, shard: args.shard.unwrap_or_default(), threads: args.threads };
    if let Some(pods) = args.job_manifest {
        return job::print(&loaded, args.seeds, pods, &args.image);
    }
    if drawn.shard.count(drawn.seeds) == 0 && args.merge.is_empty() {
        let Drawn { seeds, shard, .. } = drawn;
        super::warn(&format!("part {shard} of {seeds} seeds has none of them: nothing is drawn"));
    }
    if let Some(folder) = &args.save {
        save::prepare(folder)?;
    }
    if let Some(file) = &args.report {
        return reports::write(&loaded, drawn, file);
    }
    let how = match (args.exhaustive, args.merge.is_empty()) {
        (true, _) => How::Every(Bounds { states: args.states, reduce: !args.no_reduction }),
        (false, true) => How::Drawn(drawn),
        (false, false) => How::Merged(reports::read(&loaded, &args.merge)?),
    };
    let mut explored = Vec::new();
    let mut saved = Vec::new();
    for version in run::versions(&loaded.scenario) {
        let one = explore(&loaded, version, &how).map_err(|error| error.in_file(&loaded.path))?;
        if let Some(folder) = &args.save {
            saved.extend(save::save(folder, &loaded, version, &one)?);
        }
        explored.push(one);
    }
    if args.save.is_some() && saved.is_empty() {
        eprintln!(
            "note: nothing is saved, as no property is broken; `never`, `always` and `eventually` say which ending is wrong"
        );
    }
    let mut out = Out::open();
    let saved = saved.iter().map(|path| format!("written: {}", safe(path)));
    let words = || explored.iter().map(words::in_words).chain(saved).collect::<Vec<String>>().join("\n\n");
    args.format.print(&mut out, &explored, words)?;
    let is_open = |one: &Exploration| one.search.as_ref().is_some_and(|search| !search.complete);
    let differs = explored.iter().any(|one| one.endings.len() > 1 || one.is_broken() || is_open(one));
    out.end(if differs { Exit::Differs } else { Exit::Fine })
}

fn explore(loaded: &Loaded, version: Version, how: &How) -> Result<Exploration, Error> {
    let (fresh, files) = (Fresh::default(), loaded.files());
    let explorer = Explorer::new(&loaded.scenario, version, &files, &fresh)?;
    let (endings, searched) = match how {
        How::Every(bounds) => {
            let (endings, searched) = explorer.search(*bounds)?;
            (endings, Some(searched))
        }
        How::Drawn(drawn) => (drawn.count(loaded, version, &fresh)?, None),
        How::Merged(reports) => (explorer.merge(reports)?, None),
    };
    explorer.tell(&loaded.scenario.scenario, endings, searched)
}
