//! YAML and JSON as trees that know where their parts stand: for errors, and to say where a rule is written.

mod bounds;

pub(crate) use bounds::Bound;

use crate::error::{Error, Place};
use bounds::Bounds;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A part of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// The line on which it begins; of an alias, where its anchor is.
    pub(crate) line: usize,
    /// The line of the key that it belongs to; its own where it has none.
    named: usize,
    /// The line and the column where it stands.
    pub(crate) at: (usize, usize),
    /// The line and the column where what follows may begin.
    pub(crate) end: (usize, usize),
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
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    /// What an anchor names.
    Alias(Arc<Node>),
}

/// A scalar as it is written; what it means is for whoever reads the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scalar {
    /// Without its quotes.
    pub(crate) text: String,
    /// Whether nothing stands around it.
    pub(crate) plain: bool,
    /// `tag:yaml.org,2002:int`, `!own`; of `! 12`, `!`.
    pub(crate) tag: Option<String>,
}

impl Node {
    /// The value of a key.
    pub(crate) fn child(&self, key: &str) -> Option<&Node> {
        self.step(Key::Name(key))
    }

    /// The keys that are text.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let pairs = match self.is() {
            Is::Map(pairs) => pairs.as_slice(),
            Is::Scalar(_) | Is::List(_) | Is::Alias(_) => &[],
        };
        pairs.iter().filter_map(|(key, _)| key.text())
    }

    /// What it is; of an alias, what that names.
    pub(crate) fn is(&self) -> &Is {
        match &self.is {
            Is::Alias(node) => node.is(),
            is => is,
        }
    }

    fn step(&self, key: Key<'_>) -> Option<&Node> {
        match (self.is(), key) {
            (Is::Map(entries), Key::Name(key)) => {
                entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
            }
            (Is::List(items), Key::Item(number)) => items.get(number),
            (Is::Scalar(_) | Is::List(_) | Is::Map(_) | Is::Alias(_), _) => None,
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
        match self.is() {
            Is::Scalar(scalar) => Some(&scalar.text),
            Is::List(_) | Is::Map(_) | Is::Alias(_) => None,
        }
    }
}

/// Why a text is no YAML.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Misread {
    /// What is wrong.
    pub(crate) words: String,
    /// The line and the column where.
    pub(crate) at: (usize, usize),
    /// The bound that it is over, if that is it.
    pub(crate) bound: Option<Bound>,
}

impl Misread {
    fn in_file(self, path: &str, text: &str) -> Error {
        let Misread { words, at, .. } = self;
        let shown = text.lines().nth(at.0.saturating_sub(1)).map(str::to_owned);
        Error {
            at: Some(Place { path: path.to_owned(), position: Some(at), line: shown }),
            ..Error::new(words)
        }
    }
}

/// The documents of a text.
pub(crate) fn documents(path: &str, text: &str) -> Result<Vec<Node>, Error> {
    read(text, true).map_err(|misread| misread.in_file(path, text))
}

/// A part of a text that is read part by part.
pub(crate) enum Part {
    /// One of a document's `items`, which are left out of the document.
    Item(Node),
    /// A document.
    Document(Node),
}

/// Reads documents, and the `items` of each before it, and forgets each once it was taken: of a large list no tree is made.
///
/// # Errors
/// What is no YAML, with its line; what the taker says.
pub(crate) fn parts(
    path: &str,
    text: &str,
    take: &mut dyn FnMut(Part) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut refused = Ok(());
    let mut part = |part| {
        refused = take(part);
        refused.is_ok()
    };
    let read = build(Builder { split: true, ..Builder::new(text, &mut part) }, true);
    refused.and(read.map_err(|misread| misread.in_file(path, text)))
}

/// The first document of a text, or all of them; the bounds are those of the whole text.
pub(crate) fn read(text: &str, all: bool) -> Result<Vec<Node>, Misread> {
    let mut documents = Vec::new();
    let mut part = |part| {
        if let Part::Document(node) = part {
            documents.push(node);
        }
        true
    };
    build(Builder::new(text, &mut part), all)?;
    Ok(documents)
}

