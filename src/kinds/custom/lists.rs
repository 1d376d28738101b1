//! Lists that are sets or maps hold nothing twice (`apiserver/schema/listtype`).

use crate::api::field::{go_json, go_value};
use crate::api::structural::{Additional, ListType, Structural};
use crate::api::value::Fields;
use crate::api::{Errors, Path, Version};
use crate::json::Value;
use crate::kinds::field::Field;
use std::collections::BTreeMap;

/// Checks the lists in an object.
pub(super) fn validate(object: Field<'_>, schema: &Structural) {
    value(object.value, schema, object.path, object.errors);
}

/// Whether the lists in an object are valid.
pub(super) fn are_valid(object: &Value, schema: &Structural, version: Version) -> bool {
    let errors = Errors::new(version);
    value(object, schema, Path::new(""), &errors);
    errors.is_empty()
}

fn value(value: &Value, schema: &Structural, path: Path<'_>, errors: &Errors) {
    match value {
        Value::Object(fields) => object(fields, schema, path, errors),
        Value::Array(items) => list(items, schema, path, errors),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn object(fields: &Fields, schema: &Structural, path: Path<'_>, errors: &Errors) {
    if let Additional::Schema(schema) = &schema.additional {
        for (name, below) in fields {
            value(below, schema, path.entry("", name), errors);
        }
    }
    for (name, below) in fields {
        if let Some(schema) = schema.properties.get(name.as_str()) {
            value(below, schema, path.child(name), errors);
        }
    }
}

fn list(items: &[Value], schema: &Structural, path: Path<'_>, errors: &Errors) {
    match schema.list {
        ListType::Atomic => {}
        ListType::Set => {
            for at in doubles(items.iter().map(Value::to_string)) {
                duplicate(&items[at], path.item("", at), errors);
            }
        }
        ListType::Map => map(items, schema, path, errors),
    }
    if let Some(schema) = &schema.items {
        for (at, item) in items.iter().enumerate() {
            value(item, schema, path.item("", at), errors);
        }
    }
}

fn map(items: &[Value], schema: &Structural, path: Path<'_>, errors: &Errors) {
    if let Some(at) = items.iter().position(|item| !item.is_object() && !item.is_null()) {
        let detail = "must be an object for an array of list-type map";
        let (path, item) = (path.item("", at), &items[at]);
        return errors.invalid_go(path, go_value(item), go_json(item), detail);
    }
    let keys = |item: &Value| -> Value {
        let given = |key: &String| Some((key.clone(), item.get(key)?.clone()));
        schema.map_keys.iter().filter_map(given).collect::<Fields>().into()
    };
    let keys: Vec<Value> = items.iter().map(keys).collect();
    for at in doubles(keys.iter().map(Value::to_string)) {
        duplicate(&keys[at], path.item("", at), errors);
    }
}

/// Where what stands twice stands for the second time.
fn doubles(items: impl Iterator<Item = String>) -> Vec<usize> {
    let mut seen = BTreeMap::new();
    let mut doubles = Vec::new();
    for (at, item) in items.enumerate() {
        let times = seen.entry(item).or_insert(0);
        *times += 1;
        if *times == 2 {
            doubles.push(at);
        }
    }
    doubles
}

fn duplicate(value: &Value, path: Path<'_>, errors: &Errors) {
    match value {
        Value::Object(_) | Value::Array(_) => errors.duplicate_go(path, go_value(value), go_json(value), ""),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => errors.duplicate(path, value),
    }
}
