//! What calls cost, of the sizes of what they are given.

use crate::cel::opaque::Opaque;
use crate::cel::value::Val;
use std::net::IpAddr;

/// What a call was given, and what came of it.
pub(super) struct Sizes<'a> {
    /// The sizes of the arguments, the receiver first.
    pub(super) of: &'a [u64],
    /// Whether the arguments are texts or bytes, or may be.
    pub(super) texts: bool,
    /// Whether the last argument is a map.
    pub(super) in_map: bool,
    /// Whether a text is made of bytes or bytes of a text, or may be.
    pub(super) converts: bool,
}

/// What walking over a text costs.
pub(super) fn walk(size: u64) -> u64 {
    size.div_ceil(10)
}

/// What a text costs that is held against a regular expression.
fn search(text: u64, pattern: u64) -> u64 {
    walk(text.saturating_add(1)).saturating_mul(pattern.div_ceil(4))
}

/// What a selector costs: its text is read, and each two characters may be a requirement, which is an object with a list.
fn selector(size: u64) -> u64 {
    let requirements = size.div_ceil(2).saturating_mul(super::LIST + super::OBJECT);
    requirements.saturating_add(walk(size) + super::LIST)
}

/// What a call costs that makes a list, walking so many times over one.
pub(super) fn listed(times: u64, size: u64) -> u64 {
    size.saturating_mul(times).saturating_add(1 + super::LIST)
}

/// What a call costs that holds each item of a list against each, which may be texts.
pub(super) fn compared(size: u64, texts: bool) -> u64 {
    let pairs = size.saturating_mul(size);
    let walked = if texts { pairs / 10 } else { 0 };
    listed(2, pairs).saturating_add(walked)
}

/// What a call costs, apart from its arguments.
pub(super) fn call(name: &str, sizes: &Sizes<'_>) -> u64 {
    let of = |at: usize| sizes.of.get(at).copied().unwrap_or_default();
    let texts = sizes.texts;
    match name {
        "check" => 350_000,
        "fieldSelector" | "labelSelector" => selector(of(1)),
        "url"
        | "jsonpatch.escapeKey"
        | "lowerAscii"
        | "upperAscii"
        | "substring"
        | "trim"
        | "cidr"
        | "isIP"
        | "isCIDR"
        | "quantity"
        | "isQuantity"
        | "semver"
        | "isSemver"
        | "strings.quote"
        | "format" => walk(of(0)),
        "sets.contains" | "sets.intersects" => of(0).saturating_mul(of(1)).saturating_add(1),
        "sets.equivalent" => of(0).saturating_mul(of(1)).saturating_mul(2).saturating_add(1),
        "ip" if texts => walk(of(0)),
        "replace" | "split" | "ip.isCanonical" => of(0).div_ceil(5),
        "find" | "findAll" | "matches" => search(of(0), of(1)),
        "containsIP" | "containsCIDR" => {
            let compared = walk(of(0).saturating_mul(2));
            let masked = if name == "containsCIDR" { walk(of(0)) + 1 } else { 0 };
            let parsed = if texts { walk(of(1)) } else { 0 };
            compared + masked + parsed
        }
        "startsWith" | "endsWith" => walk(of(1)),
        "contains" if texts => walk(of(0)).saturating_mul(walk(of(1))),
        "string" | "bytes" if sizes.converts => walk(of(0)),
        "@in" if !sizes.in_map => of(1),
        "_==_" | "_!=_" => walk(of(0).min(of(1))),
        "_<_" | "_<=_" | "_>_" | "_>=_" if texts => walk(of(0).min(of(1))),
        "_+_" if texts => walk(of(0).saturating_add(of(1))),
        "@not_strictly_false" => 1,
        _ => 1,
    }
}

/// What a call cost, apart from its arguments.
pub(in crate::cel) fn actual(name: &str, args: &[Val], result: &Val) -> u64 {
    match name {
        "isSorted" | "sum" | "min" | "max" | "indexOf" | "lastIndexOf" => args.first().map_or(0, traversal),
        "join" => size(result).div_ceil(5),
        "validate" => search(args.get(1).map_or(0, size), args.first().map_or(0, expression_size)),
        // How large they are does not count.
        "_==_" if matches!(args.first(), Some(Val::Opaque(_))) => 1,
        "slice" | "reverse" | "lists.range" => listed(1, size(result)),
        "flatten" => {
            let levels = match args.get(1) {
                Some(Val::Int(levels)) => u64::try_from(*levels).unwrap_or_default(),
                _ => 1,
            };
            listed(levels, args.first().map_or(0, size))
        }
        "distinct" | "sort" | "@sortByAssociatedKeys" => match args.last() {
            Some(Val::List(list)) => {
                let texts = matches!(list.first(), Some(Val::String(_) | Val::Bytes(_)));
                compared(list.len() as u64, texts)
            }
            _ => listed(0, 0),
        },
        _ => {
            let of: Vec<u64> = args.iter().map(size).collect();
            let texts = args.last().is_some_and(|arg| matches!(arg, Val::String(_) | Val::Bytes(_)));
            let in_map = matches!(args.last(), Some(Val::Map(_)));
            let converts = match name {
                "string" => matches!(args.first(), Some(Val::Bytes(_))),
                _ => matches!(args.first(), Some(Val::String(_))),
            };
            call(name, &Sizes { of: &of, texts, in_map, converts })
        }
    }
}

/// About how long the regular expression of a format is (`Format.MaxRegexSize`).
fn expression_size(format: &Val) -> u64 {
    match format.library() {
        Some(Opaque::Format(name)) => match *name {
            "DNS1123Label" | "DNS1035Label" | "DNS1123LabelPrefix" | "DNS1035LabelPrefix" => 30,
            "LabelValue" => 40,
            "URI" => 1120,
            "UUID" => 85,
            "Byte" => 84,
            "Date" | "Datetime" => 71,
            _ => 60,
        },
        _ => 0,
    }
}

/// The size of a value: of characters, bytes, items, entries; of anything else one.
fn size(value: &Val) -> u64 {
    let size = match value {
        Val::String(text) => text.chars().count(),
        Val::Bytes(bytes) => bytes.len(),
        Val::List(list) => list.len(),
        Val::Map(map) => map.len(),
        Val::Opaque(of) => match &**of {
            Opaque::Ip(IpAddr::V4(_)) => 4,
            Opaque::Ip(IpAddr::V6(_)) => 16,
            Opaque::Cidr(_, bits) => usize::from(*bits).div_ceil(8),
            _ => 1,
        },
        _ => 1,
    };
    size as u64
}

/// What walking over a value and all that it holds costs.
fn traversal(value: &Val) -> u64 {
    match value {
        Val::String(text) => text.len() as u64 / 10,
        Val::Bytes(bytes) => bytes.len() as u64 / 10,
        Val::List(list) => list.iter().map(traversal).sum(),
        Val::Map(map) => map.iter().map(|(key, value)| traversal(&key.value()) + traversal(value)).sum(),
        _ => 1,
    }
}
