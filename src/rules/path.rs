//! The field that a rule's error is about (`fieldPath`; `cel.ValidFieldPath`).

use crate::api::structural::{Additional, Structural};
use crate::kinds::customresourcedefinitions::field_path::{Tokens, unescaped};
use std::fmt::Write;

/// A path below a value of a schema as errors write it (`spec.map[key]`); none if it leads nowhere.
pub(super) fn normalized(path: &str, mut schema: &Structural) -> Option<String> {
    let mut out = String::new();
    let mut tokens = Tokens(path);
    while let Some(token) = tokens.next() {
        let name = match token {
            "." => tokens.next()?.to_owned(),
            "[" => {
                let quoted = tokens.next()?.strip_prefix('\'')?.strip_suffix('\'')?;
                let name = unescaped(quoted).ok()?;
                tokens.next().filter(|token| *token == "]")?;
                name
            }
            _ => return None,
        };
        // INVARIANT: writing into a string does not fail.
        schema = match &schema.additional {
            Additional::Schema(values) if schema.properties.is_empty() => {
                let _ = write!(out, "[{name}]");
                values
            }
            Additional::Schema(_) | Additional::Untold | Additional::Any(_) => {
                let dot = if out.is_empty() { "" } else { "." };
                let _ = write!(out, "{dot}{name}");
                schema.properties.get(&name)?
            }
        };
    }
    Some(out)
}
