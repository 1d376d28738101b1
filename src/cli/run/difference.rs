//! What differs between a snapshot and what came out: a few words for whoever wants to know what is wrong, or all lines.

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{ChangeTag, DiffOp, group_diff_ops};
use std::collections::BTreeSet;

/// How many changed lines are told of a scenario, and how many of a step.
const MOST: usize = 8;
const MOST_OF_STEP: usize = 3;
/// How many unchanged words stay around those that changed.
const AROUND: usize = 3;
/// How much of a line is told.
const WIDTH: usize = 160;

/// The words that differ, as `git diff --word-diff` marks them: a line for each line that changed, under its step.
pub(super) fn words(before: &str, after: &str) -> Vec<String> {
    let [olds, news] = [before, after].map(|text| text.lines().collect::<Vec<_>>());
    let (mut told, mut step, mut of_step, mut left) = (Vec::new(), "", 0, BTreeSet::new());
    let mut left_lines = 0;
    for op in operations(&olds, &news).iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        let (old, new) = (&olds[op.old_range()], &news[op.new_range()]);
        for index in 0..old.len().max(new.len()) {
            let changed = changed(old.get(index).copied(), new.get(index).copied());
            let at = op.new_range().start + index.min(new.len().saturating_sub(1));
            let owner = step_of(after, at);
            if owner != step {
                (step, of_step) = (owner, 0);
            }
            let Some(changed) = changed else { continue };
            of_step += 1;
            if told.len() >= MOST || of_step > MOST_OF_STEP {
                left.insert(number(step));
                left_lines += 1;
                continue;
            }
            told.push(match number(step) {
                "" => changed,
                number => format!("step {number}: {changed}"),
            });
        }
    }
    if left_lines > 0 {
        let lines = if left_lines == 1 { "line" } else { "lines" };
        let steps = if left.len() == 1 { "a step" } else { &format!("{} steps", left.len()) };
        told.push(format!("… and {left_lines} {lines} more, of {steps}: -vv shows all"));
    }
    told
}

/// All lines that differ, each group under the step that they belong to.
pub(super) fn lines(before: &str, after: &str) -> Vec<String> {
    let [old, new] = [before, after].map(|text| text.lines().collect::<Vec<_>>());
    let mut out = Vec::new();
    for group in group_diff_ops(operations(&old, &new), 2) {
        if let Some(start) = group.first().map(|op| op.new_range().start) {
            out.push(format!("in step {}", step_of(after, start)));
        }
        for change in group.iter().flat_map(|op| op.iter_changes(old.as_slice(), new.as_slice())) {
            let line = change.value();
            out.push(match change.tag() {
                ChangeTag::Delete => format!("- {line}"),
                ChangeTag::Insert => format!("+ {line}"),
                ChangeTag::Equal => format!("  {line}"),
            });
        }
    }
    out
}

/// What to do with one list for it to become the other. All that is compared here goes through this one algorithm: `TextDiff`
/// brings five, each for texts, for bytes and for numbers, a fortieth of the whole program.
fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut seen = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()) = myers::diff(&mut seen, old, 0..old.len(), new, 0..new.len());
    seen.into_inner().into_inner().into_ops()
}

/// The line of the step that a line belongs to.
fn step_of(text: &str, line: usize) -> &str {
    text.lines().take(line + 1).filter(|line| is_step(line)).last().unwrap_or_default()
}

fn is_step(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(" [+")
}

/// A step's number, which its line begins with.
fn number(step: &str) -> &str {
    step.split(' ').next().unwrap_or_default()
}

/// What changed in a line; nothing where that is told elsewhere.
fn changed(old: Option<&str>, new: Option<&str>) -> Option<String> {
    // That it is not as expected is a failure of its own.
    let [old, new] =
        [old, new].map(|line| line.map(str::trim).filter(|line| !line.starts_with("NOT AS EXPECTED")));
    let marked = match (old, new) {
        (Some(old), Some(new)) => inside(old, new),
        (Some(old), None) if !old.is_empty() => format!("[-{old}-]"),
        (None, Some(new)) if !new.is_empty() => format!("{{+{new}+}}"),
        (Some(_) | None, None) | (None, Some(_)) => return None,
    };
    Some(match marked.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &marked[..end]),
        None => marked,
    })
}

/// The words that changed, with a few around them.
fn inside(old: &str, new: &str) -> String {
    let [olds, news] = [old, new].map(words_of);
    let mut out = String::new();
    let ops = operations(&olds, &news);
    for (index, op) in ops.iter().enumerate() {
        let (old, new) = (olds[op.old_range()].concat(), news[op.new_range()].concat());
        match op {
            DiffOp::Equal { .. } => out.push_str(&shortened(&old, index > 0, index + 1 < ops.len())),
            DiffOp::Delete { .. } => out.push_str(&format!("[-{old}-]")),
            DiffOp::Insert { .. } => out.push_str(&format!("{{+{new}+}}")),
            DiffOp::Replace { .. } => out.push_str(&format!("[-{old}-]{{+{new}+}}")),
        }
    }
    out
}

/// The words of a line, and what is between them.
fn words_of(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| c.is_whitespace() != first.is_whitespace()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        words.push(word);
        rest = behind;
    }
    words
}

/// Unchanged words, as far as they stand near to what changed before or behind them.
fn shortened(text: &str, before: bool, behind: bool) -> String {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    let kept = AROUND * (usize::from(before) + usize::from(behind));
    if words.len() <= kept {
        return text.to_owned();
    }
    let first = if before { words[..AROUND].concat() } else { String::new() };
    match behind {
        true => format!("{first}… {}", words[words.len() - AROUND..].concat()),
        false => format!("{first}…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "\
# a · Kubernetes 1.36 · seed 0

1 [+0.000s] kubectl get pods
  by alice
  GET /api/v1/namespaces/default/pods -> 200
  exit 0
  | one
2 [+0.000s] kubectl get nodes
  exit 0
";

    #[test]
    fn the_words_that_differ_are_told_under_their_step() {
        let after = BEFORE
            .replace("pods -> 200", "pods -> 403 Forbidden")
            .replace("  | one\n", "  NOT AS EXPECTED: code\n")
            .replace("get nodes\n  exit 0", "get nodes\n  exit 1");
        assert_eq!(
            words(BEFORE, &after),
            [
                "step 1: GET /api/v1/namespaces/default/pods -> [-200-]{+403 Forbidden+}",
                "step 1: [-| one-]",
                "step 2: exit [-0-]{+1+}",
            ]
        );
        assert!(words(BEFORE, BEFORE).is_empty());
    }

    #[test]
    fn of_long_lines_and_many_only_some_are_told() {
        let long =
            |word: &str| format!("1 [+0.000s] a\n  one two three four {word} five six seven eight nine\n");
        assert_eq!(words(&long("x"), &long("y")), ["step 1: … two three four [-x-]{+y+} five six …"]);
        let many = |word: &str| {
            let lines = |step| format!("{step} [+0.000s] a\n{}", format!("  {word}\n").repeat(5));
            (1..6).map(lines).collect::<String>()
        };
        let told = words(&many("x"), &many("y"));
        assert_eq!(told.len(), MOST + 1);
        assert_eq!(told[0], "step 1: [-x-]{+y+}");
        assert_eq!(told[3], "step 2: [-x-]{+y+}");
        assert_eq!(told[MOST], "… and 17 lines more, of 5 steps: -vv shows all");
        assert_eq!(lines(&many("x"), &many("y")).iter().filter(|line| line.starts_with("+ ")).count(), 25);
    }
}
