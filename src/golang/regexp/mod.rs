//! Regular expressions as Go's `regexp` has them: classes of ASCII, what is text, what is refused, and in which words.
//!
//! A pattern is read as `regexp/syntax` reads it (`parse.rs`, `class.rs`, `letter.rs`), and written for the library here with nothing
//! left to its own syntax: letters by number, flags around what they hold for.
//!
//! # Differs from Kubernetes
//!
//! `\B` is between letters of any script; in Go it knows ASCII alone. Names in `\p{…}` are read as Go 1.25 does.

use regex::{Regex, RegexBuilder};

mod class;
mod letter;
mod parse;

/// The most memory of a compiled pattern; Go's own limit is about the same.
const SIZE_MAX: usize = 128 << 20;
/// More than Go lets groups stand in each other.
const NEST_MAX: u32 = 4000;

/// Compiles a pattern (`regexp.Compile`).
///
/// # Errors
/// In Go's words: ``error parsing regexp: missing closing ]: `[a` ``.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    let refused = |(words, part): (&str, &str)| format!("error parsing regexp: {words}: `{part}`");
    let written = parse::translate(pattern).map_err(refused)?;
    let mut builder = RegexBuilder::new(&written);
    let built = builder.size_limit(SIZE_MAX).nest_limit(NEST_MAX).build();
    built.map_err(|_| refused(("expression too large", pattern)))
}

#[cfg(test)]
mod tests;
