//! A command line of kube-apiserver's flags, as `--name=value` or `--name value`, and of one scenario.

use crate::error::Error;

/// What was given.
pub(super) struct Words {
    /// The scenario's file.
    pub(super) scenario: Option<String>,
    /// Flags by name, in order.
    pub(super) flags: Vec<(String, String)>,
}

/// Flags that need no value.
const SWITCHES: [&str; 1] = ["explain"];

/// Reads the words.
pub(super) fn read(words: &[String]) -> Result<Words, Error> {
    let mut said = Words { scenario: None, flags: Vec::new() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            if said.scenario.is_some() {
                return Err(Error::new(format!("unexpected argument `{word}`: one scenario is replayed")));
            }
            said.scenario = Some(word.clone());
            continue;
        };
        said.flags.push(match flag.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None if SWITCHES.contains(&flag) => (flag.to_owned(), "true".to_owned()),
            None => {
                let value = words.next().ok_or_else(|| Error::new(format!("`--{flag}` needs a value")))?;
                (flag.to_owned(), value.clone())
            }
        });
    }
    Ok(said)
}

/// `1 scenario`, `2 scenarios`.
pub(super) fn many(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
