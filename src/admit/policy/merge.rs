//! An apply configuration merged into an object (`policy/mutating/patch/smd.go`, `structured-merge-diff`).
//!
//! Nobody's ownership is tracked: what the configuration names is set, all else stays.

use crate::api::schema::{Definition, Field, Schema, Type};
use crate::cel::Val;
use crate::json::{Map, Value};

/// Checks that each message has the type that its place asks for: `Object.spec` stands in the field `spec`.
pub(super) fn names_match(value: &Val, path: &str) -> Result<(), String> {
    match value {
        Val::Object(name, fields) => {
            if **name != *path {
                return Err(format!(
                    "unexpected type name \"{name}\", expected \"{path}\", which matches field name path from root Object type"
                ));
            }
            fields.iter().try_for_each(|(field, value)| names_match(value, &format!("{path}.{field}")))
        }
        Val::List(list) => list.iter().try_for_each(|item| names_match(item, path)),
        Val::Map(map) => map.values().try_for_each(|item| names_match(item, path)),
        Val::Optional(Some(held)) => names_match(held, path),
        _ => Ok(()),
    }
}

/// An object of a definition with what a configuration sets.
pub(super) fn merge(types: &'static Schema, definition: &Definition, live: Value, patch: Value) -> Value {
    let (mut live, patch) = match (live, patch) {
        (Value::Object(live), Value::Object(patch)) => (live, patch),
        (live, Value::Null) => return live,
        (_, patch) => return patch,
    };
    for (name, value) in patch {
        let old = live.remove(&name).unwrap_or_default();
        let merged = match definition.field(&name) {
            Some(field) => merge_field(types, field, old, value),
            None => value,
        };
        live.insert(name, merged);
    }
    Value::Object(live)
}

fn merge_field(types: &'static Schema, field: &Field, live: Value, patch: Value) -> Value {
    match (&field.kind, live, patch) {
        (Type::List(of), Value::Array(live), Value::Array(patch)) if !field.map_keys.is_empty() => {
            Value::from(merge_by_keys(types, of, &field.map_keys, live.into(), patch.into()))
        }
        (Type::List(_), Value::Array(mut live), Value::Array(patch)) if field.set => {
            for item in patch {
                if !live.contains(&item) {
                    live.push(item);
                }
            }
            Value::Array(live)
        }
        (Type::Map(_), Value::Object(mut live), Value::Object(patch)) => {
            live.extend(patch);
            Value::Object(live)
        }
        (kind @ Type::Object(_), live, patch) => match types.of_type(kind) {
            Some(definition) => merge(types, definition, live, patch),
            None => patch,
        },
        (_, live, Value::Null) => live,
        (_, _, patch) => patch,
    }
}

/// The elements of both lists; those of the same keys are one.
fn merge_by_keys(
    types: &'static Schema,
    of: &Type,
    keys: &[&str],
    mut live: Vec<Value>,
    patch: Vec<Value>,
) -> Vec<Value> {
    let empty = Map::new();
    let same = |a: &Value, b: &Value| {
        let (a, b) = (a.as_object().unwrap_or(&empty), b.as_object().unwrap_or(&empty));
        keys.iter().all(|key| a.get(key) == b.get(key) || is_default(key, a.get(key), b.get(key)))
    };
    for item in patch {
        match live.iter_mut().find(|old| same(old, &item)) {
            Some(old) => {
                let before = std::mem::take(old);
                *old = match types.of_type(of) {
                    Some(definition) => merge(types, definition, before, item),
                    None => item,
                };
            }
            None => live.push(item),
        }
    }
    live
}

/// A protocol that is left out is TCP.
fn is_default(key: &str, a: Option<&Value>, b: Option<&Value>) -> bool {
    let tcp = |value: Option<&Value>| value.is_none_or(|value| value == "TCP");
    key == "protocol" && tcp(a) && tcp(b)
}
