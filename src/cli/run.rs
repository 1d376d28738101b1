//! `kubeverdict run`: replays scenarios, and compares what comes of them with their snapshots.

use super::out::{Out, safe};
use super::paint::{Paint, paint};
use super::scenarios::{self, Loaded};
use super::{Exit, parallel, steps};
use crate::cluster::Fresh;
use crate::error::Error;
use crate::files;
use crate::limits::NAMED_BYTES;
use crate::scenario::agreed;
use crate::scenario::report::Report;
use crate::scenario::{run as runner, snapshot};
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Replay scenarios and check every outcome
///
/// Each scenario's steps are replayed on a virtual clock and compared with what the scenario expects and with its
/// snapshot. Exit codes: 0 all as expected, 1 something differs, 2 bad input.
#[derive(clap::Args)]
pub(super) struct RunArgs {
    /// Scenario files, or folders of them
    #[arg(default_value = "scenarios", value_name = "PATH")]
    paths: Vec<String>,
    /// Write the snapshots instead of comparing with them
    #[arg(long)]
    accept: bool,
    /// Print reports as JSON
    #[arg(long)]
    json: bool,
    /// Draw everything that is by chance from this seed; snapshots are not compared then
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Only scenarios whose path or name holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Print what each stage found, for every request
    #[arg(short, long)]
    verbose: bool,
    /// The folder of snapshots
    #[arg(long, default_value = "snapshots", value_name = "DIR")]
    snapshots: PathBuf,
    /// Write the audit log of each scenario that has an audit policy, as NAME-RELEASE.log, an event a line
    #[arg(long, value_name = "DIR")]
    audit_log: Option<PathBuf>,
    /// The folder that scenarios may read in, unless it is the one that holds them
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

pub(super) fn cmd_run(args: RunArgs) -> Result<Exit, Error> {
    let mut loaded = scenarios::load(&args.paths, args.root.as_deref())?;
    if let Some(filter) = &args.filter {
        loaded.retain(|l| l.path.contains(filter.as_str()) || l.scenario.scenario.contains(filter.as_str()));
        if loaded.is_empty() {
            return Err(Error::new(format!("no scenario matches `{filter}`")));
        }
    }
    let progress = super::progress(loaded.len());
    let mut out = Out::open();
    let mut all = Vec::new();
    let (mut steps, mut differing, mut audited) = (0, 0, 0);
    let fresh = Fresh::default();
    for scenario in &loaded {
        progress.set_message(safe(&scenario.path));
        // Whoever reads of each stage wants to read why.
        let moments = args.json || args.verbose;
        let options = runner::Options { seed: args.seed, moments, fresh: Some(&fresh) };
        let reports = replay(scenario, options)?;
        progress.suspend(|| warn(scenario, options))?;
        progress.inc(1);
        if let Some(folder) = &args.audit_log {
            audited += write_audit_logs(folder, scenario, &reports)?;
        }
        let failed = reports.iter().flat_map(Report::all).filter(|step| !step.failures.is_empty()).count();
        steps += reports.iter().map(|report| report.all().len()).sum::<usize>();
        let text = snapshot::render(&reports);
        let diff = if args.seed.is_some() { None } else { compare(&args, scenario, &text)? };
        differing += usize::from(failed > 0 || diff.is_some());
        if args.json {
            all.push(serde_json::json!({"path": scenario.path, "reports": reports, "differs": failed > 0 || diff.is_some()}));
            continue;
        }
        let shown = progress.suspend(|| show(&mut out, scenario, &reports, &args, diff.as_deref()));
        // Whoever reads may have gone (`| head`).
        if shown.is_err() {
            break;
        }
    }
    progress.finish_and_clear();
    if args.audit_log.is_some() && audited == 0 {
        let why = "`--audit-log`: no scenario has an audit policy, so that nothing was written";
        return Err(Error::new(why).hint("give a scenario `cluster: {flags: {audit-policy-file: FILE}}`"));
    }
    if args.json {
        out.json(&serde_json::Value::from(all).to_string());
    } else {
        let verdict = match differing {
            0 => paint(Paint::Good, "all as expected"),
            n => paint(Paint::Bad, &format!("{n} differ")),
        };
        let _ = writeln!(out, "{} scenarios, {steps} steps: {verdict}", loaded.len());
    }
    out.end(if differing > 0 { Exit::Differs } else { Exit::Fine })
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

/// Compares with the snapshot, or writes it; the diff, where there is one.
fn compare(args: &RunArgs, loaded: &Loaded, text: &str) -> Result<Option<String>, Error> {
    let path = args.snapshots.join(format!("{}.snap", snapshot::name(&loaded.path)));
    let shown = path.display().to_string();
    let old = match files::text(&path, &NAMED_BYTES) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::new(error.to_string()).in_file(&shown)),
    };
    let before = old.as_deref().map(snapshot::content);
    if before.map(str::trim_end) == Some(text.trim_end()) {
        return Ok(None);
    }
    if args.accept {
        let expression = format!("scenarios/{}.yaml", snapshot::name(&loaded.path).replace("__", "/"));
        write(&path, &snapshot::file(&expression, text)).map_err(Error::of_file(&shown))?;
        return Ok(None);
    }
    Ok(Some(match before {
        None => format!("no snapshot {shown}: look at the steps above, then keep them with --accept\n"),
        Some(before) => format!("{shown} differs:\n{}", diff(before, text)),
    }))
}

