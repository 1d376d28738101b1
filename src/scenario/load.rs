//! Reading scenario files, with errors that point at the line.

use super::format::{Scenario, Step, Who};
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
    let names = scenario.actors.iter().map(|actor| actor.actor.clone());
    scenario.source = Arc::new(Source::new(path, text).with_actors(names));
    super::check::scenario(&scenario)?;
    for actor in &mut scenario.actors {
        if let Some(who) = &actor.by {
            take_over(&mut actor.steps, who);
        }
    }
    Ok(scenario)
}

/// Who does an actor's steps does those that do not say it.
fn take_over(steps: &mut [Step], who: &Who) {
    for step in steps {
        step.fields.by.get_or_insert_with(|| who.clone());
        take_over(step.fields.what_if.as_mut().map_or(&mut [], Vec::as_mut_slice), who);
    }
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
                "a.yaml:3:22: cluster.flags.a: a flag's value is a text, a number, true or false, or a list of them",
            ),
            ("scenario: a\n", "a.yaml:1:1: `steps` is missing"),
            ("scenario: a\nsteps: []\nsteps: []\n", "a.yaml:1:1: `steps` stands here twice"),
            (
                "# one\n---\nscenario: a\nsteps: []\n---\nkind: Pod\n",
                "a.yaml:6:1: a second document begins here",
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
