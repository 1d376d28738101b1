//! Reading scenario files, with errors that point at the line.

use super::format::{HINT, Scenario};
use super::place::Source;
use crate::error::{Error, Place, nearest};
use crate::yaml;
use std::sync::Arc;

/// Parses a scenario; `path` is how errors call it.
///
/// # Errors
///
/// What is no YAML, an unknown key, a value of another form, and what the steps say twice; with place and hint.
pub fn parse(path: &str, text: &str) -> Result<Scenario, Error> {
    let text = text.trim_start_matches('\u{feff}');
    yaml::within_bounds(path, text)?;
    let read: Result<Scenario, _> = serde_yaml::from_str(text);
    let mut scenario = read.map_err(|error| explain(path, text, &error))?;
    scenario.source = Arc::new(Source::new(path, text));
    super::check::scenario(&scenario)?;
    Ok(scenario)
}

/// A YAML error in our words: the place, what is wrong, the nearest known name.
fn explain(path: &str, text: &str, error: &serde_yaml::Error) -> Error {
    let full = error.to_string();
    let position = error.location().map(|at| (at.line(), at.column()));
    let message = match full.rsplit_once(" at line ") {
        Some((message, _)) => message.to_owned(),
        None => full.clone(),
    };
    let mut said = match message.split_once(HINT) {
        Some((message, hint)) => Error::new(message).hint(hint),
        None => Error::new(message.clone()),
    };
    if let Some((unknown, known)) = unknown_field(&message) {
        let place =
            message.split_once(": unknown field").map(|(place, _)| format!("{place}: ")).unwrap_or_default();
        said = Error::new(format!("{place}unknown key `{unknown}`"));
        said = match nearest(unknown, known.iter().copied()) {
            Some(name) => said.hint(format!("did you mean `{name}`?")),
            None => said.hint(format!("known here: {}", known.join(", "))),
        };
    }
    if let Some((message, hint)) = in_words(&message) {
        said = Error::new(message);
        said.hint = hint.map(str::to_owned);
    }
    // A second document stands where it begins.
    let position = if message == SEVERAL { second_document(text).map(|line| (line, 1)) } else { position };
    let line = position.and_then(|(line, _)| text.lines().nth(line.saturating_sub(1))).map(str::to_owned);
    said.at = Some(Place { path: path.to_owned(), position, line });
    said
}

/// What the parser says of several documents.
const SEVERAL: &str = "deserializing from YAML containing more than one document is not supported";

/// The line on which a second document begins.
fn second_document(text: &str) -> Option<usize> {
    let begins = |line: &str| line == "---" || line.starts_with("--- ");
    let mut lines = text.lines().enumerate();
    let holds = |line: &str| !line.trim().is_empty() && !line.starts_with('#') && !begins(line);
    lines.by_ref().find(|(_, line)| holds(line))?;
    lines.find(|(_, line)| begins(line)).map(|(index, _)| index + 1)
}

/// What the parser says of a value in the language of its types, as somebody would say it who thinks of YAML; with a hint.
fn in_words(message: &str) -> Option<(String, Option<&'static str>)> {
    if message == SEVERAL {
        let why = "a second document begins here, and a scenario is one document";
        return Some((
            why.to_owned(),
            Some("one scenario a file; what is applied is a list below `apply`, or a file"),
        ));
    }
    if let Some((place, _)) = message.split_once("data did not match any variant of untagged enum FlagValue")
    {
        return Some((
            format!("{place}a flag's value is a text, a number, true or false, or a list of them"),
            None,
        ));
    }
    if let Some((place, rest)) = message.split_once("missing field `") {
        let (field, _) = rest.split_once('`')?;
        return Some((format!("{place}`{field}` is missing"), None));
    }
    if let Some((place, rest)) = message.split_once("duplicate field `") {
        let (field, _) = rest.split_once('`')?;
        return Some((format!("{place}`{field}` stands here twice"), None));
    }
    let parts = ["invalid type: ", "invalid value: ", "invalid length "];
    let (place, rest) = parts.iter().find_map(|part| message.split_once(part))?;
    let (found, wanted) = rest.split_once(", expected ")?;
    Some((format!("{place}{} is wanted here, not {}", wanted_words(wanted), found_words(found)), None))
}

