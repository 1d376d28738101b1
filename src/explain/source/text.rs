//! A file's text, and a place in it.

use std::sync::{Arc, OnceLock};

/// From where to where an object is written: lines and columns, both from 1; the end belongs to what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) begin: (usize, usize),
    pub(super) end: (usize, usize),
}

impl Span {
    /// The line on which it begins.
    pub(super) fn line(&self) -> usize {
        self.begin.0
    }
}

/// The text of a file.
#[derive(Debug, PartialEq)]
pub(super) struct Text {
    pub(super) path: Arc<str>,
    pub(super) text: String,
    /// Where its lines begin.
    lines: OnceLock<Vec<usize>>,
    /// Whether a column is a byte.
    is_ascii: OnceLock<bool>,
}

impl Text {
    pub(super) fn new(path: &str, text: String) -> Text {
        Text { path: Arc::from(path), text, lines: OnceLock::new(), is_ascii: OnceLock::new() }
    }

    /// What is written there; a block, which its indentation holds together, as far from the left as in the file.
    pub(super) fn at(&self, span: Span) -> String {
        let (begin, end) = (self.offset(span.begin), self.offset(span.end));
        let written = self.text.get(begin..end).unwrap_or_default();
        // In braces it may stand anywhere, as in a dump of one line, where it would be pushed far to the right.
        let indented = if written.starts_with('{') { 0 } else { span.begin.1 - 1 };
        " ".repeat(indented) + written
    }

    fn offset(&self, (line, column): (usize, usize)) -> usize {
        let lines = self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect()
        });
        let Some(from) = lines.get(line - 1) else { return self.text.len() };
        if *self.is_ascii.get_or_init(|| self.text.is_ascii()) {
            return (from + column - 1).min(self.text.len());
        }
        let before = self.text[*from..].char_indices().nth(column - 1);
        before.map_or(self.text.len(), |(at, _)| from + at)
    }
}
