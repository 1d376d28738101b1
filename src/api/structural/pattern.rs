//! The pattern of a text: a regular expression of Go's, compiled at its first use and kept.

use crate::golang::regexp;
use regex::Regex;
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
        let compiled = self.compiled.get_or_init(|| regexp::compile(&self.text).ok());
        compiled.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.text == other.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_gos() {
        let digits = Pattern::new(r"^\d+$");
        assert_eq!((digits.matches("12"), digits.matches("١٢")), (true, false));
        assert!(Pattern::new("(").matches("what can't be compiled says nothing"));
    }
}
