//! A dump in YAML.

use super::text::{Span, Text};
use super::{Written, complete, no_object};
use crate::error::{Error, Place};
use crate::golang::json::Json;
use crate::golang::yaml;
use crate::yaml::{Is, Node, Part, documents, parts};
use std::sync::Arc;

/// The objects of a text; those of a list one by one, so that it never is in memory as a whole.
pub(super) fn read(text: &Arc<Text>) -> Result<Vec<Written>, Error> {
    let mut found = Vec::new();
    // Where the items of the present document begin.
    let mut begun = 0;
    let mut lists = true;
    parts(&text.path, &text.text, &mut |part| {
        match part {
            Part::Item(item) => return top(text, &item, true, &mut found),
            Part::Document(document) if begun == found.len() => top(text, &document, false, &mut found)?,
            Part::Document(list) => {
                let Some(kind) = kind(&list) else { return Err(no_object(&text.path, list.line)) };
                lists &= kind.ends_with("List");
                complete(&mut found[begun..], kind, list.child("apiVersion").and_then(Node::text))?;
            }
        }
        begun = found.len();
        Ok(())
    })?;
    if lists {
        return Ok(found);
    }
    // What looked like lists were objects with items of their own.
    found.clear();
    for document in documents(&text.path, &text.text)? {
        top(text, &document, false, &mut found)?;
    }
    Ok(found)
}

fn kind(node: &Node) -> Option<&str> {
    node.child("kind").and_then(Node::text)
}

/// An object, or those of a list. An item need not say its kind.
fn top(text: &Arc<Text>, node: &Node, is_item: bool, found: &mut Vec<Written>) -> Result<(), Error> {
    if let Is::Scalar(_) = node.is()
        && yaml::document(node).is_ok_and(|document| document.json == Json::Null)
    {
        return Ok(());
    }
    match kind(node) {
        None if !is_item => Err(no_object(&text.path, node.line)),
        Some(kind) if kind.ends_with("List") => {
            let begun = found.len();
            if let Some(Is::List(items)) = node.child("items").map(Node::is) {
                items.iter().try_for_each(|item| top(text, item, true, found))?;
            }
            complete(&mut found[begun..], kind, node.child("apiVersion").and_then(Node::text))
        }
        _ => {
            found.push(written(node, text)?);
            Ok(())
        }
    }
}

/// An object with its place.
pub(super) fn written(node: &Node, text: &Arc<Text>) -> Result<Written, Error> {
    let object = yaml::document(node).and_then(|document| document.json.into_value()).map_err(|why| {
        let place = Place { path: text.path.to_string(), position: Some((node.line, 1)), line: None };
        Error { at: Some(place), ..Error::new(why) }
    })?;
    let (begin, end) = match &node.is {
        Is::Alias(named) => (named.at, named.end),
        Is::Scalar(_) | Is::List(_) | Is::Map(_) => (node.at, node.end),
    };
    Ok(Written::new(object, text, Span { begin, end }))
}
