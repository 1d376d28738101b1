//! What a scalar means (`yaml.v2` and `yaml.v3`, `resolve.go`): the words of YAML 1.1 or 1.2, and numbers as `strconv` reads them
//! with base 0.

use super::float;
use crate::yaml::Scalar;
use std::fmt;

const PREFIX: &str = "tag:yaml.org,2002:";

/// Which library reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// `yaml.v2`: `yes` is true, and a time is text.
    V2,
    /// `yaml.v3`: `yes` is text, and a time is one.
    V3,
}

/// A scalar's meaning.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    Null,
    Bool(bool),
    Int(i64),
    /// More than any `int64`.
    Uint(u64),
    Float(f64),
    Text(String),
}

impl Meaning {
    /// The short tag of its kind.
    fn tag(&self) -> &'static str {
        match self {
            Meaning::Null => "null",
            Meaning::Bool(_) => "bool",
            Meaning::Int(_) | Meaning::Uint(_) => "int",
            Meaning::Float(_) => "float",
            Meaning::Text(_) => "str",
        }
    }
}

/// As Go's `%#v` prints it.
impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Meaning::Null => f.write_str("<nil>"),
            Meaning::Bool(value) => write!(f, "{value}"),
            Meaning::Int(value) => write!(f, "{value}"),
            Meaning::Uint(value) => write!(f, "{value:#x}"),
            Meaning::Float(value) => f.write_str(&float::shortest(*value)),
            Meaning::Text(value) => write!(f, "{value:?}"),
        }
    }
}

