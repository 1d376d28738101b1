//! Words that no request has, whatever is served: rules are compared letter by letter.

use crate::api::RequestInfo;
use crate::api::rbac::METHODS;
use crate::api::virtual_resources::acted_for;

/// What is wrong with a word of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A star that stands for nothing: as a part of a word, or within a path.
    Star,
    /// A star behind the slash of a resource.
    StarPart,
    /// Capital letters, where all there are have small ones.
    Capital,
    /// A group behind a resource.
    Group,
    /// A version behind a group.
    Version,
    /// A name of the core group.
    Core,
    /// A path without its slash.
    NoSlash,
    /// The path of a resource, whose requests are about that.
    OfResource,
    /// No method of requests.
    NoMethod,
}

/// What is wrong with a verb on resources.
pub(crate) fn of_verb(verb: &str) -> Option<Flaw> {
    match verb {
        "*" => None,
        _ if has_capital(verb) => Some(Flaw::Capital),
        _ => verb.contains('*').then_some(Flaw::Star),
    }
}

/// What is wrong with an API group.
pub(crate) fn of_group(group: &str) -> Option<Flaw> {
    // `v1`, `v1beta1`.
    let is_version =
        || group.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    match group {
        "*" => None,
        _ if group.contains('/') => Some(Flaw::Version),
        _ if is_version() || group == "core" => Some(Flaw::Core),
        _ if group.contains('*') => Some(Flaw::Star),
        _ => has_capital(group).then_some(Flaw::Capital),
    }
}

/// What is wrong with a resource.
pub(crate) fn of_resource(word: &str) -> Option<Flaw> {
    let (plain, part) = word.split_once('/').unwrap_or((word, ""));
    match (plain, part) {
        ("*", "") => None,
        (_, "*") => Some(Flaw::StarPart),
        _ if part.contains('*') || plain != "*" && plain.contains('*') => Some(Flaw::Star),
        _ if plain.contains('.') => Some(Flaw::Group),
        _ => has_capital(word).then_some(Flaw::Capital),
    }
}

/// What is wrong with a path.
pub(crate) fn of_path(path: &str) -> Option<Flaw> {
    let fixed = path.trim_end_matches('*');
    match path {
        "*" => None,
        _ if !path.starts_with('/') => Some(Flaw::NoSlash),
        _ if fixed.contains('*') => Some(Flaw::Star),
        _ => RequestInfo::parse("GET", fixed).is_resource.then_some(Flaw::OfResource),
    }
}

/// What is wrong with a verb on paths.
pub(crate) fn of_method(verb: &str) -> Option<Flaw> {
    (verb != "*" && !METHODS.contains(&acted_for(verb).unwrap_or(verb))).then_some(Flaw::NoMethod)
}

fn has_capital(word: &str) -> bool {
    word.to_lowercase() != word
}
