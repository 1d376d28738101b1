//! The parts of a schema that may be a schema or something else (`apiextensions/v1/marshal.go`): `items`,
//! `additionalProperties`, `additionalItems`, `dependencies`.
//!
//! Each has a reader of its own in Go, which tells nothing of unknown fields.

use super::node::Node;
use crate::api::schema::{Definition, Field};
use serde_json::Value;

const UNIONS: [&str; 4] = ["additionalItems", "additionalProperties", "dependencies", "items"];

/// Whether a field is a schema or something else.
pub(super) fn is_union(definition: &Definition, field: &Field) -> bool {
    definition.name.ends_with(".JSONSchemaProps") && UNIONS.contains(&field.name)
}

/// Reads a field that is a schema or something else, or tells why it can't be read; `schema` reads a schema.
pub(super) fn union(
    field: &Field,
    node: Node,
    schema: &mut dyn FnMut(Node) -> Value,
) -> Result<Option<Value>, &'static str> {
    let mut value = |node: Node| match node {
        Node::Map(_) => schema(node),
        node => node.into_value(),
    };
    Ok(match (field.name, node) {
        ("dependencies", Node::Map(entries)) => {
            Some(entries.into_iter().map(|(key, node)| (key, value(node))).collect())
        }
        ("items", Node::List(nodes)) => Some(nodes.into_iter().map(value).collect()),
        ("items", node @ Node::Map(_)) => Some(value(node)),
        (_, Node::Null) | ("dependencies" | "items", _) => None,
        (_, node @ (Node::Map(_) | Node::Bool(_))) => Some(value(node)),
        (_, Node::Number(_) | Node::String(_) | Node::List(_)) => {
            return Err("boolean or JSON schema expected");
        }
    })
}
