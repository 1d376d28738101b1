//! YAML and JSON as trees that know where their parts stand: for errors, and to say where a rule is written.

use crate::error::{Error, Place};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, SpannedEventReceiver};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A part of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// The line on which it begins; of an alias, where its anchor is.
    pub(crate) line: usize,
    /// The line of the key that it belongs to; its own where it has none.
    named: usize,
    /// The line and the column where it stands.
    at: (usize, usize),
    /// What it is.
    pub(crate) is: Is,
}

/// A step down from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key<'a> {
    /// The value of a key.
    Name(&'a str),
    /// An item of a list.
    Item(usize),
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Is {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key.
    pub(crate) fn child(&self, key: &str) -> Option<&Node> {
        self.step(Key::Name(key))
    }

    fn step(&self, key: Key<'_>) -> Option<&Node> {
        match (&self.is, key) {
            (Is::Map(entries), Key::Name(key)) => {
                entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            (Is::List(items), Key::Item(number)) => items.get(number),
            (Is::Scalar(_) | Is::List(_) | Is::Map(_), _) => None,
        }
    }

    /// The line and the column of what those steps lead to.
    pub(crate) fn place(&self, keys: &[Key<'_>]) -> Option<(usize, usize)> {
        keys.iter().try_fold(self, |node, key| node.step(*key)).map(|node| node.at)
    }

    /// The line of the key or the item that those steps lead to.
    pub(crate) fn line_of(&self, keys: &[Key<'_>]) -> Option<usize> {
        keys.iter().try_fold(self, |node, key| node.step(*key)).map(|node| node.named)
    }

    /// Text, as far as it is some.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.is {
            Is::Scalar(value) => value.as_str(),
            Is::List(_) | Is::Map(_) => None,
        }
    }

    /// The same as JSON.
    pub(crate) fn value(self) -> Value {
        match self.is {
            Is::Scalar(value) => value,
            Is::List(items) => items.into_iter().map(Node::value).collect(),
            Is::Map(entries) => {
                entries.into_iter().map(|(key, node)| (key, node.value())).collect::<Map<_, _>>().into()
            }
        }
    }
}

/// The documents of a text.
pub(crate) fn documents(path: &str, text: &str) -> Result<Vec<Node>, Error> {
    let mut builder = Builder::default();
    let load =
        |builder: &mut Builder| -> Result<(), ScanError> { Parser::new_from_str(text).load(builder, true) };
    load(&mut builder).map_err(|error| {
        let line = error.marker().line();
        let shown = text.lines().nth(line.saturating_sub(1)).map(str::to_owned);
        let position = Some((line, error.marker().col() + 1));
        Error { at: Some(Place { path: path.to_owned(), position, line: shown }), ..Error::new(error.info()) }
    })?;
    Ok(builder.documents)
}

/// Builds documents from the parser's events.
#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
}

/// A list or a map that has not ended yet; the keys of a map stand before their values.
struct Open {
    at: (usize, usize),
    anchor: usize,
    map: bool,
    key: Option<(String, usize)>,
    items: Vec<Node>,
    entries: Vec<(String, Node)>,
}

impl Builder {
    fn begin(&mut self, at: (usize, usize), anchor: usize, map: bool) {
        self.open.push(Open { at, anchor, map, key: None, items: Vec::new(), entries: Vec::new() });
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let is = if open.map { Is::Map(open.entries) } else { Is::List(open.items) };
        self.put(Node { line: open.at.0, named: open.at.0, at: open.at, is }, open.anchor);
    }

    fn put(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(open) if !open.map => open.items.push(node),
            Some(open) => match open.key.take() {
                Some((key, named)) => open.entries.push((key, Node { named, ..node })),
                None => {
                    let named = node.at.0;
                    let key = match node.is {
                        Is::Scalar(Value::String(key)) => key,
                        Is::Scalar(other) => other.to_string(),
                        Is::List(_) | Is::Map(_) => String::new(),
                    };
                    open.key = Some((key, named));
                }
            },
        }
    }
}

impl<'a> SpannedEventReceiver<'a> for Builder {
    fn on_event(&mut self, event: Event<'a>, span: Span) {
        let at = (span.start.line(), span.start.col() + 1);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let is = Is::Scalar(scalar(&text, style));
                self.put(Node { line: at.0, named: at.0, at, is }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(at, anchor, false),
            Event::MappingStart(anchor, _) => self.begin(at, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let nothing = Node { line: at.0, named: at.0, at, is: Is::Scalar(Value::Null) };
                self.put(Node { at, named: at.0, ..node.unwrap_or(nothing) }, 0);
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
}

/// A scalar by the core schema; what is quoted is text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
        }
        _ => Value::from(text),
    }
}
