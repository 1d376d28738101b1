//! JSON patches and merge patches, as the library that the API server uses reads and applies them
//! (`gopkg.in/evanphx/json-patch.v4`; RFC 6902, RFC 7386).
//!
//! It parts from RFC 6902: `replace` makes what is absent, what is absent equals null and is copied as such, indices below
//! 0 count from the end, and an operation without a value has null.

use super::differences::WHOLE_DOCUMENTS_REPLACED;
use super::{Dig, Version};
use crate::golang::json::{self, noun};
use crate::json::Value;

/// A patch may copy no more bytes than these (`--json-patch-max-copy-bytes`).
const COPIED_MAX: usize = 3 << 20;

/// Why a patch does not fit an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Misfit {
    /// A test found another value.
    Tested(String),
    /// An operation needs what is not there.
    Missing(String),
}

impl Misfit {
    /// What the library says.
    pub(crate) fn text(self) -> String {
        match self {
            Misfit::Tested(text) | Misfit::Missing(text) => text,
        }
    }
}

/// The operations of a JSON patch.
#[derive(Clone, Debug, Default)]
pub(crate) struct JsonPatch {
    operations: Vec<Value>,
    /// Whether they were made and not read: a null in one is then a value.
    made: bool,
}

impl JsonPatch {
    /// Reads the operations of a patch; an error is the decoder's, about a Go type of that name.
    pub(crate) fn read(body: &[u8], of: &str) -> Result<JsonPatch, String> {
        match json::value(body)? {
            Value::Null => Ok(JsonPatch::default()),
            Value::Array(operations) => Ok(JsonPatch { operations: operations.into(), made: false }),
            other => Err(format!("json: cannot unmarshal {} into Go value of type {of}", noun(&other))),
        }
    }

    /// A patch of these operations, as if they had been read.
    #[cfg(test)]
    fn of(operations: Vec<Value>) -> JsonPatch {
        JsonPatch { operations, made: false }
    }

    /// A patch of operations that were made by the server itself.
    pub(crate) fn made(operations: Vec<Value>) -> JsonPatch {
        JsonPatch { operations, made: true }
    }

    /// How many operations there are.
    pub(crate) fn len(&self) -> usize {
        self.operations.len()
    }

    /// What strict reading says of the operations: members that none has, or one of a wrong type as an error.
    pub(crate) fn strictly(&self) -> Result<Vec<String>, String> {
        let mut unknown = Vec::new();
        for (at, operation) in self.operations.iter().enumerate() {
            let Value::Object(members) = operation else {
                let noun = noun(operation);
                return Err(format!(
                    "json: cannot unmarshal {noun} into Go value of type handlers.jsonPatchOp"
                ));
            };
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("value", _) | ("op" | "path" | "from", Value::String(_) | Value::Null) => {}
                    ("op" | "path" | "from", value) => {
                        let noun = noun(value);
                        return Err(format!(
                            "json: cannot unmarshal {noun} into Go struct field jsonPatchOp.{name} of type string"
                        ));
                    }
                    _ => unknown.push(format!("unknown field \"[{at}].{name}\"")),
                }
            }
        }
        Ok(unknown)
    }

    /// Changes an object, operation by operation; one that does not fit leaves those before it done.
    pub(crate) fn apply(&self, object: &mut Value, version: Version) -> Result<(), Misfit> {
        let mut copied = 0;
        let replaces_all = version.has(WHOLE_DOCUMENTS_REPLACED);
        self.operations.iter().try_for_each(|operation| match operation.text("op") {
            "replace" if replaces_all && operation.at("path") == "" => replace_all(object, operation),
            _ => carry_out(object, operation, self.made, &mut copied),
        })
    }
}

/// Merges a patch into a value: null takes out, objects merge, anything else replaces.
pub(crate) fn merge(value: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        value.clone_from(patch);
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Default::default());
    }
    let Value::Object(fields) = value else { return };
    for (name, patch) in patch {
        match patch {
            Value::Null => drop(fields.remove(name)),
            patch => merge(fields.entry(name.clone()).or_insert(Value::Null), patch),
        }
    }
}

/// The document itself becomes another one.
fn replace_all(object: &mut Value, operation: &Value) -> Result<(), Misfit> {
    match operation.at("value") {
        value @ (Value::Object(_) | Value::Array(_)) => object.clone_from(value),
        _ => return Err(missing("replace operation value must be object or array")),
    }
    Ok(())
}

