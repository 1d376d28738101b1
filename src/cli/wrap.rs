//! Prose on a terminal: lines end between words, and go on below where they began.

/// A terminal that says to be narrower than this does not know how wide it is.
const NARROWEST: u16 = 20;
/// How wide what is no terminal is taken to be, where somebody must be.
const UNKNOWN: u16 = 160;

/// How wide the terminal on standard output is; none where it is none, or says nothing that could be.
fn columns() -> Option<u16> {
    comfy_table::Table::new().width().filter(could_be)
}

fn could_be(columns: &u16) -> bool {
    *columns >= NARROWEST
}

/// How wide a table may be.
pub(super) fn of_tables() -> u16 {
    columns().unwrap_or(UNKNOWN)
}

/// A text whose lines are too long for the terminal, in lines that are not; elsewhere as it is.
pub(super) fn wrapped(text: &str) -> String {
    match columns() {
        Some(columns) => at(text, columns.into()),
        None => text.to_owned(),
    }
}

/// The lines of a text in so many columns.
fn at(text: &str, columns: usize) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        if bare.chars().count() <= columns {
            out.push_str(line);
            continue;
        }
        let begins = bare.find(|c| c != ' ').unwrap_or_default();
        // What goes on stands a little deeper, as long as that leaves room.
        let indent = " ".repeat((begins + 2).min(columns / 2));
        let options = textwrap::Options::new(columns)
            .subsequent_indent(&indent)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        out.push_str(&textwrap::fill(bare, options));
        out.push_str(&line[bare.len()..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_of_no_columns_is_none() {
        assert!(!could_be(&0) && !could_be(&1) && could_be(&80));
    }

    #[test]
    fn lines_end_between_words() {
        let text =
            "short\n  the role binding reads-pods gives this to others\n\nGET /a-path-without-any-space\n";
        assert_eq!(
            at(text, 24),
            "short\n  the role binding\n    reads-pods gives\n    this to others\n\nGET\n  /a-path-without-any-sp\n  ace\n"
        );
        assert_eq!(at(text, 200), text);
    }
}
