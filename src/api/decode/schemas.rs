//! The parts of a schema that may be a schema or something else (`apiextensions/v1/marshal.go`): `items`,
//! `additionalProperties`, `additionalItems`, `dependencies`.
//!
//! Each has a reader of its own in Go, which tells nothing of unknown fields.

use crate::api::schema::{Definition, Field};
use crate::golang::json::Json;
use crate::json::Value;

const UNIONS: [&str; 4] = ["additionalItems", "additionalProperties", "dependencies", "items"];

/// Whether a field is a schema or something else.
pub(super) fn is_union(definition: &Definition, field: &Field) -> bool {
    definition.name.ends_with(".JSONSchemaProps") && UNIONS.contains(&field.name)
}

/// Reads a field that is a schema or something else, or tells why it can't be read; `schema` reads a schema.
pub(super) fn union(
    field: &Field,
    node: Json,
    schema: &mut dyn FnMut(Json) -> Value,
) -> Result<Option<Value>, String> {
    let mut value = |node: Json| match node {
        Json::Map(_) => Ok(schema(node)),
        node => node.into_value(),
    };
    Ok(match (field.name, node) {
        ("dependencies", Json::Map(entries)) => {
            let mut entry = |(key, node)| Ok((key, value(node)?));
            Some(Value::Object(entries.into_iter().map(&mut entry).collect::<Result<_, String>>()?))
        }
        ("items", Json::List(nodes)) => Some(nodes.into_iter().map(value).collect::<Result<_, _>>()?),
        ("items", node @ Json::Map(_)) => Some(value(node)?),
        (_, Json::Null) | ("dependencies" | "items", _) => None,
        (_, node @ (Json::Map(_) | Json::Bool(_))) => Some(value(node)?),
        (_, Json::Number(_) | Json::String(_) | Json::List(_)) => {
            return Err("boolean or JSON schema expected".to_owned());
        }
    })
}
