//! JSON patches of webhooks and policies, with the words of the library that the API server uses
//! (`evanphx/json-patch`).

use json_patch::{Patch, PatchOperation};
use serde_json::Value;

/// Why a patch does not fit an object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Misfit {
    /// A test found another value.
    Tested(String),
    /// An operation needs what is not there.
    Missing(String),
}

impl Misfit {
    /// What the library says.
    pub(super) fn text(self) -> String {
        match self {
            Misfit::Tested(text) | Misfit::Missing(text) => text,
        }
    }
}

/// Changes the object, operation by operation.
pub(super) fn apply(object: &mut Value, patch: &Patch) -> Result<(), Misfit> {
    for operation in &patch.0 {
        json_patch::patch(object, std::slice::from_ref(operation)).map_err(|_| misfit(object, operation))?;
    }
    Ok(())
}

/// Why an operation does not fit what the ones before it left.
fn misfit(object: &Value, operation: &PatchOperation) -> Misfit {
    let missing = |text: String| Misfit::Missing(format!("{text}: missing value"));
    match operation {
        PatchOperation::Test(test) => {
            Misfit::Tested(format!("testing value {} failed: test failed", test.path))
        }
        PatchOperation::Add(add) => match place(object, add.path.as_str()) {
            Place::Nowhere => {
                missing(format!("add operation does not apply: doc is missing path: \"{}\"", add.path))
            }
            Place::Key(key) | Place::Index(key) => beyond("add", add.path.as_str(), key),
        },
        PatchOperation::Remove(remove) => match (remove.path.as_str(), place(object, remove.path.as_str())) {
            (path, Place::Nowhere) => {
                missing(format!("remove operation does not apply: doc is missing path: \"{path}\""))
            }
            (path, Place::Key(key)) => missing(format!(
                "error in remove for path: '{path}': Unable to remove nonexistent key: {key}"
            )),
            (path, Place::Index(key)) => beyond("remove", path, key),
        },
        PatchOperation::Replace(replace) => {
            let what = match place(object, replace.path.as_str()) {
                Place::Nowhere => "path",
                Place::Key(_) | Place::Index(_) => "key",
            };
            missing(format!("replace operation does not apply: doc is missing {what}: {}", replace.path))
        }
        PatchOperation::Move(moved) => {
            let key = |key: &str| format!("error in move for path: '{key}'");
            missing(carried(object, "move", moved.from.as_str(), moved.path.as_str(), key))
        }
        PatchOperation::Copy(copy) => {
            let from = |_: &str| format!("error in copy for from: '{}'", copy.from);
            missing(carried(object, "copy", copy.from.as_str(), copy.path.as_str(), from))
        }
    }
}

fn beyond(op: &str, path: &str, index: &str) -> Misfit {
    Misfit::Missing(format!(
        "error in {op} for path: '{path}': Unable to access invalid index: {index}: invalid index referenced"
    ))
}

/// Of a value that is carried from one place to another.
fn carried(object: &Value, op: &str, from: &str, path: &str, lost: impl Fn(&str) -> String) -> String {
    match place(object, from) {
        Place::Nowhere => format!("{op} operation does not apply: doc is missing from path: {from}"),
        Place::Key(key) | Place::Index(key) if object.pointer(from).is_none() => {
            format!("{}: unable to get nonexistent key: {key}", lost(key))
        }
        Place::Key(_) | Place::Index(_) => {
            format!("{op} operation does not apply: doc is missing destination path: {path}")
        }
    }
}

/// What a path ends in.
enum Place<'a> {
    /// What should hold it isn't there.
    Nowhere,
    /// A key of a map.
    Key(&'a str),
    /// An index of a list.
    Index(&'a str),
}

fn place<'a>(object: &Value, path: &'a str) -> Place<'a> {
    let Some((parent, key)) = path.rsplit_once('/') else { return Place::Nowhere };
    match object.pointer(parent) {
        Some(Value::Object(_)) => Place::Key(key),
        Some(Value::Array(_)) => Place::Index(key),
        Some(_) | None => Place::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_fit() {
        let said = |operation: Value| {
            let patch =
                serde_json::from_value(json!([{"op": "add", "path": "/new", "value": {}}, operation]))
                    .unwrap();
            apply(&mut json!({"data": {"a": "1"}, "list": []}), &patch).map_err(Misfit::text)
        };
        assert_eq!(said(json!({"op": "add", "path": "/new/b", "value": 1})), Ok(()));
        for (operation, text) in [
            (
                json!({"op": "add", "path": "/x/b", "value": 1}),
                "add operation does not apply: doc is missing path: \"/x/b\": missing value",
            ),
            (
                json!({"op": "remove", "path": "/x/b"}),
                "remove operation does not apply: doc is missing path: \"/x/b\": missing value",
            ),
            (
                json!({"op": "remove", "path": "/data/b"}),
                "error in remove for path: '/data/b': Unable to remove nonexistent key: b: missing value",
            ),
            (
                json!({"op": "remove", "path": "/list/3"}),
                "error in remove for path: '/list/3': Unable to access invalid index: 3: invalid index referenced",
            ),
            (
                json!({"op": "replace", "path": "/data/b", "value": 1}),
                "replace operation does not apply: doc is missing key: /data/b: missing value",
            ),
            (
                json!({"op": "copy", "from": "/data/b", "path": "/data/c"}),
                "error in copy for from: '/data/b': unable to get nonexistent key: b: missing value",
            ),
            (
                json!({"op": "copy", "from": "/data/a", "path": "/x/c"}),
                "copy operation does not apply: doc is missing destination path: /x/c: missing value",
            ),
            (
                json!({"op": "move", "from": "/data/b", "path": "/data/c"}),
                "error in move for path: 'b': unable to get nonexistent key: b: missing value",
            ),
            (
                json!({"op": "test", "path": "/data/a", "value": 2}),
                "testing value /data/a failed: test failed",
            ),
        ] {
            assert_eq!(said(operation).unwrap_err(), text);
        }
    }
}
