//! What was found, before it is told.

use super::{Because, What};

/// Something that comes otherwise.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) what: What,
    /// The field that it is about; empty for the object.
    pub(super) field: String,
    /// What else it is about, if there may be several of one field.
    about: String,
    pub(super) text: String,
    /// What is known to be the cause.
    pub(super) because: Vec<Because>,
}

impl Found {
    pub(super) fn new(what: What, field: &str, text: String) -> Found {
        Found { what, field: field.to_owned(), about: String::new(), text, because: Vec::new() }
    }

    pub(super) fn about(self, about: &str) -> Found {
        Found { about: about.to_owned(), ..self }
    }

    /// Whether both are about the same thing, if in other words or not.
    pub(super) fn is_like(&self, other: &Found) -> bool {
        (self.what, &self.field, &self.about) == (other.what, &other.field, &other.about)
    }
}
