//! Reading lines: with history and completion at a terminal, plainly and echoed elsewhere.

use crate::clients::heredoc;
use crate::error::Error;
use crate::files;
use crate::limits::NAMED_BYTES;
use crate::prompt::Prompt;
use crate::prompt::complete::World;
use rustyline::completion::{Completer, Pair};
use rustyline::config::{CompletionType, Config};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::{FileHistory, History};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Editor, Helper};
use std::collections::VecDeque;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

/// What was read.
pub(in crate::cli) enum Read {
    /// A line.
    Line(String),
    /// A line that was given up (Ctrl-C).
    Given,
    /// No more lines (Ctrl-D).
    End,
}

/// Where lines come from.
pub(in crate::cli) enum Lines {
    /// A terminal, the file that keeps its history, and lines that were pasted together with one that was read.
    Terminal(Box<Editor<Completion, FileHistory>>, Option<PathBuf>, VecDeque<String>),
    /// A file or a pipe.
    Plain,
}

impl Lines {
    /// Opens standard input.
    pub(in crate::cli) fn open(history: Option<&str>) -> Result<Lines, Error> {
        if !std::io::stdin().is_terminal() {
            return Ok(Lines::Plain);
        }
        let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
        let mut editor = Editor::with_config(config).map_err(wrong)?;
        let history = history.map(PathBuf::from);
        if let Some(path) = history.as_ref().filter(|path| files::exists(path)) {
            files::text(path, &NAMED_BYTES).map_err(Error::of_file(&path.display().to_string()))?;
            editor.load_history(path).map_err(|error| wrong(error).in_file(&path.display().to_string()))?;
        }
        Ok(Lines::Terminal(Box::new(editor), history, VecDeque::new()))
    }

    /// Reads a line.
    pub(in crate::cli) fn read(&mut self, prompt: &Prompt<'_>, out: &mut impl Write) -> Result<Read, Error> {
        match self {
            Lines::Terminal(editor, _, pasted) => {
                if let Some(line) = pasted.pop_front() {
                    let _ = writeln!(out, "{}{line}", prompt.prompt());
                    return Ok(Read::Line(line));
                }
                editor.set_helper(Some(Completion(prompt.world())));
                match editor.readline(&prompt.prompt()) {
                    Ok(text) => {
                        pasted.extend(lines(&joined(&text)));
                        Ok(Read::Line(pasted.pop_front().unwrap_or_default()))
                    }
                    Err(ReadlineError::Interrupted) => Ok(Read::Given),
                    Err(ReadlineError::Eof) => Ok(Read::End),
                    Err(error) => Err(wrong(error)),
                }
            }
            Lines::Plain => {
                let read = plain(&mut std::io::stdin().lock());
                let Some(line) = read.map_err(Error::of_file("standard input"))? else {
                    return Ok(Read::End);
                };
                match writeln!(out, "{}{line}", prompt.prompt()) {
                    Ok(()) => Ok(Read::Line(line)),
                    Err(_) => Ok(Read::End),
                }
            }
        }
    }

    /// Keeps the history, where that was asked for.
    pub(super) fn close(&mut self) -> Result<(), Error> {
        match self {
            Lines::Terminal(editor, Some(path), _) if !editor.history().is_empty() => {
                editor.save_history(path).map_err(|error| wrong(error).in_file(&path.display().to_string()))
            }
            Lines::Terminal(..) | Lines::Plain => Ok(()),
        }
    }
}

/// A line of a file or a pipe, with what goes on below it; none at the end.
pub(in crate::cli) fn plain(input: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    loop {
        let read = input.read_until(b'\n', &mut bytes)?;
        let open = bytes.ends_with(b"\\\n") || heredoc::is_open(&String::from_utf8_lossy(&bytes));
        if read == 0 || !open {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok((!bytes.is_empty()).then(|| joined(text.trim_end_matches(['\n', '\r']))))
}

/// A line that goes on after a backslash is one line.
fn joined(line: &str) -> String {
    line.replace("\\\n", "")
}

/// The lines of a text; one with a here-document holds its text.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some(last) if heredoc::is_open(last) => {
                last.push('\n');
                last.push_str(line);
            }
            Some(_) | None => lines.push(line.to_owned()),
        }
    }
    lines
}

fn wrong(error: ReadlineError) -> Error {
    Error::new(error.to_string())
}

/// Completion in the cluster as it is.
pub(in crate::cli) struct Completion(World);

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, words) = self.0.complete(&line[..at]);
        let only = words.len() == 1;
        // A word that is whole is followed by the next one.
        let whole = |word: &str| only && !word.ends_with(['/', '=']);
        let pair = |word: String| Pair {
            replacement: if whole(&word) { format!("{word} ") } else { word.clone() },
            display: word,
        };
        Ok((start, words.into_iter().map(pair).collect()))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {}

impl Validator for Completion {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let input = context.input();
        // Of lines that were pasted together, the last may go on.
        let last = lines(input).pop().unwrap_or_default();
        Ok(match input.ends_with('\\') || heredoc::is_open(&last) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}

impl Helper for Completion {}
