//! What came of a scenario, as data: what is told on a terminal, in TAP, to JUnit's readers and to GitHub are renderings of it.

use super::super::scenarios::Loaded;
use super::releases;
use crate::error::Error;
use crate::scenario::agreed::{self, InEach};
use crate::scenario::report::{Report, StepReport};
use std::fmt;

/// What came of a scenario.
pub(super) struct Outcome {
    /// Its file's path.
    pub(super) path: String,
    /// Its name.
    pub(super) name: String,
    /// The releases that it was replayed in.
    pub(super) releases: String,
    /// The seed, where it is not the usual one.
    pub(super) seed: Option<u64>,
    /// How many steps it has, in all releases.
    pub(super) steps: usize,
    /// Where it is not as it should be.
    pub(super) failures: Vec<Failure>,
    /// What there is to know besides.
    pub(super) note: Option<&'static str>,
    /// Why it can't be replayed.
    pub(super) error: Option<Error>,
}

/// Where a scenario is not as it should be.
pub(super) struct Failure {
    /// Line and column in its file.
    pub(super) position: Option<(usize, usize)>,
    /// What it is about: `step 3 (line 7) in 1.27`.
    pub(super) of: String,
    /// What is wrong, in a line.
    pub(super) what: String,
    /// What there is to see, line by line.
    pub(super) details: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.of, self.what)
    }
}

impl Outcome {
    /// What came of the steps, before anybody looks at a snapshot.
    pub(super) fn of(loaded: &Loaded, reports: &[Report]) -> Outcome {
        let failures = agreed::side_by_side(reports, Report::all);
        Outcome {
            path: loaded.path.clone(),
            name: loaded.scenario.scenario.clone(),
            releases: releases(reports),
            seed: reports.first().map(|report| report.seed).filter(|seed| *seed != 0),
            steps: reports.iter().map(|report| report.all().len()).sum(),
            failures: failures.iter().flat_map(|step| of_step(loaded, step)).collect(),
            note: None,
            error: None,
        }
    }

    /// That of a scenario which can't be replayed.
    pub(super) fn broken(path: &str, name: &str, error: &Error) -> Outcome {
        let at = error.at.as_ref().filter(|at| at.path == path);
        // What is wrong in another file is told with its place.
        let what = if at.is_some() { error.message.clone() } else { error.to_string() };
        let position = at.and_then(|at| at.position);
        let of = position.map_or_else(|| "broken".to_owned(), |(line, _)| format!("broken (line {line})"));
        let details = error.hint.iter().map(|hint| format!("hint: {hint}")).collect();
        Outcome {
            path: path.to_owned(),
            name: name.to_owned(),
            releases: String::new(),
            seed: None,
            steps: 0,
            failures: vec![Failure { position, of, what, details }],
            note: None,
            error: Some(error.clone()),
        }
    }

    /// Whether all is as it should be.
    pub(super) fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Where a step is not as expected, and in which releases, unless in all.
fn of_step(loaded: &Loaded, step: &InEach<'_>) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (wrong, group) in agreed::agreed(step, |(_, step)| step.failures.as_slice()) {
        let Some((_, report)) = group.first().filter(|_| !wrong.is_empty()) else { continue };
        let position = loaded.scenario.source.step(&report.number).and_then(|place| place.position);
        let line = position.map(|(line, _)| format!(" (line {line})")).unwrap_or_default();
        let releases = match group.len() == step.len() {
            true => String::new(),
            false => format!(" in {}", agreed::spans(group.iter().map(|(version, _)| *version))),
        };
        let of = format!("step {}{line}{releases}", report.number);
        failures.extend(wrong.iter().enumerate().map(|(index, what)| Failure {
            position,
            of: of.clone(),
            what: what.clone(),
            // What was done is told once.
            details: if index == 0 { details(report, what) } else { Vec::new() },
        }));
    }
    failures
}

/// Who did what, and what was said to it, unless that was told.
fn details(step: &StepReport, told: &str) -> Vec<String> {
    let line = step.line.lines().next().unwrap_or_default();
    let mut details = match step.who.is_empty() {
        true => Vec::new(),
        false => vec![format!("{}: {line}", step.who)],
    };
    let deciding = step.deciding().filter(|_| step.output.is_none() || step.code().is_some());
    if let Some(request) = deciding {
        details.push(
            format!("{} -> {} {}", request.request, request.code, step.verdict()).trim_end().to_owned(),
        );
    }
    let said = deciding.map(|request| request.message.as_str()).filter(|message| !message.is_empty());
    let said = said.or(step.output.as_ref().map(|output| output.stderr.as_str()));
    let said =
        said.unwrap_or_default().lines().filter(|said| !said.is_empty() && !told.contains(said)).take(2);
    details.extend(said.map(str::to_owned));
    details
}