fn carry_out(object: &mut Value, operation: &Value, made: bool, copied: &mut usize) -> Result<(), Misfit> {
    let op = operation.text("op");
    if !matches!(op, "add" | "remove" | "replace" | "move" | "copy" | "test") {
        let op = if op.is_empty() && !made { "unknown" } else { op };
        return Err(Misfit::Missing(format!("Unexpected kind: {op}")));
    }
    let member = |name: &str| match operation.get(name) {
        Some(Value::String(path)) => Ok(path.as_str()),
        _ => {
            let comma = if name == "from" { "," } else { "" };
            Err(missing(&format!(
                "{op} operation failed to decode {name}: operation{comma} missing {name} field"
            )))
        }
    };
    let value = || operation.get("value").cloned().unwrap_or(Value::Null);
    match op {
        "add" => {
            let path = member("path")?;
            let at = place(object, path);
            let (holder, key) = at.ok_or_else(|| absent(op, "path", &format!("{path:?}")))?;
            add(holder, &key, value()).map_err(|why| doing("add for path", path, &why))
        }
        "remove" => {
            let path = member("path")?;
            let at = place(object, path);
            let (holder, key) = at.ok_or_else(|| absent(op, "path", &format!("{path:?}")))?;
            take_out(holder, &key).map(drop).map_err(|why| doing("remove for path", path, &why))
        }
        "replace" => {
            let path = member("path")?;
            let (holder, key) = place(object, path).ok_or_else(|| absent(op, "path", path))?;
            match holder {
                Value::Object(fields) => drop(fields.insert(key, value())),
                holder => {
                    let item = item(holder, &key).map_err(|_| absent(op, "key", path))?;
                    *item = value();
                }
            }
            Ok(())
        }
        "move" => {
            let from = member("from")?;
            let at = place(object, from).ok_or_else(|| absent(op, "from path", from))?;
            let (holder, key) = at;
            let moved = take_out(holder, &key).map_err(|why| doing("move for path", &key, &why))?;
            let path = member("path")?;
            let at = place(object, path).ok_or_else(|| absent(op, "destination path", path))?;
            add(at.0, &at.1, moved).map_err(|why| doing("move for path", path, &why))
        }
        "copy" => {
            let from = member("from")?;
            let (holder, key) = place(object, from).ok_or_else(|| absent(op, "from path", from))?;
            let copy = match holder {
                Value::Object(fields) => fields.get(&key).cloned().unwrap_or(Value::Null),
                holder => item(holder, &key).map_err(|why| doing("copy for from", from, &why))?.clone(),
            };
            let path = member("path")?;
            let (holder, key) = place(object, path).ok_or_else(|| absent(op, "destination path", path))?;
            *copied = copied.saturating_add(copy.to_string().len());
            if *copied > COPIED_MAX {
                return Err(Misfit::Missing(format!(
                    "Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {COPIED_MAX}"
                )));
            }
            let failed =
                |why: String| Misfit::Missing(format!("error while adding value during copy: {why}"));
            add(holder, &key, copy).map_err(failed)
        }
        _ => {
            let path = member("path")?;
            let at = place(object, path);
            let why = || missing(&format!("test operation for path does not apply: is missing path: {path}"));
            let (holder, key) = at.ok_or_else(why)?;
            let found = match holder {
                Value::Object(fields) => fields.get(&key),
                holder => Some(&*item(holder, &key).map_err(|why| doing("test for path", path, &why))?),
            };
            // What is not there equals a null that was read.
            let wanted = operation.get("value").unwrap_or(&Value::Null);
            match found.unwrap_or(&Value::Null) == wanted && (found.is_some() || !made) {
                true => Ok(()),
                false => Err(Misfit::Tested(format!("testing value {path} failed: test failed"))),
            }
        }
    }
}

fn missing(text: &str) -> Misfit {
    Misfit::Missing(format!("{text}: missing value"))
}

fn absent(op: &str, what: &str, path: &str) -> Misfit {
    missing(&format!("{op} operation does not apply: doc is missing {what}: {path}"))
}

fn doing(what: &str, path: &str, why: &str) -> Misfit {
    Misfit::Missing(format!("error in {what}: '{path}': {why}"))
}

/// What holds the end of a path, and the end; nothing where a part before it isn't there.
fn place<'a>(object: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let mut parts = path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    let mut part = parts.next()?;
    let mut holder = object;
    for next in parts {
        holder = match holder {
            Value::Object(fields) => fields.get_mut(&part)?,
            holder => item(holder, &part).ok()?,
        };
        part = next;
    }
    matches!(holder, Value::Object(_) | Value::Array(_)).then_some((holder, part))
}

/// The place of an index in a list that may be as long as `most`; below 0 it counts from there.
fn index(key: &str, most: usize) -> Result<usize, String> {
    let number: i64 = key.parse().map_err(|_| format!("strconv.Atoi: parsing {key:?}: invalid syntax"))?;
    let at = if number < 0 { number.checked_add_unsigned(most as u64) } else { Some(number) };
    let at = at.and_then(|at| usize::try_from(at).ok()).filter(|at| *at < most);
    at.ok_or_else(|| format!("Unable to access invalid index: {number}: invalid index referenced"))
}

fn item<'a>(list: &'a mut Value, key: &str) -> Result<&'a mut Value, String> {
    let Value::Array(items) = list else { return Err("it is no list".to_owned()) };
    let at = index(key, items.len())?;
    items.get_mut(at).ok_or_else(|| format!("Unable to access invalid index: {at}: invalid index referenced"))
}