/// The words, in the spellings that count.
static WORDS: [(&[&str], Meaning); 6] = [
    (&["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], Meaning::Bool(true)),
    (&["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], Meaning::Bool(false)),
    (&["", "~", "null", "Null", "NULL"], Meaning::Null),
    (&[".nan", ".NaN", ".NAN"], Meaning::Float(f64::NAN)),
    (&[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], Meaning::Float(f64::INFINITY)),
    (&["-.inf", "-.Inf", "-.INF"], Meaning::Float(f64::NEG_INFINITY)),
];

/// The words for true and false that YAML 1.2 has left.
const BOOLEANS_LEFT: [&str; 6] = ["true", "True", "TRUE", "false", "False", "FALSE"];

/// What a scalar means.
///
/// # Errors
/// Its tag says what it is not.
pub(super) fn resolve(scalar: &Scalar) -> Result<Meaning, String> {
    resolve_for(scalar, Reader::V2)
}

/// What a scalar means to one of the libraries.
///
/// # Errors
/// Its tag says what it is not.
pub(super) fn resolve_for(scalar: &Scalar, reader: Reader) -> Result<Meaning, String> {
    let text = scalar.text.as_str();
    let found = match scalar.tag.as_deref() {
        None if scalar.plain => return Ok(meaning_for(text, reader)),
        None => return Ok(Meaning::Text(text.to_owned())),
        Some(tag) => (tag.strip_prefix(PREFIX), meaning_for(text, reader)),
    };
    let (Some(tag), found) = found else { return Ok(Meaning::Text(text.to_owned())) };
    match (tag, found) {
        ("binary", _) => {
            let bytes = crate::golang::base64::decode(text, crate::golang::base64::Encoding::Standard)
                .map_err(|_| "yaml: !!binary value contains invalid base64 data".to_owned())?;
            Ok(Meaning::Text(String::from_utf8_lossy(&bytes).into_owned()))
        }
        ("float", Meaning::Int(value)) => Ok(Meaning::Float(value as f64)),
        ("timestamp", found) if is_timestamp(text) => Ok(found),
        ("bool" | "int" | "float" | "null" | "timestamp", found) if found.tag() != tag => {
            Err(format!("yaml: cannot decode !!{} `{text}` as a !!{tag}", found.tag()))
        }
        ("bool" | "int" | "float" | "null", found) => Ok(found),
        _ => Ok(Meaning::Text(text.to_owned())),
    }
}

/// What a plain scalar means.
fn meaning_for(text: &str, reader: Reader) -> Meaning {
    let is_left = |meaning: &Meaning| match meaning {
        Meaning::Bool(_) => reader == Reader::V2 || BOOLEANS_LEFT.contains(&text),
        _ => true,
    };
    let mut words = WORDS.iter().filter(|(words, meaning)| words.contains(&text) && is_left(meaning));
    let word = words.next().map(|(_, meaning)| meaning.clone());
    let number = || match text.as_bytes().first()? {
        b'.' => float::parse(text).map(Meaning::Float),
        _ if reader == Reader::V3 && is_timestamp(text) => time(text).map(Meaning::Text),
        b'+' | b'-' | b'0'..=b'9' => number(text),
        _ => None,
    };
    word.or_else(number).unwrap_or_else(|| Meaning::Text(text.to_owned()))
}

/// Whether a plain scalar is a text, and no time.
pub(super) fn is_text(text: &str) -> bool {
    matches!(meaning_for(text, Reader::V2), Meaning::Text(_)) && !is_timestamp(text)
}

/// A number that begins with a sign or a digit; a time is none.
fn number(text: &str) -> Option<Meaning> {
    if is_timestamp(text) {
        return None;
    }
    let plain = text.replace('_', "");
    if let Some(value) = integer(&plain) {
        return i64::try_from(value)
            .map(Meaning::Int)
            .or_else(|_| u64::try_from(value).map(Meaning::Uint))
            .ok()
            .or_else(|| float_of(&plain));
    }
    float_of(&plain)
}

fn float_of(plain: &str) -> Option<Meaning> {
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    let begins = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    float::parse(plain).filter(|_| begins).map(Meaning::Float)
}

/// `strconv.ParseInt` and `ParseUint` with base 0: `0x1F`, `0b101`, `0o17`, `017`.
fn integer(text: &str) -> Option<i128> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2) {
        Some("0x") => (16, &unsigned[2..]),
        Some("0b") => (2, &unsigned[2..]),
        Some("0o") => (8, &unsigned[2..]),
        _ if unsigned.len() > 1 && unsigned.starts_with('0') => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    let value = i128::from_str_radix(digits, base).ok()?;
    Some(if text.starts_with('-') { -value } else { value })
}

/// Whether a text is a time (`parseTimestamp`): a date of four, one or two, and one or two digits, and perhaps a time of day.
fn is_timestamp(text: &str) -> bool {
    let mut rest = text;
    let mut digits = |least: usize, most: usize, behind: &[char]| -> Option<(u32, Option<char>)> {
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(count).filter(|_| (least..=most).contains(&count))?;
        let end = after.chars().next();
        rest = match end {
            Some(end) if behind.contains(&end) => &after[end.len_utf8()..],
            Some(_) => return None,
            None => after,
        };
        Some((number.parse().ok()?, end))
    };
    let date = |year: u32, month: u32, day: u32| {
        let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
        matches!(parts, (Ok(year), Ok(month), Ok(day)) if jiff::civil::Date::new(year, month, day).is_ok())
    };
    let Some((year, Some('-'))) = digits(4, 4, &['-']) else { return false };
    let Some((month, Some('-'))) = digits(1, 2, &['-']) else { return false };
    match digits(1, 2, &['T', 't', ' ']) {
        Some((day, None)) => date(year, month, day),
        Some((day, Some(mark))) => date(year, month, day) && is_time_of_day(rest.trim_start(), mark == ' '),
        None => false,
    }
}

/// A time as `encoding/json` writes it; none where `yaml.v3` sees no time.
fn time(text: &str) -> Option<String> {
    let padded = |numbers: &str, mark: char| {
        let parts: Vec<String> = numbers.split(mark).map(|part| format!("{part:0>2}")).collect();
        parts.join(&mark.to_string())
    };
    let Some((date, rest)) = text.split_once(['T', 't', ' ']) else {
        return Some(format!("{}T00:00:00Z", padded(text, '-')));
    };
    let (is_local, rest) = (text.contains(' '), rest.trim_start());
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.')).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(end);
    let zone = match zone {
        "" if is_local => "Z",
        "Z" | "+00:00" | "-00:00" if !is_local => "Z",
        zone if !is_local && zone.len() == 6 && zone.as_bytes()[3] == b':' => zone,
        _ => return None,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let fraction = match fraction.trim_end_matches('0') {
        "" => String::new(),
        fraction => format!(".{fraction:.9}"),
    };
    Some(format!("{}T{}{fraction}{zone}", padded(date, '-'), padded(clock, ':')))
}

/// `3:04:05.5`, with an offset unless it is local.
fn is_time_of_day(text: &str, is_local: bool) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.')).unwrap_or(text.len());
    let (time, zone) = text.split_at(end);
    let mut parts = time.split(':');
    let within = |part: Option<&str>, most: u32| {
        part.is_some_and(|part| (1..=2).contains(&part.len()) && part.parse::<u32>().is_ok_and(|n| n <= most))
    };
    let clock = within(parts.next(), 23)
        && within(parts.next(), 59)
        && within(parts.next().map(|second| second.split('.').next().unwrap_or_default()), 59)
        && parts.next().is_none();
    let offset = || zone.starts_with(['+', '-']) && zone.len() == 6 && zone.as_bytes()[3] == b':';
    clock && if is_local { zone.is_empty() } else { zone == "Z" || offset() }
}
