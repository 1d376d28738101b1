//! Colours, on a terminal only.

use anstyle::{AnsiColor, Style};
use std::io::IsTerminal;

/// What a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// A heading.
    Strong,
    /// By the way.
    Dim,
}

/// Whether standard output shows colours.
#[expect(clippy::disallowed_methods, reason = "the command line respects NO_COLOR")]
pub(super) fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var("NO_COLOR").is_err()
}

/// A text in its colour; as it is where there is no terminal.
pub(super) fn paint(paint: Paint, text: &str) -> String {
    if !colours() {
        return text.to_owned();
    }
    let style = match paint {
        Paint::Good => AnsiColor::Green.on_default(),
        Paint::Bad => AnsiColor::Red.on_default(),
        Paint::Strong => Style::new().bold(),
        Paint::Dim => Style::new().dimmed(),
    };
    format!("{style}{text}{style:#}")
}
