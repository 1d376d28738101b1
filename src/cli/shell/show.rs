//! What the shell prints.

use super::super::paint::{Paint, paint};
use super::super::wrap::wrapped;
use crate::api::Version;
use crate::error::Error;
use crate::prompt::Typed;
use crate::prompt::told::{self, Told, Tone};
use crate::scenario::report::StepReport;

/// What stands above the first prompt.
pub(super) fn greeting(version: Version) -> String {
    let text = format!("A cluster of Kubernetes {version}; `help` lists the commands, `exit` ends");
    paint(Paint::Dim, &wrapped(&text)) + "\n"
}

/// An error, in one line.
pub(in crate::cli) fn error(error: &Error) -> String {
    wrapped(&format!("{} {}\n", paint(Paint::Bad, "error:"), told::error(error)))
}

/// A step that was replayed, in one line.
pub(super) fn replayed(step: &StepReport) -> String {
    let line = step.name.as_deref().unwrap_or(&step.line).lines().next().unwrap_or_default();
    let failed = if step.failures.is_empty() { "" } else { "  not as expected" };
    let ended = step.ended();
    let code = if ended.is_empty() { ended } else { format!("  -> {ended}") };
    format!("{:>4}  {line}{}{}", step.number, paint(Paint::Dim, &code), paint(Paint::Bad, failed))
}

/// What a line printed, and what decided.
pub(in crate::cli) fn step(typed: &Typed) -> String {
    let shown = told::step(typed).into_iter().map(|Told { tone, text }| match tone {
        Tone::Plain => text,
        Tone::Aside => paint(Paint::Dim, &wrapped(text.trim_end())) + "\n",
    });
    shown.collect()
}
