//! The standard functions: sizes, conversions, times (`cel-go/common/stdlib`).

use super::{Row, count, text};
use crate::api::field::quote;
use crate::cel::value::{Val, text_of};
use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};

pub(super) const ROWS: &[Row] = &[
    ("size(string) -> int", |_, a| size(a)),
    ("size(bytes) -> int", |_, a| size(a)),
    ("size(list<A>) -> int", |_, a| size(a)),
    ("size(map<A, B>) -> int", |_, a| size(a)),
    ("(string).size() -> int", |_, a| size(a)),
    ("(bytes).size() -> int", |_, a| size(a)),
    ("(list<A>).size() -> int", |_, a| size(a)),
    ("(map<A, B>).size() -> int", |_, a| size(a)),
    ("(string).startsWith(string) -> bool", |_, a| Ok(Val::Bool(text(&a[0]).starts_with(text(&a[1]))))),
    ("(string).endsWith(string) -> bool", |_, a| Ok(Val::Bool(text(&a[0]).ends_with(text(&a[1]))))),
    ("(string).contains(string) -> bool", |_, a| Ok(Val::Bool(text(&a[0]).contains(text(&a[1]))))),
    ("int(int) -> int", same),
    ("int(uint) -> int", to_int),
    ("int(double) -> int", to_int),
    ("int(string) -> int", to_int),
    ("int(timestamp) -> int", to_int),
    ("uint(uint) -> uint", same),
    ("uint(int) -> uint", to_uint),
    ("uint(double) -> uint", to_uint),
    ("uint(string) -> uint", to_uint),
    ("double(double) -> double", same),
    ("double(int) -> double", to_double),
    ("double(uint) -> double", to_double),
    ("double(string) -> double", to_double),
    ("bool(bool) -> bool", same),
    ("bool(string) -> bool", |_, a| match text(&a[0]) {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Val::Bool(true)),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Val::Bool(false)),
        other => Err(format!("strconv.ParseBool: parsing \"{other}\": invalid syntax")),
    }),
    ("string(string) -> string", same),
    ("string(bool) -> string", to_string),
    ("string(int) -> string", to_string),
    ("string(uint) -> string", to_string),
    ("string(double) -> string", to_string),
    ("string(bytes) -> string", to_string),
    ("string(timestamp) -> string", to_string),
    ("string(duration) -> string", to_string),
    ("bytes(bytes) -> bytes", same),
    ("bytes(string) -> bytes", |_, a| Ok(Val::Bytes(text(&a[0]).as_bytes().into()))),
    ("dyn(A) -> dyn", same),
    ("type(A) -> type<A>", |_, a| Ok(Val::Type(a[0].type_of()))),
    ("duration(duration) -> duration", same),
    ("duration(string) -> duration", |_, a| match duration(text(&a[0])) {
        Some(span) => Ok(Val::Duration(span)),
        None => Err(format!("time: invalid duration \"{}\"", text(&a[0]))),
    }),
    ("timestamp(timestamp) -> timestamp", same),
    ("timestamp(int) -> timestamp", |_, a| {
        Timestamp::from_second(super::int(&a[0]))
            .map(Val::Timestamp)
            .map_err(|_| "timestamp overflow".to_owned())
    }),
    ("timestamp(string) -> timestamp", |_, a| match text(&a[0]).parse::<Timestamp>() {
        Ok(at) => Ok(Val::Timestamp(at)),
        Err(_) => Err(format!(
            "parsing time \"{0}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{0}\" as \"2006\"",
            text(&a[0])
        )),
    }),
    ("(timestamp).getFullYear() -> int", |_, a| part(a, |at| at.year().into())),
    ("(timestamp).getMonth() -> int", |_, a| part(a, |at| i64::from(at.month()) - 1)),
    ("(timestamp).getDate() -> int", |_, a| part(a, |at| at.day().into())),
    ("(timestamp).getDayOfMonth() -> int", |_, a| part(a, |at| i64::from(at.day()) - 1)),
    ("(timestamp).getDayOfWeek() -> int", |_, a| part(a, |at| at.weekday().to_sunday_zero_offset().into())),
    ("(timestamp).getDayOfYear() -> int", |_, a| part(a, |at| i64::from(at.day_of_year()) - 1)),
    ("(timestamp).getHours() -> int", |_, a| part(a, |at| at.hour().into())),
    ("(timestamp).getMinutes() -> int", |_, a| part(a, |at| at.minute().into())),
    ("(timestamp).getSeconds() -> int", |_, a| part(a, |at| at.second().into())),
    ("(timestamp).getMilliseconds() -> int", |_, a| part(a, |at| at.millisecond().into())),
    ("(duration).getHours() -> int", |_, a| span(a, |d| d.as_hours())),
    ("(duration).getMinutes() -> int", |_, a| span(a, |d| d.as_mins())),
    ("(duration).getSeconds() -> int", |_, a| span(a, |d| d.as_secs())),
    ("(duration).getMilliseconds() -> int", |_, a| {
        span(a, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }),
];

