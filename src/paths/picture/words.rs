//! Texts of a picture, as far as there is room for them.

use super::links::Link;
use crate::paths::Severity;
use crate::paths::draw::{Drawing, Drawn, Shape};

/// The widest that a node's text may be, and a label's.
const NAME: i64 = 250;
const LABELS: i64 = 230;

/// What a node is, in a word or two.
pub(super) fn kind(shape: Shape) -> &'static str {
    match shape {
        Shape::User => "user",
        Shape::Group => "group",
        Shape::ServiceAccount => "service account",
        Shape::Role => "role",
        Shape::Any => "any of a kind",
        Shape::Pod => "pod",
        Shape::Secret => "secret",
        Shape::Node => "node",
        Shape::Target => "target",
    }
}

/// The same of several.
pub(super) fn kinds(shape: Shape) -> &'static str {
    match shape {
        Shape::User => "users",
        Shape::Group => "groups",
        Shape::ServiceAccount => "service accounts",
        Shape::Role => "roles",
        Shape::Any => "that stand for any of a kind",
        Shape::Pod => "pods",
        Shape::Secret => "secrets",
        Shape::Node => "nodes of the cluster",
        Shape::Target => "targets",
    }
}

/// By which a style knows it.
pub(super) fn class(shape: Shape) -> &'static str {
    match shape {
        Shape::ServiceAccount => "account",
        Shape::Any => "any",
        other => kind(other),
    }
}

/// The same of what leads somewhere: how bad it is, or that it is no way.
pub(super) fn class_of(severity: Option<Severity>) -> &'static str {
    severity.map_or("plain", Severity::word)
}

/// A node's heading, and its name without what the heading says.
pub(super) fn named(node: &Drawn) -> (&'static str, &str) {
    let name = node.name.strip_prefix("system:serviceaccount:").unwrap_or(&node.name);
    if let Some(name) = name.strip_prefix("cluster role ") {
        return ("cluster role", name);
    }
    let heading = kind(node.kind);
    let rest = name.strip_prefix(heading).and_then(|rest| rest.strip_prefix(' '));
    (heading, rest.unwrap_or(name))
}

/// A node's name, as far as there is room.
pub(super) fn short(node: &Drawn) -> String {
    fitted(named(node).1, NAME)
}

/// What stands on a link: as much of it as there is room for, how much more there is, and where it leads back to.
pub(super) fn label(link: &Link, drawing: &Drawing) -> String {
    let mut text = String::new();
    let mut told = 0;
    for label in &link.labels {
        let longer = if text.is_empty() { fitted(label, LABELS) } else { format!("{text}, {label}") };
        if told > 0 && width(&longer) > LABELS {
            break;
        }
        text = longer;
        told += 1;
    }
    let more = link.labels.len() - told;
    if more > 0 {
        text = format!("{text} +{more}");
    }
    if link.back {
        let to = fitted(named(&drawing.nodes[link.to]).1, LABELS);
        text = format!("{text} ↩ {to}").trim_start().to_owned();
    }
    text
}

/// How wide a text is in letters of 12 points, at most: fonts differ.
pub(super) fn width(text: &str) -> i64 {
    let of = |letter: char| match letter {
        'i' | 'j' | 'l' | 'f' | 't' | 'r' | '.' | ':' | ',' | '-' | '/' | '|' | '(' | ')' | ' ' => 5,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 12,
        'A'..='Z' => 9,
        letter if letter.is_ascii() => 8,
        _ => 13,
    };
    text.chars().map(of).sum()
}

/// A text as far as there is room: its beginning and its end, which tell names apart.
fn fitted(text: &str, most: i64) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let cut = |kept: usize| {
        let (begin, end) = (kept - kept / 2, kept / 2);
        letters[..begin].iter().chain(&['…']).chain(&letters[letters.len() - end..]).collect::<String>()
    };
    (1..letters.len()).rev().map(cut).find(|text| width(text) <= most).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_ends() {
        let name = format!("shop:{}-deployer", "x".repeat(80));
        let short = fitted(&name, NAME);
        assert!(
            short.starts_with("shop:x") && short.ends_with("-deployer") && width(&short) <= NAME,
            "{short}"
        );
        assert_eq!(fitted("shop:ci", NAME), "shop:ci");
    }

    #[test]
    fn a_heading_is_not_told_twice() {
        for (kind, name, told) in [
            (Shape::ServiceAccount, "system:serviceaccount:shop:ci", ("service account", "shop:ci")),
            (Shape::Role, "cluster role edit in shop", ("cluster role", "edit in shop")),
            (Shape::Role, "role edit in shop", ("role", "edit in shop")),
            (Shape::Group, "group devs", ("group", "devs")),
            (Shape::User, "user", ("user", "user")),
            (Shape::Any, "any account in shop", ("any of a kind", "any account in shop")),
        ] {
            assert_eq!(named(&Drawn { id: 0, kind, name: name.to_owned() }), told);
        }
    }
}
