//! An expression that compiles, or all that is wrong with it, as a server tells it (`cel-go/cel.Env.Compile`).

use super::check::check;
use super::depth::Depth;
use super::env::Env;
use super::{Program, macros, plan, validators};
use cel::common::ast::SourceInfo;
use std::fmt::Write;

impl Env {
    /// The expression with its type, or all that is wrong with it.
    pub(crate) fn compile(&self, text: &str) -> Result<Program, String> {
        // What is not parsed at all is wrong at no place.
        let depth = Depth::of(text).map_err(|why| format!("ERROR: <input>:-1:0: {why}"))?;
        depth.with_stack(|| self.program(text, depth))
    }

    fn program(&self, text: &str, depth: Depth) -> Result<Program, String> {
        let parser = macros::parser(self.minor())
            // The depth is known; the parser's own limit is another.
            .max_recursion_depth(u16::MAX)
            .enable_optional_syntax(self.minor() >= macros::OPTIONALS)
            .enable_ident_escape_syntax(self.minor() >= 33);
        let (expr, source) = parser.parse_with_source_info(text).map_err(|errors| {
            let list = errors.errors.iter().map(|error| {
                let place = (error.pos.0.max(1) as usize, error.pos.1.max(1) as usize);
                (place, error.msg.clone())
            });
            told(text, list.collect())
        })?;
        let (checked, mut wrong) = check(self, &expr);
        if wrong.is_empty() {
            wrong = validators::wrong(self, &expr, &checked.types);
        }
        if !wrong.is_empty() {
            let list = wrong.into_iter().map(|(id, why)| (place(&source, text, id), why));
            return Err(told(text, list.collect()));
        }
        let planned = plan::constants(&expr, &checked.types, self.version);
        Ok(Program { expr, checked, planned, depth, version: self.version })
    }
}

/// Errors in the order of their places, each with the line that it is about.
fn told(text: &str, mut list: Vec<((usize, usize), String)>) -> String {
    list.sort_by_key(|(place, _)| *place);
    let mut out = String::new();
    for (at, ((line, column), why)) in list.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // Of no text there is nothing to show, and no first column.
        if text.is_empty() {
            // INVARIANT: writing into a string does not fail.
            let _ = write!(out, "ERROR: <input>:{line}:0: {why}");
            continue;
        }
        let shown = text.lines().nth(line - 1).unwrap_or_default();
        let dots = ".".repeat(column - 1);
        // INVARIANT: writing into a string does not fail.
        let _ = write!(out, "ERROR: <input>:{line}:{column}: {why}\n | {shown}\n | {dots}^");
    }
    out
}

/// Line and column of an expression, both from one.
fn place(source: &SourceInfo, text: &str, id: u64) -> (usize, usize) {
    let (start, _) = source.offset_for(id).unwrap_or_default();
    let before: String = text.chars().take(start as usize).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
