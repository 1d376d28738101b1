//! `kubeverdict explain`: why a step ended as it did.

use super::paint::{Paint, paint};
use super::{Exit, run, scenarios};
use crate::error::Error;
use crate::explain;
use crate::scenario::report::{Report, StepReport};
use crate::scenario::run::Options;
use std::io::Write;

/// Explain a step of a scenario: who asked, what decided, and what came nearest
#[derive(clap::Args)]
pub(super) struct ExplainArgs {
    /// The scenario's file
    #[arg(value_name = "SCENARIO")]
    path: String,
    /// The step's number (`3`, `3.1`) or name
    #[arg(value_name = "STEP")]
    step: String,
    /// Only in this release, where the scenario is replayed in several
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Another seed than the scenario's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

pub(super) fn cmd_explain(args: ExplainArgs) -> Result<Exit, Error> {
    let loaded = scenarios::load(std::slice::from_ref(&args.path))?;
    let Some(loaded) = loaded.first() else { return Err(Error::new("no scenario")) };
    let reports = run::replay(loaded, Options { seed: args.seed, moments: true })?;
    let chosen: Vec<&Report> = reports
        .iter()
        .filter(|report| args.version.as_ref().is_none_or(|version| *version == report.version))
        .collect();
    if chosen.is_empty() {
        let known: Vec<&str> = reports.iter().map(|report| report.version.as_str()).collect();
        return Err(Error::new(format!(
            "the scenario is not replayed under `{}`",
            args.version.unwrap_or_default()
        ))
        .hint(format!("it is under {}", known.join(", "))));
    }
    let mut out = std::io::stdout().lock();
    for report in chosen {
        let step = find(report, &args.step)?;
        let title = format!("{} · Kubernetes {} · step {}", report.scenario, report.version, step.number);
        let _ = writeln!(out, "{}", paint(Paint::Strong, &title));
        let _ = writeln!(out, "{}", explain::text::step(step));
    }
    Ok(Exit::Fine)
}

fn find<'a>(report: &'a Report, wanted: &str) -> Result<&'a StepReport, Error> {
    let all = report.all();
    let by_number = all.iter().find(|step| step.number == wanted);
    let found = by_number.or_else(|| all.iter().find(|step| step.name.as_deref() == Some(wanted)));
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = all.iter().filter_map(|step| step.name.as_deref()).collect();
        Error::new(format!("no step `{wanted}` in this scenario: it has {} steps", report.steps.len()))
            .nearest(wanted, names)
    })
}
