//! Whether a container's command ends by itself, or has been ended.
//!
//! Differs from Kubernetes: nothing is run, so a program that is not known here, or an image's own, ends as its pod lets
//! one expect. In a pod of a Job, which is there to end, it succeeds after ten seconds; in any other it runs for ever.
//! Init containers end at once, and succeed.

use super::super::{Cx, calls};
use crate::api::Dig;
use crate::json::Value;

/// Programs that do a little and end.
const SHORT: &[&str] = &[
    ":", "[", "cat", "cd", "chmod", "cp", "curl", "date", "echo", "env", "export", "grep", "head",
    "hostname", "id", "kubectl", "ls", "mkdir", "mv", "nslookup", "printenv", "printf", "pwd", "rm", "sed",
    "seq", "set", "sort", "test", "touch", "tr", "true", "uname", "wc", "wget", "whoami",
];

/// Programs that go on until they are stopped.
const LONG: &[&str] = &["httpd", "nginx", "pause", "top", "watch", "yes"];

/// How long a program lasts that is not known, in a pod of a Job.
const WHILE: i64 = 10;

/// How a command ends: by itself, after how many seconds (none: that is not known), with a code; or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    After(Option<i64>, i64),
    Never,
}

const UNKNOWN: End = End::After(None, 0);

/// After how many seconds a pod's container ends, and with which code; none if it runs for ever. What has ended already ends now.
pub(super) fn seen(cx: &Cx<'_>, pod: &Value, container: &Value) -> Option<(i64, i64)> {
    let place = (pod.uid().to_owned(), container.text("name").to_owned());
    match cx.exits.get(&place) {
        Some(code) => Some((0, *code)),
        None => of(pod, container),
    }
}

/// The same, of a command that is left alone.
fn of(pod: &Value, container: &Value) -> Option<(i64, i64)> {
    let own = |list: &str| container.list(list).iter().filter_map(Value::as_str);
    let words: Vec<&str> = own("command").chain(own("args")).collect();
    // Arguments alone are a command where the image has none of its own (busybox).
    match program(&words) {
        End::After(Some(seconds), code) => Some((seconds, code)),
        End::After(None, code) => is_of_a_job(pod).then_some((WHILE, code)),
        End::Never => None,
    }
}

fn is_of_a_job(pod: &Value) -> bool {
    calls::controller_of(pod).is_some_and(|owner| owner.text("kind") == "Job")
}

fn program(words: &[&str]) -> End {
    let Some((first, rest)) = words.split_first() else { return UNKNOWN };
    let at_once = |code| End::After(Some(0), code);
    match first.rsplit('/').next().unwrap_or(first) {
        "sleep" => match rest.first().copied().unwrap_or_default() {
            "infinity" | "inf" => End::Never,
            word => End::After(seconds(word), 0),
        },
        "tail" => match rest.iter().any(|word| matches!(*word, "-f" | "-F" | "--follow")) {
            true => End::Never,
            false => at_once(0),
        },
        "exit" => at_once(rest.first().and_then(|word| word.parse().ok()).unwrap_or_default()),
        "false" => at_once(1),
        "while" if matches!(rest, ["true" | ":"]) => End::Never,
        "until" if matches!(rest, ["false"]) => End::Never,
        "exec" => program(rest),
        "sh" | "bash" | "ash" => {
            match rest.iter().take_while(|word| word.starts_with('-')).position(|word| is_script_flag(word)) {
                Some(at) => script(rest.get(at + 1).copied().unwrap_or_default()),
                None => UNKNOWN,
            }
        }
        name if LONG.contains(&name) => End::Never,
        name if SHORT.contains(&name) => at_once(0),
        _ => UNKNOWN,
    }
}

/// `-c`, also among others: `-ec`.
fn is_script_flag(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|flags| !flags.starts_with('-') && flags.ends_with('c'))
}

/// How long `sleep` sleeps: `5`, `5s`, `2m`, `1h`, `1d`; parts of a second count as none.
fn seconds(word: &str) -> Option<i64> {
    let number = word.trim_end_matches(['s', 'm', 'h', 'd']);
    let unit = match &word[number.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return None,
    };
    let whole = number.split_once('.').map_or(number, |(whole, _)| whole);
    whole.parse::<i64>().ok()?.checked_mul(unit)
}

