//! A custom resource, as the schema of its version says (`customresource_handler.go`, `schemaCoercingDecoder`).

use super::node::Node;
use super::{Decoded, FieldValidation};
use crate::api::custom::Custom;
use crate::api::{Dig, Resource, Status, Version};
use serde_json::Value;
use std::collections::BTreeSet;

/// Reads a body of a custom resource.
///
/// # Errors
/// 400: it can't be read, or strictly has fields that it should not have, or is of another version.
pub(super) fn decode(
    node: Node,
    resource: &Resource,
    custom: &Custom,
    release: Version,
    validation: FieldValidation,
) -> Result<Decoded, (Status, Vec<String>)> {
    let mut strict_errors = Vec::new();
    duplicates(&node, &mut String::new(), &mut strict_errors);
    let mut object = node.into_value();
    let given = object.text("apiVersion").to_owned();
    let (kind, version) = (object.text("kind"), given.rsplit('/').next().unwrap_or_default());
    let doing = format!("{kind} in version \"{version}\" cannot be handled as a {}: ", resource.kind);
    let bad = |why: String| Status::bad_request(format!("{doing}{why}"));
    // What is of no version of the definition is nobody's to look into.
    if given.split_once('/').is_some_and(|(group, _)| group == resource.group) {
        let unknown = custom.coerce(&mut object, release).map_err(|why| (bad(why), Vec::new()))?;
        strict_errors.extend(unknown.iter().map(|path| format!("unknown field \"{path}\"")));
    }
    let warnings = match validation {
        FieldValidation::Strict if !strict_errors.is_empty() => {
            let why = format!("strict decoding error: {}", strict_errors.join(", "));
            return Err((bad(why), Vec::new()));
        }
        FieldValidation::Warn => strict_errors,
        FieldValidation::Ignore | FieldValidation::Strict => Vec::new(),
    };
    let expected = resource.kind_api_version();
    if given != expected {
        let why = format!(
            "the API version in the data ({given}) does not match the expected API version ({expected})"
        );
        return Err((Status::bad_request(why), warnings));
    }
    Ok(Decoded { object, warnings })
}

/// Gives an object that was made from another one (by a patch) the form of its version; the error is the decoder's.
pub(super) fn typed(
    mut object: Value,
    custom: &Custom,
    release: Version,
    validation: FieldValidation,
) -> Result<Decoded, String> {
    let unknown = custom.coerce(&mut object, release)?;
    let told: Vec<String> = unknown.iter().map(|path| format!("unknown field \"{path}\"")).collect();
    match validation {
        FieldValidation::Strict if !told.is_empty() => {
            Err(format!("strict decoding error: {}", told.join(", ")))
        }
        FieldValidation::Warn => Ok(Decoded { object, warnings: told }),
        FieldValidation::Ignore | FieldValidation::Strict => Ok(Decoded { object, warnings: Vec::new() }),
    }
}

/// The keys that stand twice in an object.
fn duplicates(node: &Node, path: &mut String, found: &mut Vec<String>) {
    let length = path.len();
    match node {
        Node::Map(entries) => {
            let mut seen = BTreeSet::new();
            for (key, node) in entries {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                let told = format!("duplicate field \"{path}\"");
                if !seen.insert(key) && !found.contains(&told) {
                    found.push(told);
                }
                duplicates(node, path, found);
                path.truncate(length);
            }
        }
        Node::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                duplicates(item, path, found);
                path.truncate(length);
            }
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) => {}
    }
}
