//! The functions and operators that expressions may call: standard ones, extensions, and those of Kubernetes.
//!
//! A function is a row: its signature, in which a receiver stands in parentheses before the name, and what it does. The
//! same rows say what compiles and what happens. `A`, `B` are any types.

mod authorizer;
mod format;
pub(crate) mod formatting;
mod lists;
mod net;
mod netip;
mod operators;
mod optional;
mod patch;
mod quantity;
mod regexes;
mod semver;
mod sets;
mod standard;
mod strings;
mod url;

use super::Activation;
use super::macros::LISTS;
use super::types::{Type, split};
use super::value::{Instant, Val, no_overload};
use crate::api::{Attributes, Decision, Version};
pub(crate) use authorizer::{requested, whole};
pub(super) use operators::{element, element_if_there, grown, walked};
pub(crate) use standard::duration;
use std::sync::LazyLock;

/// Where a function is called.
pub(crate) struct Setting<'a> {
    /// What the expression sees.
    pub(super) activation: &'a dyn Activation,
    /// The server's release.
    pub(super) version: Version,
}

/// What a function does with its arguments, the receiver first.
pub(crate) type Function = fn(&Setting<'_>, &[Val]) -> Result<Val, String>;

/// A function: signature, and what it does.
pub(crate) type Row = (&'static str, Function);

/// The functions of a library, and the release that has them first.
type Library = (u8, &'static [Row]);

const LIBRARIES: &[Library] = &[
    (0, operators::ROWS),
    (0, operators::COMPARISONS),
    (28, operators::ACROSS),
    (0, standard::ROWS),
    (0, standard::PARTS),
    (0, strings::ROWS),
    (29, strings::SINCE_29),
    (0, lists::ROWS),
    (LISTS, lists::SORTS),
    (LISTS, lists::MORE),
    (0, regexes::ROWS),
    (0, url::ROWS),
    (27, authorizer::ROWS),
    (31, authorizer::SELECTORS),
    (28, optional::ROWS),
    (29, optional::MORE),
    (28, quantity::ROWS),
    (29, sets::ROWS),
    (30, net::ROWS),
    (31, format::ROWS),
    (32, patch::ROWS),
    (33, semver::ROWS),
];

/// One way to call a function.
#[derive(Debug)]
pub(crate) struct Overload {
    /// The function's name.
    pub name: &'static str,
    /// Whether it is called on a receiver, its first argument.
    pub member: bool,
    /// What it takes.
    pub takes: Vec<Type>,
    /// What it gives.
    pub gives: Type,
    /// What it does.
    pub run: Function,
    /// The first release that has it.
    since: u8,
}

impl Overload {
    fn parse(since: u8, (signature, run): Row) -> Overload {
        let (left, gives) = signature.rsplit_once(" -> ").unwrap_or((signature, "dyn"));
        let (receiver, rest) = match left.strip_prefix('(').and_then(|rest| rest.split_once(").")) {
            Some((receiver, rest)) => (Some(receiver), rest),
            None => (None, left),
        };
        let (name, arguments) = rest.split_once('(').unwrap_or((rest, ""));
        let arguments = arguments.strip_suffix(')').unwrap_or(arguments);
        let takes = receiver.into_iter().chain(split(arguments)).map(Type::parse).collect();
        Overload { name, member: receiver.is_some(), takes, gives: Type::parse(gives), run, since }
    }
}

static OVERLOADS: LazyLock<Vec<Overload>> = LazyLock::new(|| {
    let rows =
        LIBRARIES.iter().flat_map(|(since, rows)| rows.iter().map(|row| Overload::parse(*since, *row)));
    let mut all: Vec<Overload> = rows.collect();
    all.sort_by_key(|overload| overload.name);
    all
});

/// The ways to call a function that a release knows.
pub(crate) fn overloads(name: &str, member: bool, minor: u8) -> impl Iterator<Item = &'static Overload> {
    let start = OVERLOADS.partition_point(|overload| overload.name < name);
    let same = OVERLOADS[start..].iter().take_while(move |overload| overload.name == name);
    same.filter(move |overload| overload.member == member && overload.since <= minor)
}

/// Whether a literal is what a function takes: a duration, an instant, a regular expression.
pub(crate) fn is_usable(name: &str, literal: &str) -> bool {
    match name {
        "duration" => standard::duration(literal).is_some(),
        "timestamp" => matches!(Instant::parse(literal), Some(Some(_))),
        "matches" => crate::golang::regexp::compile(literal).is_ok(),
        _ => true,
    }
}

/// Whether a literal number is what a function takes: an instant.
pub(crate) fn is_usable_number(name: &str, literal: i64) -> bool {
    match name {
        "duration" => false,
        "timestamp" => Instant::of_seconds(literal).is_some(),
        _ => true,
    }
}

/// What a conversion makes of a value that is a constant.
pub(super) fn converted(name: &str, given: &Val, version: Version) -> Result<Val, String> {
    let fits = |overload: &&Overload| matches!(overload.takes.as_slice(), [takes] if given.is(takes));
    let found = overloads(name, false, version.number()).find(fits);
    let setting = Setting { activation: &Nobody, version };
    found.map_or_else(no_overload, |overload| (overload.run)(&setting, std::slice::from_ref(given)))
}

/// Where there are no variables, and nobody to ask.
struct Nobody;

impl Activation for Nobody {
    fn variable(&self, _: &str) -> Option<Result<Val, String>> {
        None
    }

    fn authorize(&self, _: &Attributes) -> (Decision, String) {
        (Decision::NoOpinion, String::new())
    }
}

/// The text of an argument; the signature says that it is one.
fn text(value: &Val) -> &str {
    match value {
        Val::String(text) => text,
        _ => "",
    }
}

/// The number of an argument.
fn int(value: &Val) -> i64 {
    match value {
        Val::Int(number) => *number,
        _ => 0,
    }
}

/// The items of an argument.
fn items(value: &Val) -> &[Val] {
    match value {
        Val::List(items) => items,
        _ => &[],
    }
}

/// A count as CEL counts.
fn count(number: usize) -> Val {
    Val::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read() {
        let shown: Vec<String> =
            overloads("indexOf", true, 36).map(|o| format!("{:?} {}", o.takes, o.gives)).collect();
        assert_eq!(shown.len(), 3, "{shown:?}");
        assert_eq!(overloads("isQuantity", false, 27).count(), 0);
        assert_eq!(overloads("isQuantity", false, 28).count(), 1);
    }
}
