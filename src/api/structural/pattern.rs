//! The pattern of a text: a regular expression of Go's, compiled at its first use and kept.
//!
//! # Differs from Kubernetes
//!
//! `\B` is between letters of any script; in Go it knows ASCII alone.

use regex::Regex;
use std::iter::Peekable;
use std::str::Chars;
use std::sync::OnceLock;

/// A regular expression; the empty one says nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern of a text.
    pub(crate) fn new(text: &str) -> Pattern {
        Pattern { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is found in a text; one that can't be compiled is.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(&of_go(&self.text)).ok());
        compiled.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.text == other.text
    }
}

/// A pattern of Go's in the syntax of the library here: its classes are of ASCII, a bracket in brackets is itself, and so is a
/// brace that begins no count.
fn of_go(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('Q') => quoted(&mut letters, &mut out),
                Some('b') => out.push_str(r"(?-u:\b)"),
                Some(letter) => escape(letter, &mut out),
                None => out.push('\\'),
            },
            '[' => class(&mut letters, &mut out),
            '{' if !is_count(letters.clone()) => out.push_str(r"\{"),
            letter => out.push(letter),
        }
    }
    out
}

/// An escape, of ASCII.
fn escape(letter: char, out: &mut String) {
    match letter {
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        's' => out.push_str(r"[\t\n\f\r ]"),
        'S' => out.push_str(r"[^\t\n\f\r ]"),
        letter => out.extend(['\\', letter]),
    }
}

/// What stands between `\Q` and `\E` is itself.
fn quoted(letters: &mut Peekable<Chars<'_>>, out: &mut String) {
    while let Some(letter) = letters.next() {
        if letter == '\\' && letters.next_if_eq(&'E').is_some() {
            return;
        }
        out.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
    }
}

/// What stands in brackets.
fn class(letters: &mut Peekable<Chars<'_>>, out: &mut String) {
    out.push('[');
    out.extend(letters.next_if_eq(&'^'));
    let mut first = true;
    while let Some(letter) = letters.next() {
        match letter {
            ']' if !first => return out.push(']'),
            '\\' => letters.next().into_iter().for_each(|letter| escape(letter, out)),
            '[' if letters.peek() == Some(&':') => {
                out.push('[');
                for letter in letters.by_ref() {
                    out.push(letter);
                    if letter == ']' {
                        break;
                    }
                }
            }
            // What the library takes for nested brackets, and for operators when it stands twice.
            '[' | ']' | '&' | '~' => out.extend(['\\', letter]),
            '-' if first => out.push_str(r"\-"),
            '-' if letters.next_if_eq(&'-').is_some() => out.push_str(r"-\-"),
            letter => out.push(letter),
        }
        first = false;
    }
}

/// Whether a count follows a brace: `2}`, `2,}` or `2,3}`.
fn is_count(letters: Peekable<Chars<'_>>) -> bool {
    let count: String = letters.take_while(|letter| *letter != '}').collect();
    let (least, most) = count.split_once(',').unwrap_or((&count, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_gos() {
        for (pattern, matching, other) in [
            (r"^\d+$", "12", "١٢"),
            (r"^[\d-]+$", "1-2", "١"),
            (r"^\w+$", "a_1", "é"),
            (r"^\S+$", "a\u{a0}b", "a b"),
            (r"^[^[]+$", "a]", "a["),
            (r"^[]a]+$", "]a", "b"),
            (r"^[a&&b]+$", "a&b", "c"),
            (r"^[!--]+$", "+-", "a"),
            (r"^[--0]+$", "./0-", ","),
            (r"^[[:alpha:]_]+$", "a_", "1"),
            (r"^a{2,3}$", "aa", "a{2,3}"),
            (r"^a{,3}$", "a{,3}", "aa"),
            (r"^\Qa.b\E.$", "a.bc", "axbc"),
            (r"\bb\b", "a b", "ab"),
            (r"^(?i)abc$", "ABC", "ABD"),
            ("^[a-z]$", "a", "a\n"),
        ] {
            let compiled = Pattern::new(pattern);
            assert_eq!((compiled.matches(matching), compiled.matches(other)), (true, false), "{pattern}");
        }
        assert!(Pattern::new("(").matches("what can't be compiled says nothing"));
    }
}
