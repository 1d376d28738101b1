//! Classes of letters: `[a-z]`, `[[:alpha:]]`, `\d`, `\p{Greek}`.

use super::letter::{self, Refused};
use regex::Regex;

const BAD_RANGE: &str = "invalid character class range";
const MISSING_BRACKET: &str = "missing closing ]";

/// What the libraries call by the same names.
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// The items of a class, as they stand in brackets, and what follows.
type Found<'p> = (String, &'p str);

/// A letter as the item of a class; half a surrogate is in no text.
pub(super) fn letter(letter: u32) -> String {
    range(letter, letter)
}

fn range(least: u32, most: u32) -> String {
    const HALVES: std::ops::RangeInclusive<u32> = 0xd800..=0xdfff;
    let least = if HALVES.contains(&least) { 0xe000 } else { least };
    let most = if HALVES.contains(&most) { 0xd7ff } else { most };
    let mut out = String::new();
    if least > most {
        out.push_str(r"[^\x{0}-\x{10FFFF}]");
        return out;
    }
    letter::write_letter(&mut out, least);
    if least < most {
        out.push('-');
        letter::write_letter(&mut out, most);
    }
    out
}

/// A class in brackets (`parseClass`).
pub(super) fn brackets(text: &str) -> Result<Found<'_>, Refused<'_>> {
    let mut rest = text.get(1..).unwrap_or_default();
    let mut items = String::new();
    if let Some(behind) = rest.strip_prefix('^') {
        items.push('^');
        rest = behind;
    }
    let mut first = true;
    while first || !rest.starts_with(']') {
        first = false;
        let found = match posix(rest)? {
            Some(found) => Some(found),
            None => escaped(rest)?,
        };
        if let Some((item, behind)) = found {
            items.push_str(&item);
            rest = behind;
            continue;
        }
        let before = rest;
        let (least, behind) = single(rest, text)?;
        let (mut most, mut behind) = (least, behind);
        if let Some(end) = behind.strip_prefix('-').filter(|end| !end.is_empty() && !end.starts_with(']')) {
            (most, behind) = single(end, text)?;
            if most < least {
                return Err((BAD_RANGE, before.get(..before.len() - behind.len()).unwrap_or(before)));
            }
        }
        items.push_str(&range(least, most));
        rest = behind;
    }
    Ok((items, rest.get(1..).unwrap_or_default()))
}

/// One letter in brackets.
fn single<'p>(text: &'p str, class: &'p str) -> Result<(u32, &'p str), Refused<'p>> {
    match text.chars().next() {
        None => Err((MISSING_BRACKET, class)),
        Some('\\') => letter::letter(text),
        Some(letter) => Ok((letter.into(), text.get(letter.len_utf8()..).unwrap_or_default())),
    }
}

/// `[:alpha:]`; without its end it is no class.
fn posix(text: &str) -> Result<Option<Found<'_>>, Refused<'_>> {
    let Some(end) = text.strip_prefix("[:").and_then(|rest| rest.find(":]")) else { return Ok(None) };
    let (written, rest) = text.split_at(end + 4);
    let name = written.get(2..end + 2).unwrap_or_default();
    match POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
        true => Ok(Some((written.to_owned(), rest))),
        false => Err((BAD_RANGE, written)),
    }
}

/// A class that begins with a backslash; none if what is there is a letter.
pub(super) fn escaped(text: &str) -> Result<Option<Found<'_>>, Refused<'_>> {
    let items = match text.get(..2) {
        Some(r"\d") => "0-9",
        Some(r"\D") => "[^0-9]",
        Some(r"\s") => r"\t\n\f\r\x{20}",
        Some(r"\S") => r"[^\t\n\f\r\x{20}]",
        Some(r"\w") => "0-9A-Za-z_",
        Some(r"\W") => "[^0-9A-Za-z_]",
        Some(r"\p" | r"\P") => return unicode(text),
        _ => return Ok(None),
    };
    Ok(Some((items.to_owned(), text.get(2..).unwrap_or_default())))
}

/// `\pL`, `\p{Greek}`, `\P{^Greek}` (`parseUnicodeClass`).
fn unicode(text: &str) -> Result<Option<Found<'_>>, Refused<'_>> {
    let behind = text.get(2..).unwrap_or_default();
    let (name, rest) = match behind.chars().next() {
        None => return Err((BAD_RANGE, text)),
        Some('{') => match behind.get(1..).and_then(|inner| inner.split_once('}')) {
            Some(found) => found,
            None => return Err((BAD_RANGE, text)),
        },
        Some(letter) => behind.split_at(letter.len_utf8()),
    };
    let seen = text.get(..text.len() - rest.len()).unwrap_or(text);
    let negated = text.starts_with(r"\P") != name.starts_with('^');
    let name = name.strip_prefix('^').unwrap_or(name);
    let sign = if negated { 'P' } else { 'p' };
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' '))
    {
        return Err((BAD_RANGE, seen));
    }
    // A category or a script, and none of the properties that the library here knows besides.
    for kind in ["gc", "sc"] {
        let item = format!(r"\{sign}{{{kind}={name}}}");
        if Regex::new(&format!("[{item}]")).is_ok() {
            return Ok(Some((item, rest)));
        }
    }
    Err((BAD_RANGE, seen))
}
