//! What JSON is to an expression, by its schema (`apiserver/pkg/cel/common.UnstructuredToVal`).

use super::names::escaped;
use crate::api::structural::{Additional, ListType, Structural};
use crate::cel::{Key, Keys, List, Val, library};
use crate::json::{Map, Text, Value};
use base64::Engine;
use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::Arc;

/// The fields of an object's root that are what they are, whatever a schema says.
const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// A value of a schema, at the root of an object or not.
pub(super) fn value(json: &Value, schema: &Structural, is_root: bool) -> Val {
    match json {
        _ if schema.int_or_string => Val::from_json(json),
        Value::Object(fields) => object(fields, schema, is_root),
        Value::Array(items) => list(items, schema),
        Value::String(text) => formatted(text, schema),
        Value::Number(number) if schema.kind == "number" => Val::Double(number.as_f64().unwrap_or_default()),
        Value::Null | Value::Bool(_) | Value::Number(_) => Val::from_json(json),
    }
}

fn object(fields: &Map, schema: &Structural, is_root: bool) -> Val {
    let entry = |(name, json): (&Text, &Value)| {
        let told =
            schema.properties.get(name.as_str()).filter(|_| !(is_root && META.contains(&name.as_str())));
        let (key, value) = match (told, &schema.additional) {
            (Some(schema), _) => (escaped(name), value(json, schema, schema.embedded)),
            (None, Additional::Schema(schema)) => (None, value(json, schema, schema.embedded)),
            (None, Additional::Untold | Additional::Any(_)) => (None, Val::from_json(json)),
        };
        (Key::String(key.as_deref().unwrap_or(name).into()), value)
    };
    Val::Map(Arc::new(fields.iter().map(entry).collect()))
}

fn list(items: &[Value], schema: &Structural) -> Val {
    let value = |json: &Value| match schema.items.as_deref() {
        Some(schema) => value(json, schema, schema.embedded),
        None => Val::from_json(json),
    };
    let keys = match schema.list {
        ListType::Atomic => Keys::Place,
        ListType::Set => Keys::Value,
        ListType::Map => {
            let name = |key: &String| Arc::from(escaped(key).as_deref().unwrap_or(key));
            Keys::Fields(schema.map_keys.iter().map(name).collect())
        }
    };
    Val::List(List::new(items.iter().map(value).collect(), keys))
}

/// A text of a format that expressions know; one that is wrong stays a text.
fn formatted(text: &str, schema: &Structural) -> Val {
    let known = match schema.checks.format.as_str() {
        _ if schema.kind != "string" => None,
        "byte" => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok();
            bytes.map(|bytes| Val::Bytes(bytes.into()))
        }
        "duration" => library::duration(text).map(Val::Duration),
        "date" => {
            let midnight =
                text.parse::<Date>().ok().and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok());
            midnight.map(|at| Val::Timestamp(at.timestamp().into()))
        }
        "date-time" => text.parse::<Timestamp>().ok().map(|at| Val::Timestamp(at.into())),
        _ => None,
    };
    known.unwrap_or_else(|| Val::text(text))
}