fn same(_: &dyn crate::cel::Activation, a: &[Val]) -> Result<Val, String> {
    Ok(a[0].clone())
}

fn size(a: &[Val]) -> Result<Val, String> {
    match &a[0] {
        Val::String(s) => Ok(count(s.chars().count())),
        Val::Bytes(b) => Ok(count(b.len())),
        Val::List(list) => Ok(count(list.len())),
        Val::Map(map) => Ok(count(map.len())),
        _ => super::no_overload(),
    }
}

fn to_int(_: &dyn crate::cel::Activation, a: &[Val]) -> Result<Val, String> {
    let overflow = || "integer overflow".to_owned();
    match &a[0] {
        Val::Uint(u) => i64::try_from(*u).map(Val::Int).map_err(|_| overflow()),
        Val::Double(d) if d.is_finite() && d.abs() < 9.223_372_036_854_775e18 => {
            Ok(Val::Int(d.trunc() as i64))
        }
        Val::Double(_) => Err(overflow()),
        Val::Timestamp(at) => Ok(Val::Int(at.as_second())),
        other => whole_number(text(other)).map(Val::Int),
    }
}

/// A decimal integer as Go reads one.
fn whole_number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|error: std::num::ParseIntError| {
        use std::num::IntErrorKind::{NegOverflow, PosOverflow};
        let why = match error.kind() {
            PosOverflow | NegOverflow => "value out of range",
            _ => "invalid syntax",
        };
        format!("strconv.ParseInt: parsing {}: {why}", quote(text))
    })
}

fn to_uint(_: &dyn crate::cel::Activation, a: &[Val]) -> Result<Val, String> {
    let overflow = || "unsigned integer overflow".to_owned();
    match &a[0] {
        Val::Int(i) => u64::try_from(*i).map(Val::Uint).map_err(|_| overflow()),
        Val::Double(d) if *d >= 0.0 && *d < 1.8e19 => Ok(Val::Uint(d.trunc() as u64)),
        Val::Double(_) => Err(overflow()),
        other => text(other)
            .parse()
            .map(Val::Uint)
            .map_err(|_| format!("strconv.ParseUint: parsing {}: invalid syntax", quote(text(other)))),
    }
}

fn to_double(_: &dyn crate::cel::Activation, a: &[Val]) -> Result<Val, String> {
    match &a[0] {
        Val::Int(i) => Ok(Val::Double(*i as f64)),
        Val::Uint(u) => Ok(Val::Double(*u as f64)),
        other => text(other)
            .parse()
            .map(Val::Double)
            .map_err(|_| format!("strconv.ParseFloat: parsing {}: invalid syntax", quote(text(other)))),
    }
}

fn to_string(_: &dyn crate::cel::Activation, a: &[Val]) -> Result<Val, String> {
    text_of(&a[0]).map(Val::String)
}

/// A span of time as Go reads it: `1h30m`, `-1.5s`.
pub(crate) fn duration(text: &str) -> Option<SignedDuration> {
    const UNITS: [(&str, i128); 7] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    let mut nanos: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|end| *end > 0)?;
        let (number, tail) = rest.split_at(end);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        nanos = nanos.checked_add(whole.checked_mul(*factor)?)?;
        let mut unit = *factor;
        for digit in fraction.chars() {
            unit /= 10;
            nanos += i128::from(digit.to_digit(10)?) * unit;
        }
        rest = tail;
    }
    let nanos = if negative { -nanos } else { nanos };
    let seconds = i64::try_from(nanos / 1_000_000_000).ok()?;
    Some(SignedDuration::new(seconds, (nanos % 1_000_000_000) as i32))
}

fn part(a: &[Val], of: fn(&Zoned) -> i64) -> Result<Val, String> {
    match a {
        [Val::Timestamp(at)] => Ok(Val::Int(of(&at.to_zoned(TimeZone::UTC)))),
        _ => super::no_overload(),
    }
}

fn span(a: &[Val], of: fn(&SignedDuration) -> i64) -> Result<Val, String> {
    match a {
        [Val::Duration(span)] => Ok(Val::Int(of(span))),
        _ => super::no_overload(),
    }
}
