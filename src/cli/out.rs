//! What is printed: the one place where text for people is made safe, and where a full disk or a closed pipe shows.
//!
//! A scenario, a dump or a manifest may hold anything in its names and messages, also what a terminal takes for a command. So
//! whatever is printed goes through [`Out`]: control characters other than line feeds and tabs, and those that turn the direction
//! of text, are shown as escapes (`\u{1b}`), and so are line feeds in what is printed as a [line](lines) or a [cell]. Colours are our own [marks](super::paint), which become a terminal's here and nowhere
//! else; of a stranger's text that holds one, no more than a colour comes.

use super::Exit;
use super::paint;
use crate::error::Error;
use std::io::{self, ErrorKind, StdoutLock, Write};

/// Standard output.
pub(super) struct Out {
    to: StdoutLock<'static>,
    failed: Option<io::Error>,
}

impl Out {
    pub(super) fn open() -> Out {
        Out { to: io::stdout().lock(), failed: None }
    }

    /// Prints JSON, which has escapes of its own.
    pub(super) fn json(&mut self, text: &str) {
        let safe: String = text.chars().map(|c| escaped(c, |c| format!("\\u{:04x}", u32::from(c)))).collect();
        self.raw(&format!("{safe}\n"));
    }

    /// Prints what was [made safe](safe) in its parts.
    pub(super) fn raw(&mut self, text: &str) {
        let _ = self.put(text);
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        let put = self.to.write_all(text.as_bytes());
        put.map_err(|error| self.remember(error))
    }

    fn remember(&mut self, error: io::Error) -> io::Error {
        let kind = error.kind();
        self.failed.get_or_insert(error);
        io::Error::from(kind)
    }

    /// Ends a command: with its own exit, unless something could not be printed. That whoever reads has gone (`| head`) is no
    /// failure.
    pub(super) fn end(mut self, exit: Exit) -> Result<Exit, Error> {
        let _ = self.flush();
        match self.failed {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(Error::of_file("standard output")(error))
            }
            Some(_) | None => Ok(exit),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(&safe(&String::from_utf8_lossy(bytes)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        flushed.map_err(|error| self.remember(error))
    }
}

/// A text as a terminal may have it: with escapes in place of control characters, and colours in place of marks.
pub(super) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match paint::colour(c) {
            Some(colour) => out.push_str(&colour),
            None => out.push_str(&escaped(c, |c| c.escape_unicode().to_string())),
        }
    }
    out
}

/// A text as it stands in one line: whose name holds a line feed begins no line of its own, which would read as ours and, behind
/// `::`, be a command to a runner of CI.
pub(super) fn flat(text: &str) -> String {
    let ends = |c: char| matches!(c, '\n' | '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if ends(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

/// Lines as they are printed, each as one.
pub(super) fn lines(all: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    all.into_iter().map(|line| flat(line.as_ref())).collect::<Vec<_>>().join("\n")
}

/// A cell of a table, [safe] and on one line.
pub(super) fn cell(text: &str) -> String {
    safe(&flat(text))
}

/// A character as it is, or its escape.
fn escaped(c: char, escape: impl Fn(char) -> String) -> String {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let acts = c.is_control() && !matches!(c, '\n' | '\t');
    if acts || turns { escape(c) } else { c.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_no_line() {
        assert_eq!(cell("x\r\n::error::y\u{2028}z"), "x\\u{d}\\u{a}::error::y\\u{2028}z");
        assert_eq!(lines(["a\nb", "c"]), "a\\u{a}b\nc");
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        for (text, shown) in [
            ("plain äö ✓\n\ttext", "plain äö ✓\n\ttext"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("a\rb\u{8}c\u{7f}d\u{9b}e\0", "a\\u{d}b\\u{8}c\\u{7f}d\\u{9b}e\\u{0}"),
            ("admin\u{202e}nimda", "admin\\u{202e}nimda"),
        ] {
            assert_eq!(safe(text), shown);
        }
    }
}
