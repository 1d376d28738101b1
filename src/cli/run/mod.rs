//! `kubeverdict run`: replays scenarios, and compares what comes of them with their snapshots.

mod annotations;
mod difference;
mod junit;
mod outcome;
mod snapshots;
mod tap;
mod terminal;

use super::out::{Out, safe};
use super::scenarios::{self, Broken, Loaded};
use super::waiting::LongWaits;
use super::{Exit, parallel, stories};
use crate::api::Dig;
use crate::cluster::Fresh;
use crate::error::Error;
use crate::files;
use crate::scenario::agreed;
use crate::scenario::report::Report;
use crate::scenario::{run as runner, snapshot};
use outcome::Outcome;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// Replay scenarios and check every outcome
///
/// Each scenario's steps are replayed on a virtual clock and compared with what the scenario expects and with its
/// snapshot. Exit codes: 0 all as expected, 1 something differs, 2 bad input, such as a scenario that is broken: others
/// are replayed all the same.
#[derive(clap::Args)]
pub(super) struct RunArgs {
    /// Scenario files, or folders of them
    #[arg(default_value = "scenarios", value_name = "PATH")]
    paths: Vec<String>,
    /// Write the snapshots instead of comparing with them
    #[arg(long, conflicts_with_all = ["no_snapshots", "seed"])]
    accept: bool,
    /// Compare with no snapshots: only what steps expect counts
    #[arg(long)]
    no_snapshots: bool,
    /// Print reports as JSON
    #[arg(long, conflicts_with = "tap")]
    json: bool,
    /// Print in the Test Anything Protocol
    #[arg(long)]
    tap: bool,
    /// Write what came of it to this file, as JUnit's XML; to standard output, in the place of all else, with `-`
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Draw everything that is by chance from this seed; snapshots are not compared then
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Only scenarios whose path or name holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Print the table of each scenario, as is done of a single one; twice, what each stage found for every request
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
    /// The folder of snapshots, unless it is the nearest `snapshots` at or above a scenario
    #[arg(long, value_name = "DIR")]
    snapshots: Option<PathBuf>,
    /// Write the audit log of each scenario that has an audit policy, as NAME-RELEASE.log, an event a line
    #[arg(long, value_name = "DIR")]
    audit_log: Option<PathBuf>,
    /// The folder that scenarios may read in, unless it is the one that holds them
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

impl RunArgs {
    fn junit_is_printed(&self) -> bool {
        self.junit.as_deref() == Some(Path::new("-"))
    }
}

pub(super) fn cmd_run(args: RunArgs) -> Result<Exit, Error> {
    if args.junit_is_printed() && (args.json || args.tap) {
        return Err(Error::new("one form at a time: `--junit -` prints XML, without `--json` and `--tap`"));
    }
    // A folder that is not there is none of the program's: in CI that would be green for nothing.
    let missing = |path: &&String| !files::exists(Path::new(path)) && stories::named(path).len() > 1;
    if let Some(path) = args.paths.iter().find(missing) {
        return Err(scenarios::missing(path));
    }
    let mut loaded = scenarios::each(&args.paths, args.root.as_deref())?;
    if let Some(filter) = &args.filter {
        loaded.retain(|read| match read {
            Ok(l) => l.path.contains(filter.as_str()) || l.scenario.scenario.contains(filter.as_str()),
            Err(broken) => broken.path.contains(filter.as_str()),
        });
        if loaded.is_empty() {
            return Err(Error::new(format!("no scenario matches `{filter}`")));
        }
    }
    if args.seed.is_none() && !args.no_snapshots {
        snapshots::apart(&args, loaded.iter().flatten())?;
    }
    let progress = super::progress(loaded.len());
    let mut printer = Printer::open(&args, loaded.len());
    let mut outcomes = Vec::new();
    let mut audited = 0;
    let fresh = Fresh::default();
    // Whoever reads of each stage wants to read why.
    let moments = args.json || args.verbose > 1;
    let waiting = LongWaits::beside(&progress);
    let options = runner::Options { seed: args.seed, moments, fresh: Some(&fresh), watch: Some(&waiting) };
    for read in &loaded {
        let replayed = match read {
            Ok(scenario) => {
                waiting.is_about(safe(&scenario.path));
                let replayed = replay(scenario, options).and_then(|reports| {
                    progress.suspend(|| warn(scenario, options))?;
                    Ok((scenario, reports))
                });
                replayed.map_err(|error| Outcome::broken(&scenario.path, &scenario.scenario.scenario, &error))
            }
            Err(Broken { path, error }) => Err(Outcome::broken(path, path, error)),
        };
        progress.inc(1);
        let (outcome, reports) = match replayed {
            Ok((scenario, reports)) => {
                if let Some(folder) = &args.audit_log {
                    audited += write_audit_logs(folder, scenario, &reports)?;
                }
                let mut outcome = Outcome::of(scenario, &reports);
                if args.seed.is_none() && !args.no_snapshots {
                    snapshots::compare(&args, scenario, &snapshot::render(&reports), &mut outcome)?;
                }
                (outcome, reports)
            }
            Err(broken) => (broken, Vec::new()),
        };
        let shown = progress.suspend(|| printer.show(&outcome, &reports));
        outcomes.push(outcome);
        // Whoever reads may have gone (`| head`); a file is for somebody else.
        if shown.is_err() && args.junit.is_none() {
            break;
        }
    }
    progress.finish_and_clear();
    let broken = outcomes.iter().any(|outcome| outcome.error.is_some());
    if args.audit_log.is_some() && audited == 0 && !broken {
        let why = "`--audit-log`: no scenario has an audit policy, so that nothing was written";
        return Err(Error::new(why).hint("give a scenario `cluster: {flags: {audit-policy-file: FILE}}`"));
    }
    if let Some(path) = args.junit.as_ref().filter(|_| !args.junit_is_printed()) {
        write(path, &junit::text(&outcomes)?).map_err(Error::of_file(&path.display().to_string()))?;
    }
    let exit = match outcomes.iter().all(Outcome::passed) {
        true => Exit::Fine,
        false if broken => Exit::BadInput,
        false => Exit::Differs,
    };
    let ended = printer.end(&outcomes, exit);
    outcomes.iter().filter_map(|outcome| outcome.error.as_ref()).for_each(super::report);
    ended
}

/// What goes to standard output, in the form that was asked for.
struct Printer {
    out: Out,
    form: Form,
}

enum Form {
    /// A person reads.
    Text { verbose: u8 },
    /// In the Test Anything Protocol, with the number of the last scenario.
    Tap { number: usize },
    /// All reports at once, in the end.
    Json { reports: Vec<crate::json::Value> },
    /// All outcomes at once, in the end, as JUnit's XML.
    Junit,
}

impl Printer {
    fn open(args: &RunArgs, scenarios: usize) -> Printer {
        let mut out = Out::open();
        let form = match args {
            RunArgs { json: true, .. } => Form::Json { reports: Vec::new() },
            args if args.junit_is_printed() => Form::Junit,
            RunArgs { tap: true, .. } => {
                // Whoever has gone is missed at the first scenario.
                let _ = tap::begin(&mut out, scenarios);
                Form::Tap { number: 0 }
            }
            // Whoever runs one scenario wants to see it.
            RunArgs { verbose, .. } => Form::Text { verbose: (*verbose).max(u8::from(scenarios == 1)) },
        };
        Printer { out, form }
    }

