//! The standard functions: sizes, conversions, times (`cel-go/common/stdlib`).

use super::{Row, Setting, count, text};
use crate::cel::types::Type;
use crate::cel::value::{Instant, Val, no_conversion, number, text_of};
use jiff::SignedDuration;
use jiff::civil::DateTime;

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
    ("int(duration) -> int", to_int),
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
        _ => no_conversion(&a[0], &Type::Bool),
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
        None => no_conversion(&a[0], &Type::Duration),
    }),
    ("duration(int) -> duration", |_, a| no_conversion(&a[0], &Type::Duration)),
    ("timestamp(timestamp) -> timestamp", same),
    ("timestamp(int) -> timestamp", |_, a| {
        let at = Instant::of_seconds(super::int(&a[0]));
        at.map(Val::Timestamp).ok_or_else(|| "timestamp overflow".to_owned())
    }),
    ("timestamp(string) -> timestamp", |_, a| match Instant::parse(text(&a[0])) {
        Some(Some(at)) => Ok(Val::Timestamp(at)),
        Some(None) => Err("timestamp overflow".to_owned()),
        None => no_conversion(&a[0], &Type::Timestamp),
    }),
    ("(duration).getHours() -> int", |_, a| span(a, |d| d.as_hours())),
    ("(duration).getMinutes() -> int", |_, a| span(a, |d| d.as_mins())),
    ("(duration).getSeconds() -> int", |_, a| span(a, |d| d.as_secs())),
    ("(duration).getMilliseconds() -> int", |_, a| {
        span(a, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }),
];

/// The rows of what clocks show of an instant: in UTC, and in a time zone.
macro_rules! parts {
    ($($name:literal => $part:expr),* $(,)?) => {
        &[$(
            (concat!("(timestamp).", $name, "() -> int"), |_, a| part(a, $part)),
            (concat!("(timestamp).", $name, "(string) -> int"), |_, a| part(a, $part)),
        )*]
    };
}

/// What clocks show of an instant.
pub(super) const PARTS: &[Row] = parts![
    "getFullYear" => |at| at.date().year().into(),
    "getMonth" => |at| i64::from(at.date().month()) - 1,
    "getDate" => |at| at.date().day().into(),
    "getDayOfMonth" => |at| i64::from(at.date().day()) - 1,
    "getDayOfWeek" => |at| at.date().weekday().to_sunday_zero_offset().into(),
    "getDayOfYear" => |at| i64::from(at.date().day_of_year()) - 1,
    "getHours" => |at| at.hour().into(),
    "getMinutes" => |at| at.minute().into(),
    "getSeconds" => |at| at.second().into(),
    "getMilliseconds" => |at| i64::from(at.time().subsec_nanosecond()) / 1_000_000,
];

fn same(_: &Setting<'_>, a: &[Val]) -> Result<Val, String> {
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

fn to_int(_: &Setting<'_>, a: &[Val]) -> Result<Val, String> {
    let overflow = || "integer overflow".to_owned();
    match &a[0] {
        Val::Uint(u) => i64::try_from(*u).map(Val::Int).map_err(|_| overflow()),
        Val::Double(d) if *d > -9_223_372_036_854_775_808.0 && *d < 9_223_372_036_854_775_807.0 => {
            Ok(Val::Int(*d as i64))
        }
        Val::Double(_) => Err(overflow()),
        Val::Timestamp(at) => Ok(Val::Int(at.seconds())),
        Val::Duration(span) => i64::try_from(span.as_nanos()).map(Val::Int).map_err(|_| overflow()),
        other => text(other).parse().map(Val::Int).or_else(|_| no_conversion(other, &Type::Int)),
    }
}

fn to_uint(_: &Setting<'_>, a: &[Val]) -> Result<Val, String> {
    let overflow = || "unsigned integer overflow".to_owned();
    match &a[0] {
        Val::Int(i) => u64::try_from(*i).map(Val::Uint).map_err(|_| overflow()),
        Val::Double(d) if *d >= 0.0 && *d < 18_446_744_073_709_551_615.0 => Ok(Val::Uint(*d as u64)),
        Val::Double(_) => Err(overflow()),
        other if text(other).starts_with('+') => no_conversion(other, &Type::Uint),
        other => text(other).parse().map(Val::Uint).or_else(|_| no_conversion(other, &Type::Uint)),
    }
}

fn to_double(_: &Setting<'_>, a: &[Val]) -> Result<Val, String> {
    match &a[0] {
        Val::Int(i) => Ok(Val::Double(*i as f64)),
        Val::Uint(u) => Ok(Val::Double(*u as f64)),
        other => match number::parse(text(other)) {
            Some(number) => Ok(Val::Double(number)),
            None => no_conversion(other, &Type::Double),
        },
    }
}

fn to_string(_: &Setting<'_>, a: &[Val]) -> Result<Val, String> {
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
    i64::try_from(nanos).ok().map(SignedDuration::from_nanos)
}

fn part(a: &[Val], of: fn(DateTime) -> i64) -> Result<Val, String> {
    match a {
        [Val::Timestamp(at)] => Ok(Val::Int(of(at.utc()))),
        [Val::Timestamp(at), zone] => at.within(text(zone)).map(|at| Val::Int(of(at))),
        _ => super::no_overload(),
    }
}

fn span(a: &[Val], of: fn(&SignedDuration) -> i64) -> Result<Val, String> {
    match a {
        [Val::Duration(span)] => Ok(Val::Int(of(span))),
        _ => super::no_overload(),
    }
}
