//! Where a scenario's parts stand in its file: errors and failures name the line.

use crate::error::{Error, Place};
use saphyr_parser::{Event, Parser, ScanError, Span, SpannedEventReceiver};
use std::collections::BTreeMap;

/// The text that a scenario was read from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    path: String,
    text: String,
}

/// A step down from a node of a YAML text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// The value of a key.
    Name(&'a str),
    /// An item of a list.
    Item(usize),
}

impl Source {
    /// A text, and how errors call its file.
    pub fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    /// Where a node stands.
    pub fn at(&self, keys: &[Key<'_>]) -> Option<Place> {
        let (line, column) = Events::of(&self.text)?.find(keys)?;
        let shown = self.text.lines().nth(line.saturating_sub(1)).map(str::to_owned);
        Some(Place { path: self.path.clone(), position: Some((line, column)), line: shown })
    }

    /// Where a step stands: `3`, `3.1` on a fork, `solution.1`, `check.2`.
    pub fn step(&self, number: &str) -> Option<Place> {
        let (mut keys, rest) = match number.split_once('.') {
            Some((part @ ("solution" | "check"), rest)) => {
                (vec![Key::Name("exercise"), Key::Name(part)], rest)
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
    pub fn locate(&self, keys: &[Key<'_>], error: Error) -> Error {
        match error.at {
            Some(_) => error,
            None => Error { at: self.at(keys), ..error }.in_file(&self.path),
        }
    }
}

/// What a parser tells of a text, as far as places go.
#[derive(Default)]
struct Events {
    all: Vec<(Mark, usize, usize)>,
    anchors: BTreeMap<usize, usize>,
}

enum Mark {
    Scalar(String),
    List,
    Map,
    End,
    Alias(usize),
}

impl Events {
    fn of(text: &str) -> Option<Events> {
        let mut events = Events::default();
        let load =
            |events: &mut Events| -> Result<(), ScanError> { Parser::new_from_str(text).load(events, false) };
        load(&mut events).ok().map(|()| events)
    }

    /// The line and column of a node below the root.
    fn find(&self, keys: &[Key<'_>]) -> Option<(usize, usize)> {
        let mut at = 0;
        for key in keys {
            at = self.below(at, *key)?;
        }
        self.all.get(at).map(|(_, line, column)| (*line, *column))
    }

    fn below(&self, at: usize, key: Key<'_>) -> Option<usize> {
        match (&self.all.get(at)?.0, key) {
            (Mark::Alias(anchor), _) => self.below(*self.anchors.get(anchor)?, key),
            (Mark::List, Key::Item(number)) => {
                let mut item = at + 1;
                for _ in 0..number {
                    item = self.after(item)?;
                }
                (!matches!(self.all.get(item)?.0, Mark::End)).then_some(item)
            }
            (Mark::Map, Key::Name(name)) => {
                let mut entry = at + 1;
                loop {
                    match &self.all.get(entry)?.0 {
                        Mark::End => return None,
                        Mark::Scalar(found) if found == name => return Some(entry + 1),
                        Mark::Scalar(_) | Mark::List | Mark::Map | Mark::Alias(_) => {
                            entry = self.after(self.after(entry)?)?;
                        }
                    }
                }
            }
            (Mark::Scalar(_) | Mark::List | Mark::Map | Mark::End, _) => None,
        }
    }

    /// What follows a node.
    fn after(&self, at: usize) -> Option<usize> {
        match self.all.get(at)?.0 {
            Mark::Scalar(_) | Mark::Alias(_) => Some(at + 1),
            Mark::End => None,
            Mark::List | Mark::Map => {
                let mut next = at + 1;
                while !matches!(self.all.get(next)?.0, Mark::End) {
                    next = self.after(next)?;
                }
                Some(next + 1)
            }
        }
    }
}

impl<'a> SpannedEventReceiver<'a> for Events {
    fn on_event(&mut self, event: Event<'a>, span: Span) {
        let (mark, anchor) = match event {
            Event::Scalar(text, _, anchor, _) => (Mark::Scalar(text.into_owned()), anchor),
            Event::SequenceStart(anchor, _) => (Mark::List, anchor),
            Event::MappingStart(anchor, _) => (Mark::Map, anchor),
            Event::SequenceEnd | Event::MappingEnd => (Mark::End, 0),
            Event::Alias(anchor) => (Mark::Alias(anchor), 0),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => return,
        };
        if anchor > 0 {
            self.anchors.insert(anchor, self.all.len());
        }
        self.all.push((mark, span.start.line(), span.start.col() + 1));
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
exercise:
  check:
  - wait: 1h
  solution: [kubectl get pods, {run: kubectl get nodes}]
";
        let source = Source::new("a.yaml", text);
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
            ("check.1", Some((15, 5))),
            ("solution.2", Some((16, 32))),
            ("nonsense", None),
        ] {
            assert_eq!(source.step(number).and_then(|place| place.position), place, "{number}");
        }
    }
}
