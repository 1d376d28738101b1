//! `text/template`, for JSON that was read for no type, with the functions that kubectl adds (`exists`, `base64decode`;
//! `cli-runtime/pkg/printers/template.go`).
//!
//! Numbers of such JSON are whole or floats, as they are written, so that `{{eq .spec.replicas 3.0}}` fails: `incompatible
//! types for comparison`.
//!
//! # Differs from Kubernetes
//!
//! Errors and functions are those of the Go of today's kubectl. A template nests 100 deep and runs for
//! [`TEMPLATE_STEPS`](crate::limits::TEMPLATE_STEPS), not 100,000 deep and for ever. Complex and hexadecimal floating
//! constants are no constants here, and a list has no capacity beyond its end. A range over a whole number of JSON counts in
//! `int`, not in `int64`.

mod compare;
mod eval;
mod functions;
mod held;
mod lex;
mod node;
mod parse;
mod printf;
#[cfg(test)]
mod tests;

use crate::json::Value;
use node::Node;
use std::collections::BTreeMap;

/// The name under which kubectl reads its templates, which errors tell.
const NAME: &str = "output";
/// No template and no value nests deeper.
const DEPTH_MAX: usize = 100;

/// Templates that were read: the text itself, and what it defines.
#[derive(Debug)]
pub(crate) struct Template<'t> {
    text: &'t str,
    named: BTreeMap<String, Vec<Node>>,
}

impl<'t> Template<'t> {
    /// Reads a text.
    ///
    /// # Errors
    /// In Go's words.
    pub(crate) fn read(text: &'t str) -> Result<Template<'t>, String> {
        Ok(Template { text, named: parse::parse(text)? })
    }

    /// What it makes of an object, up to its end or the error that ends it; a strict one has no keys that are missing.
    pub(crate) fn fill(&self, object: &Value, strict: bool) -> (String, Result<(), String>) {
        eval::run(self, object, strict)
    }
}
