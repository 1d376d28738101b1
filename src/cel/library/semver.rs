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
        parse(&normal(text(&a[0]), &a[1])?).map(|v| Val::opaque(Opaque::Semver(v)))
    }),
    ("isSemver(string) -> bool", |_, a| Ok(Val::Bool(parse(text(&a[0])).is_ok()))),
    ("isSemver(string, bool) -> bool", |_, a| {
        let normal = normal(text(&a[0]), &a[1]);
        Ok(Val::Bool(normal.is_ok_and(|text| parse(&text).is_ok())))
    }),
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
fn normal(text: &str, normalize: &Val) -> Result<String, String> {
    if *normalize != Val::Bool(true) {
        return Ok(text.to_owned());
    }
    let bare = |part: &str| match part.trim_start_matches('0') {
        _ if part.len() < 2 => part.to_owned(),
        bare if bare.starts_with(|c: char| c.is_ascii_digit()) => bare.to_owned(),
        bare => format!("0{bare}"),
    };
    let mut parts: Vec<String> = text.strip_prefix('v').unwrap_or(text).splitn(3, '.').map(bare).collect();
    if parts.len() < 3 && parts.last().is_some_and(|last| last.contains(['+', '-'])) {
        return Err("short version cannot contain PreRelease/Build meta data".to_owned());
    }
    parts.resize(3, "0".to_owned());
    Ok(parts.join("."))
}

/// Reads a version strictly (`blang/semver.Parse`).
fn parse(text: &str) -> Result<Semver, String> {
    if text.is_empty() {
        return Err("Version string empty".to_owned());
    }
    let parts: Vec<&str> = text.splitn(3, '.').collect();
    let [major, minor, patch] = parts.as_slice() else {
        return Err("No Major.Minor.Patch elements found".to_owned());
    };
    let (major, minor) = (number_of(major, "Major")?, number_of(minor, "Minor")?);
    let (patch, built) = patch.split_once('+').map_or((*patch, None), |(patch, built)| (patch, Some(built)));
    let (patch, before) =
        patch.split_once('-').map_or((patch, None), |(patch, before)| (patch, Some(before)));
    let patch = number_of(patch, "Patch")?;
    let before: Vec<String> =
        before.into_iter().flat_map(|text| text.split('.')).map(str::to_owned).collect();
    for part in &before {
        early(part)?;
    }
    for part in built.into_iter().flat_map(|text| text.split('.')) {
        match part {
            "" => return Err("Build meta data is empty".to_owned()),
            part if !part.bytes().all(is_letter) => {
                return Err(format!("Invalid character(s) found in build meta data {}", quote(part)));
            }
            _ => {}
        }
    }
    Ok(Semver { numbers: [major, minor, patch], before })
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

fn number_of(part: &str, name: &str) -> Result<u64, String> {
    if !part.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("Invalid character(s) found in {} number {}", name.to_lowercase(), quote(part)));
    }
    if part.len() > 1 && part.starts_with('0') {
        return Err(format!("{name} number must not contain leading zeroes {}", quote(part)));
    }
    part.parse().map_err(|_| {
        let why = if part.is_empty() { "invalid syntax" } else { "value out of range" };
        format!("strconv.ParseUint: parsing {}: {why}", quote(part))
    })
}

/// Checks a part of what precedes a release.
fn early(part: &str) -> Result<(), String> {
    let digits = part.bytes().all(|b| b.is_ascii_digit());
    match part {
        "" => Err("Prerelease is empty".to_owned()),
        part if digits && part.len() > 1 && part.starts_with('0') => {
            Err(format!("Numeric PreRelease version must not contain leading zeroes {}", quote(part)))
        }
        part if !part.bytes().all(is_letter) => {
            Err(format!("Invalid character(s) found in prerelease {}", quote(part)))
        }
        _ => Ok(()),
    }
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