    fn show(&mut self, outcome: &Outcome, reports: &[Report]) -> io::Result<()> {
        match &mut self.form {
            Form::Text { verbose } => terminal::scenario(&mut self.out, outcome, reports, *verbose),
            Form::Tap { number } => {
                *number += 1;
                tap::point(&mut self.out, *number, outcome)
            }
            Form::Json { reports: all } => {
                let mut told =
                    crate::json!({"path": outcome.path, "reports": reports, "differs": !outcome.passed()});
                if let Some(error) = &outcome.error {
                    told.set("error", error.to_string());
                }
                all.push(told);
                Ok(())
            }
            Form::Junit => Ok(()),
        }
    }

    fn end(mut self, outcomes: &[Outcome], exit: Exit) -> Result<Exit, Error> {
        match self.form {
            // Whether it was printed, the end tells.
            Form::Text { .. } => {
                let _ = terminal::end(&mut self.out, outcomes);
                if annotations::are_read() {
                    let _ = outcomes.iter().try_for_each(|outcome| annotations::of(&mut self.out, outcome));
                }
            }
            Form::Tap { .. } => {}
            Form::Junit => self.out.raw(&junit::text(outcomes)?),
            Form::Json { reports } => self.out.json(&crate::json::Value::from(reports).to_string()),
        }
        self.out.end(exit)
    }
}

/// Replays a scenario in each of its releases, side by side: a replay shares nothing with another.
pub(super) fn replay(loaded: &Loaded, options: runner::Options<'_>) -> Result<Vec<Report>, Error> {
    let replays = parallel::each(&runner::versions(&loaded.scenario), |version| {
        runner::replay(&loaded.scenario, *version, options, &loaded.files())
            .map_err(|error| error.in_file(&loaded.path))
    });
    replays.into_iter().collect()
}

/// Tells what a scenario's flags ask for in vain, each once.
fn warn(loaded: &Loaded, options: runner::Options<'_>) -> Result<(), Error> {
    let mut said = BTreeSet::new();
    for version in runner::versions(&loaded.scenario) {
        let config = runner::config(&loaded.scenario, version, options, &loaded.files())?;
        said.extend(config.unmodelled());
    }
    said.iter().for_each(|why| super::warn(&format!("{}: {why}", loaded.path)));
    Ok(())
}

/// The replays of a release, of all of them unless one is named.
pub(super) fn of_version<'a>(reports: &'a [Report], version: Option<&str>) -> Result<Vec<&'a Report>, Error> {
    let wanted = |report: &&Report| version.is_none_or(|version| version == report.version.to_string());
    let chosen: Vec<&Report> = reports.iter().filter(wanted).collect();
    if chosen.is_empty() {
        let version = version.unwrap_or_default();
        return Err(Error::new(format!("the scenario is not replayed under `{version}`"))
            .hint(format!("it is under {}", releases(reports))));
    }
    Ok(chosen)
}

/// Writes the audit log of each release that has one; how many that were.
fn write_audit_logs(folder: &Path, loaded: &Loaded, reports: &[Report]) -> Result<usize, Error> {
    let mut written = 0;
    for report in reports {
        let Some(events) = &report.audit else { continue };
        let path = folder.join(format!("{}-{}.log", snapshots::place(loaded).1, report.version));
        let text: String = events.iter().map(|event| format!("{event}\n")).collect();
        write(&path, &text).map_err(Error::of_file(&path.display().to_string()))?;
        written += 1;
    }
    Ok(written)
}

/// Writes a file whole or not at all.
pub(super) fn write(path: &Path, text: impl AsRef<[u8]>) -> std::io::Result<()> {
    files::make_folder(path.parent().unwrap_or(Path::new(".")))?;
    files::write(path, text.as_ref())
}

/// The releases of replays.
fn releases(reports: &[Report]) -> String {
    agreed::spans(reports.iter().map(|report| report.version))
}
