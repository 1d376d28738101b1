//! What `sh -c` runs: commands one after the other (`;`, `&&`, `||`), and where each writes.
//!
//! Differs from a shell: nothing else of its syntax is known, and refused by name where it comes; output goes to the two streams
//! or nowhere (`>&2`, `2>&1`, `>/dev/null`), as there is no file to write.

use super::Output;

/// What joins a command to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    /// Whatever became of it.
    Then,
    /// If it went well.
    And,
    /// If it did not.
    Or,
}

/// Where a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sink {
    Stdout,
    Stderr,
    Nowhere,
}

/// One command of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Command {
    join: Join,
    line: String,
    stdout: Sink,
    stderr: Sink,
}

/// Runs a script, by what runs a line; it ends with the code of its last command, or at `exit`.
pub(super) fn run(script: &str, run: &mut dyn FnMut(&str) -> Output) -> Output {
    let mut all = Output::default();
    for command in commands(script) {
        let is_skipped = match command.join {
            Join::Then => false,
            Join::And => all.exit != 0,
            Join::Or => all.exit == 0,
        };
        let words: Vec<&str> = command.line.split_whitespace().collect();
        if words.is_empty() || is_skipped {
            continue;
        }
        if let Some(code) = leaves(&words) {
            all.exit = code.unwrap_or(all.exit);
            break;
        }
        let line = command.line.trim().strip_prefix("exec ").unwrap_or(&command.line);
        let ran = run(line);
        for (sink, text) in [(command.stdout, ran.stdout), (command.stderr, ran.stderr)] {
            match sink {
                Sink::Stdout => all.stdout.push_str(&text),
                Sink::Stderr => all.stderr.push_str(&text),
                Sink::Nowhere => {}
            }
        }
        all.exit = ran.exit;
        all.ends.extend(ran.ends);
        if words.first() == Some(&"exec") {
            break;
        }
    }
    all
}

/// Whether a command ends the shell, and with which code; none is that of the command before.
pub(crate) fn leaves(words: &[&str]) -> Option<Option<i32>> {
    match words {
        ["exit"] => Some(None),
        ["exit", code] => code.parse::<u8>().ok().map(|code| Some(i32::from(code))),
        _ => None,
    }
}

/// Takes a script apart where nothing is quoted.
fn commands(script: &str) -> Vec<Command> {
    let new = |join| Command { join, line: String::new(), stdout: Sink::Stdout, stderr: Sink::Stderr };
    let mut all = Vec::new();
    let mut command = new(Join::Then);
    let mut rest = script;
    let mut quote = None;
    while let Some(c) = rest.chars().next() {
        if quote.is_none() {
            let joins = [("&&", Join::And), ("||", Join::Or), (";", Join::Then), ("\n", Join::Then)];
            if let Some((join, after)) =
                joins.iter().find_map(|(text, join)| Some((join, rest.strip_prefix(text)?)))
            {
                all.push(std::mem::replace(&mut command, new(*join)));
                rest = after;
                continue;
            }
            let begins_word = command.line.is_empty() || command.line.ends_with([' ', '\t']);
            if begins_word && let Some(after) = redirected(rest, &mut command) {
                rest = after;
                continue;
            }
        }
        let mut length = c.len_utf8();
        match (quote, c) {
            // What is behind a backslash stands for itself.
            (None | Some('"'), '\\') => length += rest[length..].chars().next().map_or(0, char::len_utf8),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        command.line.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    all.push(command);
    all
}

/// Notes where a command writes, if that stands next: what follows.
fn redirected<'a>(rest: &'a str, command: &mut Command) -> Option<&'a str> {
    let (is_stderr, target) = match rest.strip_prefix("2>") {
        Some(target) => (true, target),
        None => (false, rest.strip_prefix("1>").or_else(|| rest.strip_prefix('>'))?),
    };
    let known = [("&1", command.stdout), ("&2", command.stderr), ("/dev/null", Sink::Nowhere)];
    let (sink, after) = known
        .into_iter()
        .find_map(|(name, sink)| Some((sink, target.trim_start_matches(' ').strip_prefix(name)?)))?;
    if !after.is_empty() && !after.starts_with([' ', '\t', ';', '\n', '&', '|']) {
        return None;
    }
    match is_stderr {
        true => command.stderr = sink,
        false => command.stdout = sink,
    }
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::{Join, Sink, commands};

    #[test]
    fn a_script_is_taken_apart_where_nothing_is_quoted() {
        use Join::{And, Or, Then};
        for (script, want) in [
            ("a; b && c || d\ne", vec![(Then, "a"), (Then, " b "), (And, " c "), (Or, " d"), (Then, "e")]),
            ("echo 'a; b' \"c && $(x)\" d\\;", vec![(Then, "echo 'a; b' \"c && $(x)\" d\\;")]),
            ("curl 'x?a=1&b=2' & b", vec![(Then, "curl 'x?a=1&b=2' & b")]),
            ("a | b > c", vec![(Then, "a | b > c")]),
        ] {
            let got: Vec<_> = commands(script).into_iter().map(|one| (one.join, one.line)).collect();
            let want: Vec<_> = want.into_iter().map(|(join, line)| (join, line.to_owned())).collect();
            assert_eq!(got, want, "{script}");
        }
        for (script, line, stdout, stderr) in [
            ("echo a >&2", "echo a ", Sink::Stderr, Sink::Stderr),
            ("a 2>&1", "a ", Sink::Stdout, Sink::Stdout),
            ("a > /dev/null 2>&1", "a  ", Sink::Nowhere, Sink::Nowhere),
            ("a 2>&1 >/dev/null", "a  ", Sink::Nowhere, Sink::Stdout),
            ("a >&21", "a >&21", Sink::Stdout, Sink::Stderr),
            ("a >/dev/nullx", "a >/dev/nullx", Sink::Stdout, Sink::Stderr),
            ("echo '>&2'", "echo '>&2'", Sink::Stdout, Sink::Stderr),
        ] {
            let [command] = &commands(script)[..] else { panic!("{script}") };
            assert_eq!(
                (command.line.as_str(), command.stdout, command.stderr),
                (line, stdout, stderr),
                "{script}"
            );
        }
    }
}
