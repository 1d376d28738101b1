//! What a container writes, where its command says so: `echo`, among commands that write nothing.
//!
//! Differs from Kubernetes: nothing is run. A command with anything else in it (a program, a variable, a loop) writes what is not
//! known, and its log says that; what somebody who is attached sees is not in the log.

use crate::api::Dig;
use crate::json::Value;

/// A line, and so many seconds after its container's start it is written.
pub(super) type Line = (i64, String);

/// What is done when by a command.
enum Does {
    Writes(String),
    Waits(i64),
    Ends,
}

/// The lines that a container writes; none where that is not known.
pub(super) fn of(container: &Value) -> Option<Vec<Line>> {
    let words = ["command", "args"].into_iter().flat_map(|list| container.list(list));
    let words: Vec<String> = words.map(|word| word.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    // Those of the container's environment are put in by its kubelet.
    if words.iter().any(|word| word.contains("$(")) {
        return None;
    }
    let commands = match &words[..] {
        [shell, flag, script] if flag == "-c" && matches!(base(shell), "sh" | "bash" | "ash") => {
            taken_apart(script)?
        }
        _ => vec![words],
    };
    let (mut lines, mut at) = (Vec::new(), 0);
    for command in &commands {
        match does(&command.iter().map(String::as_str).collect::<Vec<_>>())? {
            Does::Writes(line) => lines.push((at, line)),
            Does::Waits(seconds) => at = i64::saturating_add(at, seconds),
            Does::Ends => break,
        }
    }
    Some(lines)
}

fn base(command: &str) -> &str {
    command.rsplit('/').next().unwrap_or(command)
}

fn does(words: &[&str]) -> Option<Does> {
    let (first, rest) = words.split_first()?;
    match (base(first), rest) {
        ("echo", rest) if !rest.first().is_some_and(|word| word.starts_with('-')) => {
            Some(Does::Writes(rest.join(" ") + "\n"))
        }
        ("true" | ":", _) => Some(Does::Waits(0)),
        // They wait for input, and what is typed at them is not kept.
        ("sh" | "bash" | "ash" | "cat", []) => Some(Does::Ends),
        ("sleep", ["infinity" | "inf"]) | ("tail", ["-f", "/dev/null"]) | ("pause" | "exit", _) => {
            Some(Does::Ends)
        }
        ("sleep", [seconds]) => {
            seconds.trim_end_matches('s').parse().ok().filter(|seconds| *seconds >= 0).map(Does::Waits)
        }
        _ => None,
    }
}

/// The commands of a script, word by word; none if there is more in it than words and what joins them. All that is known goes
/// well, so that `&&` is like `;`.
fn taken_apart(script: &str) -> Option<Vec<Vec<String>>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut letters = script.chars().peekable();
    while let Some(letter) = letters.next() {
        let joins = match letter {
            ';' | '\n' => true,
            '&' if letters.next_if_eq(&'&').is_some() => true,
            _ => false,
        };
        if joins || matches!(letter, ' ' | '\t') {
            commands.last_mut()?.extend(word.take());
            if joins {
                commands.push(Vec::new());
            }
            continue;
        }
        let word = word.get_or_insert_default();
        match letter {
            '\'' | '"' => loop {
                match letters.next()? {
                    end if end == letter => break,
                    '$' | '`' | '\\' if letter == '"' => return None,
                    inside => word.push(inside),
                }
            },
            '$' | '`' | '\\' | '>' | '<' | '|' | '&' | '(' | ')' | '{' | '}' | '*' | '?' | '[' | '~'
            | '#' | '!' => {
                return None;
            }
            letter => word.push(letter),
        }
    }
    commands.last_mut()?.extend(word);
    commands.retain(|words: &Vec<String>| !words.is_empty());
    Some(commands)
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::json::json;

    #[test]
    fn what_echo_writes_is_known_and_nothing_else() {
        let script = |text: &str| json!({"command": ["/bin/sh", "-c", text]});
        for (container, want) in [
            (json!({"args": ["echo", "a", "b;c"]}), Some(vec![(0, "a b;c\n")])),
            (json!({"command": ["sleep"], "args": ["3600"]}), Some(vec![])),
            (
                script("echo a; sleep 5 && echo 'b; $c' \"d\"e\nexit 1; echo f"),
                Some(vec![(0, "a\n"), (5, "b; $c de\n")]),
            ),
            (script("echo a; sleep infinity; echo b"), Some(vec![(0, "a\n")])),
            (script("echo $HOSTNAME"), None),
            (script("echo a > /x"), None),
            (script("while true; do echo a; sleep 1; done"), None),
            (script("echo a; ls"), None),
            (script("echo 'a"), None),
            (json!({"command": ["echo", "$(NAME)"]}), None),
            (json!({"command": ["echo", "-n", "a"]}), None),
            (json!({"command": ["sh"]}), Some(vec![])),
            (json!({"command": ["nginx"]}), None),
            (json!({}), None),
        ] {
            let want = want.map(|lines| lines.into_iter().map(|(at, line)| (at, line.to_owned())).collect());
            assert_eq!(of(&container), want, "{container}");
        }
    }
}
