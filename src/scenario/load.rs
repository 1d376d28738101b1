//! Reading scenario files, with errors that point at the line.

use super::format::Scenario;
use super::place::Source;
use crate::error::Error;
use crate::golang::yaml::{Mistyped, typed};
use std::sync::Arc;

/// Parses a scenario; `path` is how errors call it.
///
/// # Errors
///
/// What is no YAML, an unknown key, a value of another form, and what the steps say twice; with place and hint.
pub fn parse(path: &str, text: &str) -> Result<Scenario, Error> {
    let text = text.trim_start_matches('\u{feff}');
    let read: Result<Scenario, Mistyped> = typed(text);
    let mut scenario = read.map_err(|error| error.in_file(path, text))?;
    scenario.source = Arc::new(Source::new(path, text));
    super::check::scenario(&scenario)?;
    Ok(scenario)
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