/// A script lasts as long as its commands together, and ends with the code of the last, or at `exit`.
fn script(text: &str) -> End {
    let mut all = End::After(Some(0), 0);
    for line in text.split([';', '\n']) {
        for (by, command) in commands(line) {
            let End::After(so_far, code) = all else { return End::Never };
            let words: Vec<&str> = command.split_whitespace().collect();
            // What `&&` and `||` skip leaves the code as it was.
            let is_skipped = match by {
                "&&" => code != 0,
                "||" => code == 0,
                _ => false,
            };
            if words.is_empty() || is_skipped {
                continue;
            }
            all = match program(&words) {
                End::After(more, code) => {
                    End::After(so_far.zip(more).and_then(|(a, b)| a.checked_add(b)), code)
                }
                End::Never => return End::Never,
            };
            if words.first() == Some(&"exit") {
                return all;
            }
        }
    }
    all
}

/// The commands of a line, each with what joins it to the one before.
fn commands(line: &str) -> Vec<(&str, &str)> {
    let (mut found, mut by, mut rest) = (Vec::new(), "", line);
    while let Some(at) = ["&&", "||"].iter().filter_map(|join| rest.find(join)).min() {
        found.push((by, &rest[..at]));
        (by, rest) = (&rest[at..at + 2], &rest[at + 2..]);
    }
    found.push((by, rest));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn commands_that_evidently_end() {
        for (command, ends) in [
            (json!(["sleep", "30"]), Some((30, 0))),
            (json!(["sleep", "1.5m"]), Some((60, 0))),
            (json!(["sleep", "infinity"]), None),
            (json!(["tail", "-f", "/dev/null"]), None),
            (json!(["tail", "-n", "1", "/etc/hosts"]), Some((0, 0))),
            (json!(["/bin/sh", "-c", "echo hi; sleep 5 && exit 3"]), Some((5, 3))),
            (json!(["bash", "-euc", "set -e\nexec sleep 2h"]), Some((7200, 0))),
            (json!(["sh", "-c", "exit 3; sleep 5"]), Some((0, 3))),
            (json!(["sh", "-c", "false && sleep 5"]), Some((0, 1))),
            (json!(["sh", "-c", "false || sleep 5"]), Some((5, 0))),
            (json!(["sh", "-c", "true || sleep infinity"]), Some((0, 0))),
            (json!(["sh", "-c", "while true; do sleep 1; done"]), None),
            (json!(["/bin/false"]), Some((0, 1))),
            (json!(["nginx"]), None),
        ] {
            for pod in [json!({}), of_job()] {
                assert_eq!(of(&pod, &json!({"command": command})), ends, "{command}");
                assert_eq!(of(&pod, &json!({"args": command})), ends, "{command}");
            }
        }
    }

    fn of_job() -> Value {
        json!({"metadata": {"ownerReferences": [{"kind": "Job", "name": "j", "controller": true}]}})
    }

    #[test]
    fn what_is_not_known_ends_in_a_job_alone() {
        for (container, ends) in [
            (json!({}), (10, 0)),
            (json!({"args": ["create", "--namespace=x"]}), (10, 0)),
            (json!({"command": ["perl", "-e", "print 1"]}), (10, 0)),
            (json!({"command": ["sh", "-c", "migrate && echo done"]}), (10, 0)),
            (json!({"command": ["sh", "-c", "migrate; exit 4"]}), (10, 4)),
            (json!({"command": ["sh", "-c", "until nc -z db 5432; do sleep 1; done; migrate"]}), (10, 0)),
        ] {
            assert_eq!(of(&of_job(), &container), Some(ends), "{container}");
            assert_eq!(of(&json!({}), &container), None, "{container}");
        }
        let server = json!({"command": ["sh", "-c", "migrate; tail -f /dev/null"]});
        assert_eq!(of(&of_job(), &server), None);
    }
}
