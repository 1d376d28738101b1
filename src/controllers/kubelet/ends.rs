//! Whether a container's command ends by itself.

use crate::api::Dig;
use serde_json::Value;

/// Programs that do a little and end.
const SHORT: &[&str] = &[
    "cat", "curl", "date", "echo", "env", "false", "hostname", "id", "ls", "mkdir", "printenv", "pwd",
    "touch", "true", "uname", "wget", "whoami", "kubectl",
];

/// After how many seconds a container ends, and with which code; none if it runs for ever.
///
/// Differs from a node: nothing is run, so a program that is not known never ends.
pub(super) fn of(container: &Value) -> Option<(i64, i64)> {
    let own = |list: &str| {
        container.list(list).iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let words = [own("command"), own("args")].concat();
    program(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn program(words: &[&str]) -> Option<(i64, i64)> {
    let (first, rest) = words.split_first()?;
    match first.rsplit('/').next().unwrap_or(first) {
        "sleep" => {
            rest.first().and_then(|word| word.trim_end_matches('s').parse().ok()).map(|seconds| (seconds, 0))
        }
        "exit" => Some((0, rest.first().and_then(|word| word.parse().ok()).unwrap_or_default())),
        "false" => Some((0, 1)),
        "sh" | "bash" | "ash" if rest.first() == Some(&"-c") => script(rest.get(1)?),
        name if SHORT.contains(&name) => Some((0, 0)),
        _ => None,
    }
}

/// A script lasts as long as its commands together, and ends with the code of the last.
fn script(text: &str) -> Option<(i64, i64)> {
    let mut sum = (0, 0);
    for line in text.split([';', '\n']).flat_map(|part| part.split("&&")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !words.is_empty() {
            let (seconds, code) = program(&words)?;
            sum = (sum.0 + seconds, code);
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn commands_that_evidently_end() {
        for (command, ends) in [
            (json!([]), None),
            (json!(["sleep", "30"]), Some((30, 0))),
            (json!(["sleep", "infinity"]), None),
            (json!(["/bin/sh", "-c", "echo hi; sleep 5 && exit 3"]), Some((5, 3))),
            (json!(["sh", "-c", "while true; do sleep 1; done"]), None),
            (json!(["/bin/false"]), Some((0, 1))),
            (json!(["nginx"]), None),
        ] {
            assert_eq!(of(&json!({"command": command})), ends, "{command}");
        }
    }
}
