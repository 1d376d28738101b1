//! The parts of a schema that may be a schema or something else (`apiextensions/v1/marshal.go`): `items`,
//! `additionalProperties`, `additionalItems`, `dependencies`.
//!
//! Each has a reader of its own in Go, which tells nothing of unknown fields.

use super::fields::Converter;
use super::node::Node;
use crate::api::schema::{Definition, Field};
use serde_json::Value;

const UNIONS: [&str; 4] = ["additionalItems", "additionalProperties", "dependencies", "items"];

/// Whether a field is a schema or something else.
pub(super) fn is_union(definition: &Definition, field: &Field) -> bool {
    definition.name.ends_with(".JSONSchemaProps") && UNIONS.contains(&field.name)
}

impl Converter {
    /// Reads a field that is a schema or something else; `schema` is the definition of schemas.
    pub(super) fn union(&mut self, node: Node, schema: &'static Definition, field: &Field) -> Option<Value> {
        let told = self.strict_errors.len();
        let value = match (field.name, node) {
            ("dependencies", Node::Map(entries)) => {
                let entries = entries.into_iter();
                Some(entries.map(|(key, node)| (key, self.schema_or_value(node, schema))).collect())
            }
            ("items", Node::List(nodes)) => {
                let nodes = nodes.into_iter();
                Some(nodes.map(|node| self.schema_or_value(node, schema)).collect())
            }
            ("items", node @ Node::Map(_)) => Some(self.object(node, schema)),
            (_, Node::Null) | ("dependencies" | "items", _) => None,
            (_, node @ (Node::Map(_) | Node::Bool(_))) => Some(self.schema_or_value(node, schema)),
            (_, Node::Number(_) | Node::String(_) | Node::List(_)) => {
                Some(self.fail("boolean or JSON schema expected"))
            }
        };
        self.strict_errors.truncate(told);
        value
    }

    fn schema_or_value(&mut self, node: Node, schema: &'static Definition) -> Value {
        match node {
            Node::Map(_) => self.object(node, schema),
            node => node.into_value(),
        }
    }
}