fn build(mut builder: Builder<'_>, all: bool) -> Result<(), Misread> {
    let text = builder.text;
    let wrong = |error: ScanError| {
        if let Some(bound) = bounds::nested(&error) {
            return bound.misread();
        }
        let at = (error.marker().line(), error.marker().col() + 1);
        let words = match error.info().ends_with("found unknown anchor") {
            true => unknown_anchor(text, error.marker().index()),
            false => error.info().to_owned(),
        };
        Misread { words, at, bound: None }
    };
    let mut bounds = Bounds::default();
    // One event after the other: the parser's own way of reading a whole document calls itself for what stands in it.
    let mut ended = false;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            // What is wrong behind the first document is not asked for.
            Err(error) if ended && bounds::nested(&error).is_none() => break,
            Err(error) => return Err(wrong(error)),
        };
        bounds.count(&event, span).map_err(Bound::misread)?;
        if !ended {
            ended = !all && event == Event::DocumentEnd;
            builder.on_event(event, span);
        }
        if builder.is_over {
            break;
        }
    }
    builder.misread.map_or(Ok(()), Err)
}

fn unknown_anchor(text: &str, at: usize) -> String {
    format!("unknown anchor '{}' referenced", name(text, at))
}

/// The name of the anchor that an alias at a place asks for.
fn name(text: &str, at: usize) -> String {
    let behind = text.chars().skip(at).skip_while(|c| *c == '*');
    behind.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).collect()
}

/// Builds documents from the parser's events.
struct Builder<'t> {
    text: &'t str,
    /// Whether the items of a document are taken by themselves.
    split: bool,
    /// Takes what is built; says whether it wants more.
    take: &'t mut dyn FnMut(Part) -> bool,
    is_over: bool,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Arc<Node>>,
    misread: Option<Misread>,
}

/// A list or a map that has not ended yet; the keys of a map stand before their values.
struct Open {
    at: (usize, usize),
    anchor: usize,
    map: bool,
    key: Option<Node>,
    items: Vec<Node>,
    entries: Vec<(Node, Node)>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, take: &'t mut dyn FnMut(Part) -> bool) -> Builder<'t> {
        let (open, anchors) = (Vec::new(), BTreeMap::new());
        Builder { text, split: false, take, is_over: false, open, anchors, misread: None }
    }

    fn begin(&mut self, at: (usize, usize), anchor: usize, map: bool) {
        self.open.push(Open { at, anchor, map, key: None, items: Vec::new(), entries: Vec::new() });
    }

    fn end(&mut self, end: (usize, usize)) {
        let Some(open) = self.open.pop() else { return };
        let is = if open.map { Is::Map(open.entries) } else { Is::List(open.items) };
        self.put(Node { line: open.at.0, named: open.at.0, at: open.at, end, is }, open.anchor);
    }

    /// Whether what comes is one of the items of a document.
    fn is_item(&self) -> bool {
        let [document, list] = self.open.as_slice() else { return false };
        self.split && !list.map && document.key.as_ref().is_some_and(|key| key.text() == Some("items"))
    }

    fn give(&mut self, part: Part) {
        self.is_over |= self.misread.is_none() && !(self.take)(part);
    }

    fn put(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, Arc::new(node.clone()));
        }
        if self.is_item() {
            return self.give(Part::Item(node));
        }
        match self.open.last_mut() {
            None => self.give(Part::Document(node)),
            Some(open) if !open.map => open.items.push(node),
            Some(open) => match open.key.take() {
                Some(key) => {
                    let named = key.at.0;
                    open.entries.push((key, Node { named, ..node }));
                }
                None => open.key = Some(node),
            },
        }
    }

    fn alias(&mut self, anchor: usize, span: Span, at: (usize, usize)) {
        if let Some(node) = self.anchors.get(&anchor).cloned() {
            let end = (span.end.line(), span.end.col() + 1);
            return self.put(Node { line: node.line, named: at.0, at, end, is: Is::Alias(node) }, 0);
        }
        let words = match self.open.iter().any(|open| open.anchor == anchor) {
            true => format!("anchor '{}' value contains itself", name(self.text, span.start.index())),
            // It is one of another document.
            false => unknown_anchor(self.text, span.start.index()),
        };
        self.misread.get_or_insert(Misread { words, at, bound: None });
    }

    fn on_event(&mut self, event: Event<'_>, span: Span) {
        let at = (span.start.line(), span.start.col() + 1);
        let end = (span.end.line(), span.end.col() + 1);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix));
                let plain = style == ScalarStyle::Plain;
                let is = Is::Scalar(Scalar { text: text.into_owned(), plain, tag });
                self.put(Node { line: at.0, named: at.0, at, end, is }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(at, anchor, false),
            Event::MappingStart(anchor, _) => self.begin(at, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(end),
            Event::Alias(anchor) => self.alias(anchor, span, at),
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }
}
