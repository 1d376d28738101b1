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
    let line = position.and_then(|(line, _)| text.lines().nth(line.saturating_sub(1))).map(str::to_owned);
    said.at = Some(Place { path: path.to_owned(), position, line });
    said
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
    fn a_misspelt_key_is_shown_with_its_line_and_the_nearest_name() {
        let text =
            "scenario: a\nabout: b\nsteps:\n- kubectl get pods\n- run: kubectl get pods\n  expct: 403\n";
        let error = parse("a.yaml", text).unwrap_err();
        assert_eq!(error.to_string(), "a.yaml:6:3: steps[1]: unknown key `expct`");
        assert_eq!(error.hint.as_deref(), Some("did you mean `expect`?"));
        assert_eq!(error.at.unwrap().line.as_deref(), Some("  expct: 403"));
    }
}
