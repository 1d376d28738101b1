//! The difference on a terminal.

use super::super::out;
use super::super::paint::{Paint, paint};
use super::Difference;
use crate::explain::gained::Right;
use crate::explain::place;
use crate::explain::words::of_rules;

pub(super) fn of(difference: &Difference) -> String {
    let mut lines = Vec::new();
    let all: Vec<_> = difference.all().collect();
    let whose =
        |(word, Right { who, by, .. }): (&'static str, &Right)| (word, who.clone(), by.namespace.clone());
    for of_one in all
        .chunk_by(|(word, one), (as_well, other)| whose((word, &one.right)) == whose((as_well, &other.right)))
    {
        let Some((word, first)) = of_one.first() else { continue };
        let (sign, colour) = if *word == "gained" { ('+', Paint::Bad) } else { ('-', Paint::Good) };
        let head = format!("{sign} {} in {}", first.right.who, place(&first.right.by.namespace));
        lines.push(paint(colour, &head));
        for (word, changed) in of_one {
            let fails = if changed.fails { paint(Paint::Bad, " (fails)") } else { String::new() };
            let rights = of_rules(changed.right.rights.clone());
            lines.extend(rights.iter().map(|rights| format!("    {word} {rights}{fails}")));
            lines.push(paint(Paint::Dim, &format!("      by {}", given(&changed.right))));
        }
    }
    for opened in &difference.opened {
        let fails = if opened.fails { paint(Paint::Bad, " (fails)") } else { String::new() };
        let at = opened.at.as_ref().map(|(file, line)| format!(" ({file}:{line})")).unwrap_or_default();
        let text = format!("! opened to cluster-admin: {}{at}", opened.path.in_short());
        lines.push(format!("{}{fails}", paint(Paint::Bad, &text)));
    }
    let closed =
        difference.closed.iter().map(|path| format!("  closed to cluster-admin: {}", path.in_short()));
    lines.extend(closed.map(|text| paint(Paint::Good, &text)));
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(format!("From {} to {}: {}", difference.from, difference.to, difference.summary()));
    out::lines(lines)
}

/// By what, and where that is written: the rule, and the binding where it is that which is other.
fn given(Right { by, at, .. }: &Right) -> String {
    let rule = by.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
    let at = at.as_ref().map(ToString::to_string).filter(|at| by.source.as_ref() != Some(at));
    let bound = at.map(|at| format!(", bound in {at}")).unwrap_or_default();
    format!("{}{rule}{bound}", by.describe())
}
