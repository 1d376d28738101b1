//! Strings, extended (`cel-go/ext.Strings`): positions count characters.

use super::formatting::format;
use super::{Row, int, items, text};
use crate::cel::value::Val;

pub(super) const ROWS: &[Row] = &[
    ("(string).charAt(int) -> string", |_, a| {
        let at = position(&a[0], int(&a[1]))?;
        Ok(Val::text(text(&a[0]).chars().nth(at).map(String::from).unwrap_or_default()))
    }),
    ("(string).indexOf(string) -> int", |_, a| find(a, 0)),
    ("(string).indexOf(string, int) -> int", |_, a| find(a, int(&a[2]))),
    ("(string).lastIndexOf(string) -> int", |_, a| find_last(a, None)),
    ("(string).lastIndexOf(string, int) -> int", |_, a| find_last(a, Some(int(&a[2])))),
    ("(string).lowerAscii() -> string", |_, a| Ok(Val::text(text(&a[0]).to_ascii_lowercase()))),
    ("(string).upperAscii() -> string", |_, a| Ok(Val::text(text(&a[0]).to_ascii_uppercase()))),
    ("(string).replace(string, string) -> string", |_, a| {
        Ok(Val::text(text(&a[0]).replace(text(&a[1]), text(&a[2]))))
    }),
    ("(string).replace(string, string, int) -> string", |_, a| match usize::try_from(int(&a[3])) {
        Ok(most) => Ok(Val::text(text(&a[0]).replacen(text(&a[1]), text(&a[2]), most))),
        Err(_) => Ok(Val::text(text(&a[0]).replace(text(&a[1]), text(&a[2])))),
    }),
    ("(string).split(string) -> list<string>", |_, a| Ok(split(text(&a[0]), text(&a[1]), -1))),
    ("(string).split(string, int) -> list<string>", |_, a| Ok(split(text(&a[0]), text(&a[1]), int(&a[2])))),
    ("(string).substring(int) -> string", |_, a| slice(&a[0], int(&a[1]), None)),
    ("(string).substring(int, int) -> string", |_, a| slice(&a[0], int(&a[1]), Some(int(&a[2])))),
    ("(string).trim() -> string", |_, a| Ok(Val::text(text(&a[0]).trim()))),
];

pub(super) const SINCE_29: &[Row] = &[
    ("(list<string>).join() -> string", |_, a| joined(a, "")),
    ("(list<string>).join(string) -> string", |_, a| joined(a, text(&a[1]))),
    ("(string).format(list<dyn>) -> string", |_, a| format(text(&a[0]), items(&a[1])).map(Val::text)),
    ("strings.quote(string) -> string", |_, a| Ok(Val::text(quoted(text(&a[0]))))),
];

fn out_of_range(at: i64) -> String {
    format!("index out of range: {at}")
}

/// A position in a string, its end included.
fn position(of: &Val, at: i64) -> Result<usize, String> {
    let length = text(of).chars().count();
    usize::try_from(at).ok().filter(|at| *at <= length).ok_or_else(|| out_of_range(at))
}

fn byte(text: &str, at: usize) -> usize {
    text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte)
}

/// The first place of a part from a position on; beyond the end there is none.
fn find(a: &[Val], from: i64) -> Result<Val, String> {
    if text(&a[1]).is_empty() {
        return Ok(Val::Int(from));
    }
    let from = usize::try_from(from).map_err(|_| out_of_range(from))?;
    let (whole, part) = letters(a);
    let found = whole.windows(part.len()).enumerate().skip(from).find(|(_, window)| **window == *part);
    Ok(found.map_or(Val::Int(-1), |(at, _)| super::count(at)))
}

/// The last place of a part, no later than a position.
fn find_last(a: &[Val], until: Option<i64>) -> Result<Val, String> {
    let (whole, part) = letters(a);
    let length = i64::try_from(whole.len()).unwrap_or(i64::MAX);
    if part.is_empty() {
        return Ok(Val::Int(until.unwrap_or(length)));
    }
    let until = until.unwrap_or(length - 1);
    let last = usize::try_from(until).map_err(|_| out_of_range(until))?;
    if last >= whole.len() {
        return Ok(Val::Int(-1));
    }
    let found = whole.windows(part.len()).take(last + 1).rposition(|window| *window == *part);
    Ok(found.map_or(Val::Int(-1), super::count))
}

fn letters(a: &[Val]) -> (Vec<char>, Vec<char>) {
    (text(&a[0]).chars().collect(), text(&a[1]).chars().collect())
}

/// A text as an expression spells it.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for letter in text.chars() {
        match letter {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

fn split(whole: &str, at: &str, most: i64) -> Val {
    let parts: Vec<Val> = match (at, most) {
        (_, 0) => Vec::new(),
        ("", _) => {
            let letters: Vec<char> = whole.chars().collect();
            let cut = usize::try_from(most).unwrap_or(usize::MAX).min(letters.len().max(1));
            let mut parts: Vec<Val> =
                letters.iter().take(cut.saturating_sub(1)).map(|c| Val::text(c.to_string())).collect();
            let rest: String = letters.iter().skip(cut.saturating_sub(1)).collect();
            if !rest.is_empty() {
                parts.push(Val::text(rest));
            }
            parts
        }
        (_, most) => match usize::try_from(most) {
            Ok(most) => whole.splitn(most, at).map(Val::text).collect(),
            Err(_) => whole.split(at).map(Val::text).collect(),
        },
    };
    Val::list(parts)
}

fn slice(of: &Val, from: i64, to: Option<i64>) -> Result<Val, String> {
    let whole = text(of);
    let start = position(of, from)?;
    let end = match to {
        Some(to) => position(of, to)?,
        None => whole.chars().count(),
    };
    match start <= end {
        true => Ok(Val::text(&whole[byte(whole, start)..byte(whole, end)])),
        false => Err(format!("invalid substring range. start: {start}, end: {end}")),
    }
}

fn joined(a: &[Val], by: &str) -> Result<Val, String> {
    let parts: Vec<&str> = items(&a[0]).iter().map(text).collect();
    Ok(Val::text(parts.join(by)))
}
