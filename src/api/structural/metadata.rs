//! The metadata of embedded resources, which is metadata like every object's (`apiserver/schema/objectmeta`, `Coerce`).

use super::{Additional, Metadata, Structural};
use crate::api::differences::JSON_VALUES;
use crate::api::field::{go_json, go_value, quote};
use crate::api::value::Fields;
use crate::api::{Path, Version};
use crate::json::Value;

/// Gives the metadata of embedded resources the form of its type: the paths of the fields that it doesn't have, sorted; or
/// what is malformed.
pub(crate) fn coerce(
    object: &mut Value,
    schema: &Structural,
    version: Version,
    typed: Metadata,
) -> Result<Vec<String>, String> {
    let mut coercer = Coercer { version, typed, unknown: Vec::new() };
    coercer.value(object, schema, Path::new(""))?;
    coercer.unknown.sort();
    Ok(coercer.unknown)
}

struct Coercer {
    version: Version,
    typed: Metadata,
    unknown: Vec<String>,
}

impl Coercer {
    fn value(&mut self, value: &mut Value, schema: &Structural, path: Path<'_>) -> Result<(), String> {
        match value {
            Value::Object(fields) => {
                if schema.embedded {
                    self.embedded(fields, path)?;
                }
                for (name, value) in fields {
                    match (schema.properties.get(name.as_str()), &schema.additional) {
                        (Some(property), _) => self.value(value, property, path.child(name))?,
                        (None, Additional::Schema(schema)) => {
                            self.value(value, schema, path.entry("", name))?
                        }
                        (None, Additional::Untold | Additional::Any(_)) => {}
                    }
                }
            }
            Value::Array(items) => {
                let Some(schema) = &schema.items else { return Ok(()) };
                for (at, item) in items.iter_mut().enumerate() {
                    self.value(item, schema, path.item("", at))?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        Ok(())
    }

    fn embedded(&mut self, fields: &mut Fields, path: Path<'_>) -> Result<(), String> {
        for name in ["apiVersion", "kind"] {
            if let Some(value) = fields.get(name).filter(|value| !value.is_string()) {
                return Err(self.invalid(path.child(name), value, "must be a string"));
            }
        }
        let Some(metadata) = fields.get_mut("metadata") else { return Ok(()) };
        let path = path.child("metadata");
        let (typed, unknown) =
            (self.typed)(metadata.clone(), self.version).map_err(|why| self.invalid(path, metadata, &why))?;
        *metadata = typed;
        self.unknown.extend(unknown.into_iter().map(|name| format!("{path}.{name}")));
        Ok(())
    }

    /// An invalid value, as text.
    fn invalid(&self, path: Path<'_>, value: &Value, detail: &str) -> String {
        let shown = match value {
            Value::String(text) => quote(text),
            _ if self.version.has(JSON_VALUES) => go_json(value),
            _ => go_value(value),
        };
        format!("{path}: Invalid value: {shown}: {detail}")
    }
}
