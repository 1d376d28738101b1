//! Embedded resources have a kind, a version and metadata as every object has (`apiserver/schema/objectmeta`, `Validate`).

use crate::api::Dig;
use crate::api::differences::SCHEMA_EMBEDDED;
use crate::api::names::{NameRule, dns1035_label};
use crate::api::structural::{Additional, Structural};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::meta;

/// Checks the embedded resources in an object.
pub(super) fn validate(field: Field<'_>, schema: &Structural) {
    match field.value {
        Value::Object(fields) => {
            if schema.embedded {
                embedded(field);
            }
            for (name, value) in fields {
                let (path, schema) = match (schema.properties.get(name.as_str()), &schema.additional) {
                    (Some(property), _) => (field.path.child(name), property),
                    (None, Additional::Schema(schema)) => (field.path.entry("", name), &**schema),
                    (None, Additional::Untold | Additional::Any(_)) => continue,
                };
                validate(Field { value, path, errors: field.errors }, schema);
            }
        }
        Value::Array(_) => {
            if let Some(schema) = &schema.items {
                field.items("").for_each(|item| validate(item, schema));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn embedded(object: Field<'_>) {
    let detail = if object.version().has(SCHEMA_EMBEDDED) { "" } else { "must not be empty" };
    for name in ["apiVersion", "kind"] {
        if object.value.get(name).is_none() {
            object.child(name).required(detail);
        }
    }
    if let Some(field) = text(&object.child("apiVersion")) {
        let version = field.text("");
        if version.matches('/').count() > 1 {
            field.invalid(format_args!("unexpected GroupVersion string: {version}"));
        }
    }
    if let Some(field) = text(&object.child("kind")) {
        let wrong = dns1035_label(&field.text("").to_lowercase());
        if !wrong.is_empty() {
            let wrong = wrong.join(",");
            field.invalid(format_args!("may have mixed case, but should otherwise match: {wrong}"));
        }
    }
    if object.value.get("metadata").is_some() {
        let mut named = object.value.clone();
        if named.name().is_empty() {
            named.set("metadata.name", "name");
        }
        let Field { path, errors, .. } = object;
        meta::validate(Field { value: &named, path, errors }, NameRule::PathSegment);
    }
}

/// A text that is there and not empty; whatever else is there is an error.
fn text<'a>(field: &Field<'a>) -> Option<Field<'a>> {
    match field.value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => {
            field.invalid("must not be empty");
            None
        }
        Value::String(_) => Some(*field),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            field.invalid("must be a string");
            None
        }
    }
}
