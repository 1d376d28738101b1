//! A dump in JSON.

use super::text::{Span, Text};
use super::{Written, complete, no_object};
use crate::api::Dig;
use crate::error::Error;
use crate::json::Value;
use serde::Deserialize;
use serde_json::Deserializer;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::Arc;

/// What a document says of itself.
#[derive(Deserialize)]
struct Heading<'t> {
    #[serde(borrow)]
    kind: Option<Cow<'t, str>>,
    #[serde(borrow, rename = "apiVersion")]
    version: Option<Cow<'t, str>>,
    #[serde(borrow)]
    items: Option<Vec<&'t RawValue>>,
}

/// The objects of a text, as far as it is JSON; an error of what is no object.
pub(super) fn read(text: &Arc<Text>) -> Option<Result<Vec<Written>, Error>> {
    let mut reader = Reader { text, read: 0, place: (1, 1), found: Vec::new() };
    for document in Deserializer::from_str(&text.text).into_iter::<&RawValue>() {
        if let Err(error) = reader.document(document.ok()?, false)? {
            return Some(Err(error));
        }
    }
    Some(Ok(reader.found))
}

struct Reader<'t> {
    text: &'t Arc<Text>,
    /// How much of the text was counted, and the line and the column there.
    read: usize,
    place: (usize, usize),
    found: Vec<Written>,
}

impl<'t> Reader<'t> {
    /// An object, or those of a list; nothing where that is none of JSON's.
    fn document(&mut self, raw: &'t RawValue, is_item: bool) -> Option<Result<(), Error>> {
        let heading: Heading<'_> = serde_json::from_str(raw.get()).ok()?;
        let begin = self.begin(raw);
        match heading.kind {
            None if !is_item => return Some(Err(no_object(&self.text.path, begin.0))),
            Some(kind) if kind.ends_with("List") => {
                let begun = self.found.len();
                for item in heading.items.into_iter().flatten() {
                    if let wrong @ Err(_) = self.item(item)? {
                        return Some(wrong);
                    }
                }
                return Some(complete(&mut self.found[begun..], &kind, heading.version.as_deref()));
            }
            _ => {}
        }
        self.object(serde_json::from_str(raw.get()).ok()?, raw, begin);
        Some(Ok(()))
    }

    /// One of a list: seldom a list, too.
    fn item(&mut self, raw: &'t RawValue) -> Option<Result<(), Error>> {
        let object: Value = serde_json::from_str(raw.get()).ok()?;
        if object.text("kind").ends_with("List") {
            return self.document(raw, true);
        }
        let begin = self.begin(raw);
        self.object(object, raw, begin);
        Some(Ok(()))
    }

    fn object(&mut self, object: Value, raw: &RawValue, begin: (usize, usize)) {
        let span = Span { begin, end: self.count_to(self.read + raw.get().len()) };
        self.found.push(Written::new(object, self.text, span));
    }

    /// Where it begins.
    fn begin(&mut self, raw: &'t RawValue) -> (usize, usize) {
        self.count_to(raw.get().as_ptr().addr() - self.text.text.as_ptr().addr())
    }

    /// The line and the column of a place behind all that was asked for before.
    fn count_to(&mut self, offset: usize) -> (usize, usize) {
        let between = self.text.text.get(self.read..offset).unwrap_or_default();
        self.place = match between.rfind('\n') {
            None => (self.place.0, self.place.1 + between.chars().count()),
            Some(last) => {
                let breaks = between.bytes().filter(|byte| *byte == b'\n').count();
                (self.place.0 + breaks, between[last + 1..].chars().count() + 1)
            }
        };
        self.read = offset;
        self.place
    }
}