fn add(holder: &mut Value, key: &str, value: Value) -> Result<(), String> {
    match holder {
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => {
            let at = index(key, items.len() + 1).map_err(|why| match why.starts_with("strconv") {
                true => format!("value was not a proper array index: '{key}': {why}"),
                false => why,
            })?;
            items.insert(at, value);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(())
}

fn take_out(holder: &mut Value, key: &str) -> Result<Value, String> {
    match holder {
        Value::Object(fields) => fields
            .remove(key)
            .ok_or_else(|| format!("Unable to remove nonexistent key: {key}: missing value")),
        Value::Array(items) => {
            let at = index(key, items.len())?;
            Ok(items.remove(at))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(Value::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    fn patched(operation: Value) -> Result<Value, String> {
        let mut object = json!({"data": {"a": "1"}, "list": ["x", "y"]});
        JsonPatch::of(vec![operation])
            .apply(&mut object, Version::NEWEST)
            .map(|()| object)
            .map_err(Misfit::text)
    }

    #[test]
    fn what_fits() {
        for (operation, path, value) in [
            (json!({"op": "replace", "path": "/data/b", "value": 1}), "data.b", json!(1)),
            (json!({"op": "replace", "path": "/data/a"}), "data.a", Value::Null),
            (json!({"op": "test", "path": "/data/b", "value": null}), "data", json!({"a": "1"})),
            (
                json!({"op": "copy", "from": "/data/z", "path": "/data/b"}),
                "data",
                json!({"a": "1", "b": null}),
            ),
            (json!({"op": "move", "from": "/data/a", "path": "/data/b"}), "data", json!({"b": "1"})),
            (json!({"op": "remove", "path": "/list/-2"}), "list", json!(["y"])),
            (json!({"op": "add", "path": "/list/-1", "value": "z"}), "list", json!(["x", "y", "z"])),
            (json!({"op": "add", "path": "/list/-", "value": "z"}), "list", json!(["x", "y", "z"])),
            (json!({"op": "replace", "path": "/list/01", "value": "z"}), "list", json!(["x", "z"])),
            (json!({"op": "add", "path": "/data/a~1b", "value": "z"}), "data", json!({"a": "1", "a/b": "z"})),
        ] {
            let object = patched(operation.clone()).unwrap_or_else(|why| panic!("{operation}: {why}"));
            assert_eq!(object.at(path), &value, "{operation}");
        }
    }

    #[test]
    fn what_does_not_fit() {
        for (operation, text) in [
            (
                json!({"op": "add", "path": "/x/b", "value": 1}),
                "add operation does not apply: doc is missing path: \"/x/b\": missing value",
            ),
            (
                json!({"op": "remove", "path": "/data/b"}),
                "error in remove for path: '/data/b': Unable to remove nonexistent key: b: missing value",
            ),
            (
                json!({"op": "remove", "path": "/list/7"}),
                "error in remove for path: '/list/7': Unable to access invalid index: 7: invalid index referenced",
            ),
            (
                json!({"op": "replace", "path": "", "value": 1}),
                "replace operation value must be object or array: missing value",
            ),
            (
                json!({"op": "replace", "path": "/list/2", "value": 1}),
                "replace operation does not apply: doc is missing key: /list/2: missing value",
            ),
            (
                json!({"op": "copy", "from": "/data/a", "path": "/x/c"}),
                "copy operation does not apply: doc is missing destination path: /x/c: missing value",
            ),
            (
                json!({"op": "move", "from": "/data/b", "path": "/data/c"}),
                "error in move for path: 'b': Unable to remove nonexistent key: b: missing value",
            ),
            (
                json!({"op": "test", "path": "/data/a", "value": 2}),
                "testing value /data/a failed: test failed",
            ),
            (json!({"op": "merge", "path": "/data/a"}), "Unexpected kind: merge"),
            (
                json!({"op": "add", "value": 1}),
                "add operation failed to decode path: operation missing path field: missing value",
            ),
        ] {
            assert_eq!(patched(operation).unwrap_err(), text);
        }
    }

    #[test]
    fn copies_have_a_limit() {
        let big = "x".repeat(1 << 20);
        let copy = |n: usize| json!({"op": "copy", "from": "/a", "path": format!("/b{n}")});
        let patch = |n: usize| JsonPatch::of((0..n).map(copy).collect());
        assert!(patch(2).apply(&mut json!({"a": big}), Version::NEWEST).is_ok());
        assert!(patch(3).apply(&mut json!({"a": big}), Version::NEWEST).is_err());
    }

    #[test]
    fn a_merge_takes_out_nulls() {
        let mut value = json!({"a": {"b": 1, "c": 2}, "d": [1]});
        merge(&mut value, &json!({"a": {"b": null, "e": {"f": null}}, "d": {"x": 1}}));
        assert_eq!(value, json!({"a": {"c": 2, "e": {}}, "d": {"x": 1}}));
    }
}
