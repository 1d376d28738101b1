//! Semantic versions (`apiserver/pkg/cel/library.SemverLib`).

use super::{Row, no_overload, text};
use crate::api::field::quote;
use crate::cel::opaque::{Opaque, Semver};
use crate::cel::value::Val;
use std::cmp::Ordering;

pub(super) const ROWS: &[Row] = &[
    ("semver(string) -> kubernetes.Semver", |_, a| {
        parse(text(&a[0])).map(|v| Val::opaque(Opaque::Semver(v)))
    }),
    ("semver(string, bool) -> kubernetes.Semver", |_, a| {
        parse(&normal(text(&a[0]), &a[1])).map(|v| Val::opaque(Opaque::Semver(v)))
    }),
    ("isSemver(string) -> bool", |_, a| Ok(Val::Bool(parse(text(&a[0])).is_ok()))),
    ("isSemver(string, bool) -> bool", |_, a| Ok(Val::Bool(parse(&normal(text(&a[0]), &a[1])).is_ok()))),
    ("(kubernetes.Semver).major() -> int", |_, a| number(&a[0], 0)),
    ("(kubernetes.Semver).minor() -> int", |_, a| number(&a[0], 1)),
    ("(kubernetes.Semver).patch() -> int", |_, a| number(&a[0], 2)),
    ("(kubernetes.Semver).isGreaterThan(kubernetes.Semver) -> bool", |_, a| {
        compare(a).map(|o| Val::Bool(o.is_gt()))
    }),
    ("(kubernetes.Semver).isLessThan(kubernetes.Semver) -> bool", |_, a| {
        compare(a).map(|o| Val::Bool(o.is_lt()))
    }),
    ("(kubernetes.Semver).compareTo(kubernetes.Semver) -> int", |_, a| {
        compare(a).map(|o| Val::Int(o as i64))
    }),
];

fn of(value: &Val) -> Result<&Semver, String> {
    match value.library() {
        Some(Opaque::Semver(version)) => Ok(version),
        _ => no_overload(),
    }
}

fn number(value: &Val, at: usize) -> Result<Val, String> {
    of(value).map(|version| Val::Int(i64::try_from(version.numbers[at]).unwrap_or(i64::MAX)))
}

/// Without a leading `v`, with the numbers that are missing, without leading zeros.
fn normal(text: &str, normalize: &Val) -> String {
    if *normalize != Val::Bool(true) {
        return text.to_owned();
    }
    let text = text.strip_prefix('v').unwrap_or(text);
    let cut = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(cut);
    let mut parts: Vec<&str> = numbers.split('.').collect();
    parts.resize(parts.len().max(3), "0");
    let bare = |part: &&str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        bare => bare.to_owned(),
    };
    format!("{}{rest}", parts.iter().map(bare).collect::<Vec<_>>().join("."))
}

fn parse(text: &str) -> Result<Semver, String> {
    let (text, _) = text.split_once('+').unwrap_or((text, ""));
    let (numbers, before) = match text.split_once('-') {
        Some((numbers, before)) => (numbers, before.split('.').map(str::to_owned).collect()),
        None => (text, Vec::new()),
    };
    let parts: Vec<&str> = numbers.split('.').collect();
    let [major, minor, patch] = parts.as_slice() else {
        return Err("No Major.Minor.Patch elements found".to_owned());
    };
    let read = |part: &str, name: &str| {
        if part.is_empty() || !part.chars().all(|c| c.is_ascii_digit()) {
            return Err(format!("Invalid character(s) found in {name} number {}", quote(part)));
        }
        if part.len() > 1 && part.starts_with('0') {
            return Err(format!("{name} number must not contain leading zeroes {}", quote(part)));
        }
        part.parse::<u64>().map_err(|_| "value out of range".to_owned())
    };
    Ok(Semver { numbers: [read(major, "major")?, read(minor, "minor")?, read(patch, "patch")?], before })
}

fn compare(a: &[Val]) -> Result<Ordering, String> {
    let (a, b) = (of(&a[0])?, of(&a[1])?);
    let early = |a: &[String], b: &[String]| match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let mut pairs = a.iter().zip(b).map(|(a, b)| part(a, b)).filter(|o| o.is_ne());
            pairs.next().unwrap_or_else(|| a.len().cmp(&b.len()))
        }
    };
    Ok(a.numbers.cmp(&b.numbers).then_with(|| early(&a.before, &b.before)))
}

/// Numbers come before words.
fn part(a: &str, b: &str) -> Ordering {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}
