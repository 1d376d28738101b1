//! Strings, extended (`cel-go/ext.Strings`): positions count characters.

use super::{Row, int, items, text};
use crate::cel::value::{Val, text_of};

pub(super) const ROWS: &[Row] = &[
    ("(string).charAt(int) -> string", |_, a| {
        let at = position(&a[0], int(&a[1]))?;
        Ok(Val::text(text(&a[0]).chars().nth(at).map(String::from).unwrap_or_default()))
    }),
    ("(string).indexOf(string) -> int", |_, a| find(a, 0)),
    ("(string).indexOf(string, int) -> int", |_, a| find(a, position(&a[0], int(&a[2]))?)),
    ("(string).lastIndexOf(string) -> int", |_, a| find_last(a, None)),
    ("(string).lastIndexOf(string, int) -> int", |_, a| find_last(a, Some(position(&a[0], int(&a[2]))?))),
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
    ("strings.quote(string) -> string", |_, a| Ok(Val::text(crate::api::field::quote(text(&a[0]))))),
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

fn find(a: &[Val], from: usize) -> Result<Val, String> {
    let (whole, part) = (text(&a[0]), text(&a[1]));
    let start = byte(whole, from);
    let found = whole[start..].find(part).map(|at| whole[..start + at].chars().count());
    Ok(found.map_or(Val::Int(-1), super::count))
}

fn find_last(a: &[Val], until: Option<usize>) -> Result<Val, String> {
    let (whole, part) = (text(&a[0]), text(&a[1]));
    let end = until.map_or(whole.len(), |at| (byte(whole, at) + part.len()).min(whole.len()));
    let found = whole.get(..end).and_then(|head| head.rfind(part)).map(|at| whole[..at].chars().count());
    Ok(found.map_or(Val::Int(-1), super::count))
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

/// Fills `%s`, `%d`, `%x`, … of a text in order.
fn format(pattern: &str, values: &[Val]) -> Result<String, String> {
    let (mut out, mut rest, mut values) = (String::new(), pattern, values.iter());
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let end = after.find(|c: char| c.is_ascii_alphabetic()).ok_or("unexpected end of string")?;
        let digits = after[..end].strip_prefix('.').and_then(|digits| digits.parse::<usize>().ok());
        let clause = &after[end..=end];
        let clauses = || pattern.matches('%').count();
        let value = values.next().ok_or_else(|| format!("index {} out of range", clauses() - 1))?;
        out.push_str(&clause_of(clause, digits, value)?);
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

fn clause_of(clause: &str, digits: Option<usize>, value: &Val) -> Result<String, String> {
    let precision = digits.unwrap_or(6);
    match (clause, value) {
        ("s", value) => Ok(shown(value)),
        ("d", Val::Int(_) | Val::Uint(_)) => Ok(text_of(value)?.to_string()),
        ("f", Val::Double(d)) => Ok(format!("{d:.precision$}")),
        ("f", Val::Int(i)) => Ok(format!("{:.precision$}", *i as f64)),
        ("x", Val::Int(i)) => Ok(format!("{i:x}")),
        ("X", Val::Int(i)) => Ok(format!("{i:X}")),
        ("x", Val::String(s)) => Ok(s.bytes().map(|b| format!("{b:02x}")).collect()),
        ("X", Val::String(s)) => Ok(s.bytes().map(|b| format!("{b:02X}")).collect()),
        ("o", Val::Int(i)) => Ok(format!("{i:o}")),
        ("b", Val::Int(i)) => Ok(format!("{i:b}")),
        ("b", Val::Bool(b)) => Ok(u8::from(*b).to_string()),
        ("d" | "f" | "x" | "X" | "o" | "b" | "e", other) => {
            Err(format!("error during formatting: unsupported type for %{clause}: {}", other.type_of()))
        }
        _ => Err(format!("could not parse formatting clause: unrecognized formatting clause \"{clause}\"")),
    }
}

/// A value as `%s` shows it.
fn shown(value: &Val) -> String {
    match value {
        Val::Null => "null".to_owned(),
        Val::List(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Val::Map(map) => {
            let entries = map.iter().map(|(key, value)| format!("{}: {}", shown(&key.value()), shown(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => text_of(other).map(|text| text.to_string()).unwrap_or_default(),
    }
}
