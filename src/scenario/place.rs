//! Where a scenario's parts stand in its file: errors and failures name the line.

use crate::error::{Error, Place};
use crate::yaml;

pub(crate) use crate::yaml::Key;

/// The text that a scenario was read from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    path: String,
    text: String,
    /// The names of its actors, in order.
    actors: Vec<String>,
}

impl Source {
    /// A text, and how errors call its file.
    pub fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned(), actors: Vec::new() }
    }

    /// The same, with the names of the scenario's actors.
    pub(super) fn with_actors(self, actors: impl Iterator<Item = String>) -> Source {
        Source { actors: actors.collect(), ..self }
    }

    /// Where a node stands.
    pub(crate) fn at(&self, keys: &[Key<'_>]) -> Option<Place> {
        let documents = yaml::documents(&self.path, &self.text).ok()?;
        let (line, column) = documents.first()?.place(keys)?;
        let shown = self.text.lines().nth(line.saturating_sub(1)).map(str::to_owned);
        Some(Place { path: self.path.clone(), position: Some((line, column)), line: shown })
    }

    /// Where a step stands: `3`, `3.1` on a fork, `alice.1` of an actor, `solution.1`, `check.2`.
    pub fn step(&self, number: &str) -> Option<Place> {
        let (mut keys, rest) = match number.split_once('.') {
            Some((part @ ("solution" | "check"), rest)) => {
                (vec![Key::Name("exercise"), Key::Name(part)], rest)
            }
            Some((name, rest)) if let Some(actor) = self.actors.iter().position(|actor| actor == name) => {
                (vec![Key::Name("actors"), Key::Item(actor), Key::Name("steps")], rest)
            }
            Some(_) | None => (vec![Key::Name("steps")], number),
        };
        for (depth, part) in rest.split('.').enumerate() {
            if depth > 0 {
                keys.push(Key::Name("what-if"));
            }
            keys.push(Key::Item(part.parse::<usize>().ok()?.checked_sub(1)?));
        }
        self.at(&keys)
    }

    /// An error of a step, with its number and its place; of a step on a fork, that one's.
    pub fn at_step(&self, number: &str, error: Error) -> Error {
        match error.at {
            Some(_) => error,
            None => {
                let message = format!("step {number}: {}", error.message);
                Error { message, at: self.step(number), ..error }.in_file(&self.path)
            }
        }
    }

    /// An error about a node.
    pub(crate) fn locate(&self, keys: &[Key<'_>], error: Error) -> Error {
        match error.at {
            Some(_) => error,
            None => Error { at: self.at(keys), ..error }.in_file(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn a_step_is_found_wherever_it_stands() {
        let text = "\
scenario: a
steps:
- &first kubectl get pods
- {as: bob, run: kubectl get pods}
- what-if:
  - kubectl get nodes
  - as: bob
    run: |
      kubectl get pods
- *first
- [a, {b: [c]}]
- kubectl get secrets
actors:
- {actor: alice, steps: []}
- actor: bob
  steps: [kubectl get pods]
exercise:
  check:
  - wait: 1h
  solution: [kubectl get pods, {run: kubectl get nodes}]
";
        let names = ["alice", "bob"].map(str::to_owned);
        let source = Source::new("a.yaml", text).with_actors(names.into_iter());
        for (number, place) in [
            ("1", Some((3, 3))),
            ("2", Some((4, 3))),
            ("3", Some((5, 3))),
            ("3.1", Some((6, 5))),
            ("3.2", Some((7, 5))),
            ("3.3", None),
            ("4", Some((10, 3))),
            ("6", Some((12, 3))),
            ("7", None),
            ("alice.1", None),
            ("bob.1", Some((16, 11))),
            ("check.1", Some((19, 5))),
            ("solution.2", Some((20, 32))),
            ("nonsense", None),
        ] {
            assert_eq!(source.step(number).and_then(|place| place.position), place, "{number}");
        }
    }
}
