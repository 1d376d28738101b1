//! YAML as `sigs.k8s.io/yaml` makes JSON of it, over `yaml.v2`: YAML 1.1, so `yes` and `0644` are no texts.
//!
//! # Differs from Kubernetes
//!
//! The text is taken apart by a reader of YAML 1.2, after a port of libyaml found nothing wrong with it; what only one of them
//! accepts is refused. Values may stand in each other 128 times.

use super::json::Json;
use crate::json::Value;
use crate::yaml::{self, Bound, Misread, Node, Scalar};

mod convert;
mod float;
mod resolve;
mod syntax;
mod typed;
mod write;

pub(crate) use typed::{Mistyped, custom, typed};
pub(crate) use write::{wrapped, write};

/// A document as JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    /// It, with the keys in their order by letters; the last of several under one key.
    pub(crate) json: Json,
    /// What strict reading objects to (`yaml.YAMLToJSONStrict`): `line 5: key "a" already set in map`.
    pub(crate) repeated: Vec<String>,
}

/// Reads the first document of a text; null where there is none.
///
/// # Errors
/// In Go's words.
pub(crate) fn read(text: &str) -> Result<Document, String> {
    match tree(text)? {
        Some(node) => document(&node),
        None => Ok(Document { json: Json::Null, repeated: Vec::new() }),
    }
}

/// The first document of a text as a tree, if there is one.
///
/// # Errors
/// In Go's words.
pub(crate) fn tree(text: &str) -> Result<Option<Node>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let documents = yaml::read(text, false);
    // Only what is within the bounds is looked at again.
    match &documents {
        Err(Misread { bound: Some(Bound::Nesting(_)), .. }) => {
            return Err("yaml: exceeded max depth".to_owned());
        }
        Err(Misread { bound: Some(Bound::Aliases(_)), .. }) => {
            return Err("yaml: document contains excessive aliasing".to_owned());
        }
        Ok(_) | Err(Misread { bound: None, .. }) => {}
    }
    match (syntax::error(text), documents) {
        (Some(error), _) => Err(format!("yaml: {error}")),
        (None, Err(Misread { words, .. })) => Err(format!("yaml: {words}")),
        (None, Ok(documents)) => Ok(documents.into_iter().next()),
    }
}

/// What a scalar means to `yaml.v3`, which kustomize reads objects with: `yes` is text, and a date is a time.
///
/// # Errors
/// In Go's words.
pub(crate) fn scalar_of_v3(scalar: &Scalar) -> Result<Value, String> {
    convert::plain(resolve::resolve_for(scalar, resolve::Reader::V3)?)?.into_value()
}

/// Whether a key is `<<`.
pub(crate) fn is_merge(key: &Node) -> bool {
    convert::is_merge(key)
}

/// A document that was taken apart already.
///
/// # Errors
/// In Go's words.
pub(crate) fn document(node: &Node) -> Result<Document, String> {
    convert::document(node)
}

/// Reads the first document for whoever asks for no type.
///
/// # Errors
/// In Go's words.
pub(crate) fn value(text: &str) -> Result<Value, String> {
    read(text)?.json.into_value()
}

#[cfg(test)]
mod tests;
