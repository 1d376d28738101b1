//! What roles and bindings come to: what somebody may, rules that never match, what nobody uses, the least that would do.
//!
//! All of it is asked of a [`Dump`](crate::explain::dump::Dump). What is found about an object is a [`Found`]: one of the
//! [checks](CHECKS), with the line that it is about.

mod checks;
mod held;
mod least;
mod never;
mod unused;

#[cfg(test)]
mod tests;

pub use checks::{CHECKS, Check, Sort};
pub use held::{Held, Right, Rights, what_can};
pub use least::{Least, Log, least};
pub use never::never_matches;
pub use unused::unused;

use crate::api::rbac::listed;
use crate::explain::dump::Stored;
use crate::explain::source::Place;
use schemars::JsonSchema;
use serde::Serialize;

/// Something that was found about a role or a binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// The name of the [`Check`].
    pub check: &'static str,
    /// What it comes to.
    pub sort: Sort,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// The number of the rule, from 1, where it is about one of the object's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<usize>,
    /// The field: `rules[0].resources[1]`; none where it is the object.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// What it is about, in a sentence.
    pub text: String,
}

/// What is found about one object.
struct Findings<'a> {
    at: Stored<'a>,
    found: Vec<Found>,
}

impl<'a> Findings<'a> {
    fn about(at: Stored<'a>) -> Findings<'a> {
        Findings { at, found: Vec::new() }
    }

    /// Takes note of something about a field of the object.
    fn add(&mut self, check: &Check, field: &str, text: String) {
        self.tell(check, None, field, text);
    }

    /// Takes note of something about a field of a rule, which has its place from 0; about the rule where none is named.
    fn add_to_rule(&mut self, check: &Check, rule: usize, field: &str, text: String) {
        let dot = if field.is_empty() { "" } else { "." };
        self.tell(check, Some(rule + 1), &format!("rules[{rule}]{dot}{field}"), text);
    }

    fn tell(&mut self, check: &Check, rule: Option<usize>, field: &str, text: String) {
        let line = self.at.written.line_of_field(field);
        let namespace = self.at.key.namespace.to_string();
        let place = Place { namespace, ..self.at.written.place(self.at.object, line) };
        let Check { name, sort, .. } = *check;
        self.found.push(Found { check: name, sort, place, rule, field: field.to_owned(), text });
    }
}
