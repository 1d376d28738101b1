//! How a line finds its command and the flags that it takes; the commands themselves are in `table`.

use super::Style;
use super::command::Command;
use super::flags::{GLOBAL, GLOBAL_NEW, Known};
use super::table::{COMMANDS, GROUPS, REFUSED};

/// What all commands that print objects take.
const PRINT: &str = "output,o:text template:text allow-missing-template-keys";
const PRINT_NEW: &str = "show-managed-fields";
/// What all `create` commands take.
const CREATE: &str = "dry-run:optional field-manager:text save-config validate:optional";
/// Which files are meant.
const FILES: &str = "filename,f:list recursive,R kustomize,k:text";

type Found = (Option<&'static Command>, String, Vec<String>);

/// The command that words name, its words as one text, and the words that are left.
pub(super) fn find(words: &[String], style: Style) -> Result<Found, String> {
    let mut path: Vec<&'static str> = Vec::new();
    let mut rest: Vec<String> = words.to_vec();
    loop {
        let level = path.join(" ");
        let known = Known::new(&tables(exact(&level, style), &level, style));
        let Some(at) = first_word(&rest, &known) else {
            break;
        };
        let Some(next) = child(&level, &rest[at], style) else {
            break;
        };
        path.push(next);
        rest.remove(at);
    }
    let level = path.join(" ");
    if !path.is_empty() {
        return Ok((exact(&level, style), level, rest));
    }
    let Some(word) = rest.iter().find(|w| !w.starts_with('-')) else {
        return Err("error: kubectl needs a command\n".to_owned());
    };
    if let Some((_, why)) = REFUSED.iter().find(|(name, _)| name == word) {
        return Err(format!("error: kubectl {word} is not modelled: {why}\n"));
    }
    Err(match style {
        Style::Old => {
            format!("Error: unknown command \"{word}\" for \"kubectl\"\nRun 'kubectl --help' for usage.\n")
        }
        Style::New => format!("error: unknown command \"{word}\" for \"kubectl\"\n"),
    })
}

/// The first words of all commands.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().filter_map(|command| command.words.split(' ').next())
}

/// The words that may come next at a place in the tree of commands, in order.
pub(super) fn children(level: &str, style: Style) -> Vec<&'static str> {
    let known = COMMANDS.iter().filter(|c| style == Style::New || !c.new);
    let mut words: Vec<&str> = known.filter_map(|c| below(level, c.words)?.split(' ').next()).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// A command's words below a place in the tree.
fn below(level: &str, words: &'static str) -> Option<&'static str> {
    match level {
        "" => Some(words),
        level => words.strip_prefix(level)?.strip_prefix(' '),
    }
}

fn exact(level: &str, style: Style) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.words == level && (style == Style::New || !c.new))
}

/// The flags that are known at a place in the tree of commands; a command's own come before the global ones of the same
/// name (`create rolebinding --user`).
pub(super) fn tables(command: Option<&Command>, level: &str, style: Style) -> Vec<&'static str> {
    let new = style == Style::New;
    let mut tables = Vec::new();
    if let Some(command) = command {
        tables.push(command.flags);
        tables.push(if new { command.new_flags } else { command.old_flags });
    }
    let prints = !command.is_some_and(|command| command.prints_by_itself) && (new || level != "auth");
    tables.extend(prints.then_some(PRINT));
    tables.extend((prints && new).then_some(PRINT_NEW));
    if level == "create" || level.starts_with("create ") {
        tables.push(CREATE);
    }
    if !level.starts_with("create ") {
        tables.push(FILES);
    }
    tables.push(GLOBAL);
    tables.extend(new.then_some(GLOBAL_NEW));
    tables
}

/// Whether a command has a flag of its own by that name.
pub(super) fn owns(command: Option<&Command>, flag: &str) -> bool {
    let own = command.map_or("", |c| c.flags);
    own.split_whitespace().any(|word| word.split([',', ':']).next() == Some(flag))
}

/// The next word of the tree that a word names.
fn child(level: &str, word: &str, style: Style) -> Option<&'static str> {
    COMMANDS.iter().filter(|c| style == Style::New || !c.new).find_map(|c| {
        let below = below(level, c.words)?;
        let (next, last) = match below.split_once(' ') {
            Some((next, _)) => (next, false),
            None => (below, true),
        };
        let group = || GROUPS.contains(&(level, next, word));
        (next == word || last && c.aliases.contains(&word) || group()).then_some(next)
    })
}

/// Where the first word stands that is neither a flag nor a flag's value.
fn first_word(words: &[String], known: &Known) -> Option<usize> {
    let mut skip = false;
    for (i, word) in words.iter().enumerate() {
        if word == "--" {
            return None;
        }
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') && word.len() > 1 {
            skip = known.takes_next(word);
        } else {
            return Some(i);
        }
    }
    None
}
