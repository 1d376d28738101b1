//! The difference as a comment to a pull request. Whatever a manifest says is code there: no name calls anybody, and no text is
//! a link or HTML.

use super::{Changed, Difference};
use crate::explain::gained::Right;
use crate::explain::place;
use crate::explain::words::of_rules;
use std::fmt::Write;

/// So many letters of a cell are shown: a comment has an end.
const CELL: usize = 300;

/// So many lines of rights of one rule.
const LINES: usize = 5;

/// So many paths.
const PATHS: usize = 20;

/// So many letters of a table: a comment of GitHub's holds 65,536.
const LETTERS: usize = 60_000;

pub(super) fn of(difference: &Difference) -> String {
    let title = format!("### Rights: {}", difference.summary());
    let compared = format!("From {} to {}.", code(&difference.from), code(&difference.to));
    let all: Vec<_> = difference.all().collect();
    let compared = compared + &paths(difference);
    if all.is_empty() {
        return format!("{title}\n\n{compared}");
    }
    let mut table = String::from("| | who | what | where | by |\n|---|---|---|---|---|");
    let mut told = 0;
    for row in all.iter().map(|(word, changed)| row(word, changed)) {
        if table.len() + row.len() > LETTERS {
            break;
        }
        table.push_str(&row);
        told += 1;
    }
    if told < all.len() {
        let _ = write!(table, "\n\n… and {} more.", all.len() - told);
    }
    format!("{title}\n\n{compared}\n\n{table}")
}

/// Who gets to cluster-admin now, and who does no more.
fn paths(difference: &Difference) -> String {
    let opened = difference.opened.iter().map(|opened| {
        let fails = if opened.fails { ", and fails" } else { "" };
        format!("\n- **opened**{fails}: {}", code(&opened.path.in_short()))
    });
    let closed = difference.closed.iter().map(|path| format!("\n- closed: {}", code(&path.in_short())));
    let lines: Vec<String> = opened.chain(closed).collect();
    let told: String = lines.iter().take(PATHS).map(String::as_str).collect();
    match lines.len().checked_sub(PATHS).filter(|more| *more > 0) {
        _ if lines.is_empty() => String::new(),
        Some(more) => format!("\n\nPaths to cluster-admin:\n{told}\n- … and {more} more"),
        None => format!("\n\nPaths to cluster-admin:\n{told}"),
    }
}

fn row(word: &str, changed: &Changed) -> String {
    let Right { who, rights, by, at, .. } = &changed.right;
    let word = if changed.fails { format!("**{word}**, and fails") } else { word.to_owned() };
    let rights = of_rules(rights.clone());
    let mut what: Vec<String> = rights.iter().take(LINES).map(|rights| code(rights)).collect();
    if rights.len() > LINES {
        what.push(format!("… and {} more", rights.len() - LINES));
    }
    let given = code(&format!("{} {}, {} {}", by.kind, by.binding, by.role.kind, by.role.name));
    let at = at.as_ref().map(|at| format!("<br>{}", code(&at.to_string()))).unwrap_or_default();
    let place = code(&place(&by.namespace));
    format!("\n| {word} | {} | {} | {place} | {given}{at} |", code(who), what.join("<br>"))
}

/// Text as code in a table's cell.
fn code(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c }).collect();
    let cut = match plain.char_indices().nth(CELL) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    };
    // A fence is longer than any in the text; a bar ends a cell even in code.
    let longest = cut.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let blank = if cut.starts_with('`') || cut.ends_with('`') || cut.is_empty() { " " } else { "" };
    format!("{fence}{blank}{}{blank}{fence}", cut.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_manifest_says_stays_code() {
        for (text, shown) in [
            ("@team", "`@team`"),
            ("a|b", "`a\\|b`"),
            ("a\n## b", "`a ## b`"),
            ("a`b``c", "```a`b``c```"),
            ("`", "`` ` ``"),
            ("<img src=x>", "`<img src=x>`"),
        ] {
            assert_eq!(code(text), shown);
        }
        assert_eq!(code(&"x".repeat(1000)).chars().count(), CELL + 3);
    }
}
