//! What GitHub's runners show beside the line of a file: commands on standard output, which anything may print there.
//!
//! Source: docs.github.com, "Workflow commands for GitHub Actions", "Setting an error message".

use super::super::out::Out;
use super::outcome::{Failure, Outcome};
use std::io::{self, Write};

/// Whether a runner of GitHub's reads what is printed.
#[expect(clippy::disallowed_methods, reason = "that is how it says so")]
pub(super) fn are_read() -> bool {
    std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true")
}

/// An annotation for each failure of a scenario.
pub(super) fn of(out: &mut Out, outcome: &Outcome) -> io::Result<()> {
    for failure in &outcome.failures {
        let Failure { position, of, what, .. } = failure;
        let place = position.map(|(line, column)| format!(",line={line},col={column}")).unwrap_or_default();
        let (file, title) = (property(&outcome.path), property(&format!("{}: {of}", outcome.name)));
        writeln!(out, "::error file={file}{place},title={title}::{}", escaped(what))?;
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
