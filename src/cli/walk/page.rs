//! A step on the terminal: what is done, what came of it, what followed.

use crate::cli::paint::{Paint, paint};
use crate::cli::wrap::{self, wrapped};
use crate::explain::{Explanation, text};
use crate::scenario::report::StepReport;
use std::io::{self, Write};

/// How wide prose is at most.
const MEASURE: usize = 88;
/// How many lines of what was printed are shown.
const LINES: usize = 24;

/// A step to be shown.
pub(super) struct Page<'a> {
    /// The step.
    pub(super) step: &'a StepReport,
}

impl Page<'_> {
    /// Prose, paragraph by paragraph.
    pub(super) fn prose(text: &str, indent: &str) -> String {
        let measure = MEASURE.min(wrap::of_tables().into());
        let options = textwrap::Options::new(measure).initial_indent(indent).subsequent_indent(indent);
        let paragraphs = text.trim().split("\n\n").map(|paragraph| {
            let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
            textwrap::fill(&line, &options)
        });
        paragraphs.collect::<Vec<_>>().join("\n\n")
    }

    /// What is typed, with a prompt.
    pub(super) fn typed(step: &StepReport) -> String {
        let line = step.line.trim_end().replace('\n', "\n    ");
        format!("  {} {line}", prompt(step))
    }

    pub(super) fn heading(&self, out: &mut dyn Write, of: usize) -> io::Result<()> {
        let StepReport { number, name, about, who, chance, .. } = self.step;
        let of = if number.contains('.') { String::new() } else { format!(" of {of}") };
        let name = name.as_ref().map(|name| format!(" · {name}")).unwrap_or_default();
        writeln!(out, "\n{}", paint(Paint::Strong, &format!("Step {number}{of}{name}")))?;
        if let Some(about) = about {
            writeln!(out, "{}\n", Self::prose(about, "  "))?;
        }
        for sentence in chance {
            writeln!(out, "{}", Self::prose(&format!("By chance: {sentence}."), "  "))?;
        }
        if !who.is_empty() {
            writeln!(out, "  {}", paint(Paint::Dim, who))?;
        }
        writeln!(out, "{}", Self::typed(self.step))?;
        self.step.headers.iter().try_for_each(|header| writeln!(out, "    {header}"))
    }

    /// The request that decides, explained.
    pub(super) fn answer(&self, out: &mut dyn Write, deciding: Option<&Explanation>) -> io::Result<()> {
        if let Some(explanation) = deciding {
            writeln!(out)?;
            for line in text::request_text(explanation).lines() {
                writeln!(out, "{}", wrapped(&format!("  {line}")))?;
            }
        }
        Ok(())
    }

    /// What was printed.
    pub(super) fn output(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(output) = &self.step.output else { return Ok(()) };
        let lines: Vec<&str> = output.stdout.lines().chain(output.stderr.lines()).collect();
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n  printed:")?;
        for line in lines.iter().take(LINES) {
            writeln!(out, "  | {line}")?;
        }
        match lines.len().checked_sub(LINES) {
            Some(more @ 1..) => writeln!(out, "  | … {more} more lines"),
            Some(0) | None => Ok(()),
        }
    }

    /// Where it is not as the scenario expects, and which properties are broken.
    pub(super) fn failures(&self, out: &mut dyn Write) -> io::Result<()> {
        let told = self.step.failures.iter().map(|failure| format!("not as expected: {failure}"));
        told.into_iter()
            .try_for_each(|failure| writeln!(out, "\n{}", paint(Paint::Bad, &Self::prose(&failure, "  "))))
    }

    /// What happened by itself.
    pub(super) fn afterwards(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.step.afterwards.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n  and then, by themselves:")?;
        for done in &self.step.afterwards {
            let message = if done.message.is_empty() { String::new() } else { format!("  {}", done.message) };
            let line = format!("  · {} {} -> {}{message}", done.controller, done.request, done.code);
            writeln!(out, "{}", wrapped(&line))?;
        }
        Ok(())
    }
}

fn prompt(step: &StepReport) -> &'static str {
    match ["wait", "restart", "webhooks", "issuers", "a token of", "what if"]
        .iter()
        .any(|start| step.line.starts_with(start))
    {
        true => "…",
        false => "$",
    }
}
