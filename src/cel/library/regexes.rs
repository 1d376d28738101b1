//! Regular expressions (`matches`, and `apiserver/pkg/cel/library.Regex`).

use super::{Row, int, text};
use crate::cel::value::Val;
use crate::golang::regexp;
use regex::Regex;

pub(super) const ROWS: &[Row] = &[
    ("matches(string, string) -> bool", |_, a| Ok(Val::Bool(pattern(text(&a[1]))?.is_match(text(&a[0]))))),
    ("(string).matches(string) -> bool", |_, a| Ok(Val::Bool(pattern(text(&a[1]))?.is_match(text(&a[0]))))),
    ("(string).find(string) -> string", |_, a| {
        let found = searched(text(&a[1]))?;
        Ok(Val::text(found.find(text(&a[0])).map_or("", |found| found.as_str())))
    }),
    ("(string).findAll(string) -> list<string>", |_, a| all(a, usize::MAX)),
    ("(string).findAll(string, int) -> list<string>", |_, a| {
        all(a, usize::try_from(int(&a[2])).unwrap_or(usize::MAX))
    }),
];

fn pattern(text: &str) -> Result<Regex, String> {
    regexp::compile(text)
}

/// Kubernetes' own two functions say so in words of their own where a pattern can't be read.
fn searched(text: &str) -> Result<Regex, String> {
    pattern(text).map_err(|why| format!("Illegal regex: {why}"))
}

fn all(a: &[Val], most: usize) -> Result<Val, String> {
    let found = searched(text(&a[1]))?;
    Ok(Val::list(found.find_iter(text(&a[0])).take(most).map(|found| Val::text(found.as_str())).collect()))
}