/// What is wanted, by what the parser calls it.
fn wanted_words(wanted: &str) -> String {
    match wanted {
        "a sequence" => "a list (lines that begin with `- `)",
        "a map" => "a map (`key: value`)",
        "a string" | "string" => "a text",
        "a boolean" => "true or false",
        "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number, not negative,",
        "i64" | "i32" => "a whole number",
        other if other.starts_with("struct ") => "a map (`key: value`)",
        other => other,
    }
    .to_owned()
}

/// What was found, by what the parser calls it.
fn found_words(found: &str) -> String {
    let inner = |text: &str| text.trim_matches('`').to_owned();
    match found.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer", number)) => format!("the number {}", inner(number)),
        Some(("floating", number)) => format!("the number {}", inner(number.trim_start_matches("point "))),
        Some(("boolean", value)) => inner(value),
        Some(("unit", _)) => "nothing".to_owned(),
        _ => match found {
            "sequence" => "a list",
            "map" => "a map",
            "null" | "Option value" => "nothing",
            other => other,
        }
        .to_owned(),
    }
}

/// The unknown key and the known ones, of serde's message.
fn unknown_field(message: &str) -> Option<(&str, Vec<&str>)> {
    let (_, rest) = message.split_once("unknown field `")?;
    let (unknown, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2).collect();
    Some((unknown, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_another_form_is_told_in_words_of_yaml() {
        for (text, told) in [
            (
                "scenario: a\nsteps: kubectl get ns\n",
                "a.yaml:2:8: steps: a list (lines that begin with `- `) is wanted here, not the text \"kubectl get ns\"",
            ),
            ("scenario: [a]\nsteps: []\n", "a.yaml:1:11: scenario: a text is wanted here, not a list"),
            (
                "scenario: a\nsteps: []\ncluster: 1.36\n",
                "a.yaml:3:10: cluster: a map (`key: value`) is wanted here, not the number 1.36",
            ),
            (
                "scenario: a\nsteps: []\ncluster: {nodes: -1}\n",
                "a.yaml:3:18: cluster.nodes: a whole number, not negative, is wanted here, not the number -1",
            ),
            (
                "scenario: a\nsteps: []\ncluster: {nodes: two}\n",
                "a.yaml:3:18: cluster.nodes: a whole number, not negative, is wanted here, not the text \"two\"",
            ),
            (
                "scenario: a\nsteps: []\ncluster: {flags: {a: {b: c}}}\n",
                "a.yaml:3:18: cluster.flags: a flag's value is a text, a number, true or false, or a list of them",
            ),
            ("scenario: a\n", "a.yaml:1:1: `steps` is missing"),
            ("scenario: a\nsteps: []\nsteps: []\n", "a.yaml:1:1: `steps` stands here twice"),
            (
                "# one\n---\nscenario: a\nsteps: []\n---\nkind: Pod\n",
                "a.yaml:5:1: a second document begins here, and a scenario is one document",
            ),
        ] {
            let error = parse("a.yaml", text).unwrap_err();
            assert_eq!(error.to_string(), told, "{text}");
        }
    }

    #[test]
    fn a_misspelt_key_is_shown_with_its_line_and_the_nearest_name() {
        let text =
            "scenario: a\nabout: b\nsteps:\n- kubectl get pods\n- run: kubectl get pods\n  expct: 403\n";
        let error = parse("a.yaml", text).unwrap_err();
        assert_eq!(error.to_string(), "a.yaml:6:3: steps[1]: unknown key `expct`");
        assert_eq!(error.hint.as_deref(), Some("did you mean `expect`?"));
        assert_eq!(error.at.unwrap().line.as_deref(), Some("  expct: 403"));
    }
}