/// Writes the audit log of each release that has one; how many that were.
fn write_audit_logs(folder: &Path, loaded: &Loaded, reports: &[Report]) -> Result<usize, Error> {
    let mut written = 0;
    for report in reports {
        let Some(events) = &report.audit else { continue };
        let path = folder.join(format!("{}-{}.log", snapshot::name(&loaded.path), report.version));
        let text: String = events.iter().map(|event| format!("{event}\n")).collect();
        write(&path, &text).map_err(Error::of_file(&path.display().to_string()))?;
        written += 1;
    }
    Ok(written)
}

/// Writes a file whole or not at all.
pub(super) fn write(path: &Path, text: &str) -> std::io::Result<()> {
    files::make_folder(path.parent().unwrap_or(Path::new(".")))?;
    files::write(path, text.as_bytes())
}

/// The lines that differ, each group under the step that they belong to.
fn diff(before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut out = String::new();
    for group in diff.grouped_ops(2) {
        if let Some(start) = group.first().map(|op| op.new_range().start) {
            let step = after.lines().take(start + 1).filter(|line| is_step(line)).last();
            out.push_str(&paint(Paint::Dim, &format!("  in step {}\n", step.unwrap_or("?"))));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end_matches('\n');
            let line = match change.tag() {
                ChangeTag::Delete => paint(Paint::Bad, &format!("- {line}")),
                ChangeTag::Insert => paint(Paint::Good, &format!("+ {line}")),
                ChangeTag::Equal => format!("  {line}"),
            };
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

fn is_step(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(" [+")
}

fn show(
    out: &mut Out,
    loaded: &Loaded,
    reports: &[Report],
    args: &RunArgs,
    diff: Option<&str>,
) -> std::io::Result<()> {
    let Some(first) = reports.first() else { return Ok(()) };
    let title = format!("{} · Kubernetes {} · seed {}", loaded.path, releases(reports), first.seed);
    writeln!(out, "{}", paint(Paint::Strong, &title))?;
    for note in &first.notes {
        writeln!(out, "note: {note}")?;
    }
    if args.verbose {
        for report in reports {
            if reports.len() > 1 {
                writeln!(out, "{}", paint(Paint::Dim, &format!("in {}", report.version)))?;
            }
            let text = serde_json::to_string_pretty(&report.steps).unwrap_or_default();
            writeln!(out, "{}", snapshot::tokens_as_claims(&text))?;
        }
    }
    out.raw(&format!("{}\n", steps::table(reports)));
    for step in agreed::side_by_side(reports, Report::all) {
        steps::show_failures(out, loaded, &step)?;
    }
    if let Some(diff) = diff {
        writeln!(out, "{diff}")?;
    }
    writeln!(out)
}

/// The releases of replays.
fn releases(reports: &[Report]) -> String {
    agreed::spans(reports.iter().map(|report| report.version))
}
