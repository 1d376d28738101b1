//! Colours, on a terminal only: marks in a text, which [`Out`](super::out::Out) turns into what a terminal understands.

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
    let (mark, _) = MARKS[paint as usize];
    format!("{mark}{text}{END}")
}

/// What stands for a colour until it is printed: characters that stand for nothing else, in the order of [`Paint`].
const MARKS: [(char, Style); 4] = [
    ('\u{fdd0}', AnsiColor::Green.on_default()),
    ('\u{fdd1}', AnsiColor::Red.on_default()),
    ('\u{fdd2}', Style::new().bold()),
    ('\u{fdd3}', Style::new().dimmed()),
];

/// Where a colour ends.
const END: char = '\u{fdd4}';

/// What a terminal is told where a mark stands; nothing where there is no terminal.
pub(super) fn colour(mark: char) -> Option<String> {
    let shown = match MARKS.iter().find(|(known, _)| *known == mark) {
        Some((_, style)) => style.render().to_string(),
        None if mark == END => anstyle::Reset.render().to_string(),
        None => return None,
    };
    Some(if colours() { shown } else { String::new() })
}
