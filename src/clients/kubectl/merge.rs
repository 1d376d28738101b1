//! The three-way patch of `kubectl apply` (`strategicpatch.CreateThreeWayMergePatch`): what the manifest now says and
//! the server does not have, and what the last manifest said and this one does not.
//!
//! Differs from Kubernetes: which lists are merged by key is known by the names of the built-in types' fields, not from
//! the server's OpenAPI document.

use serde_json::{Map, Value, json};

/// Fields that are lists of objects merged by a key, with the key.
const KEYED: &[(&str, &str)] = &[
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("env", "name"),
    ("volumes", "name"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("imagePullSecrets", "name"),
    ("hostAliases", "ip"),
    ("secrets", "name"),
    ("ownerReferences", "uid"),
    ("conditions", "type"),
    ("topologySpreadConstraints", "topologyKey"),
    ("resourceClaims", "name"),
];

/// Fields that are merged as sets.
const SETS: &[&str] = &["finalizers"];

/// The key by which a list is merged; `ports` are keyed in containers and services each in their way.
fn key_of(field: &str, list: &[Value]) -> Option<&'static str> {
    if field == "ports" {
        let in_container = list.iter().any(|p| p.get("containerPort").is_some());
        return Some(if in_container { "containerPort" } else { "port" });
    }
    KEYED.iter().find(|(name, _)| *name == field).map(|(_, key)| *key)
}

/// The patch that turns `current` into what `modified` says, with what `original` said taken away. With `strategic`
/// off it is a JSON merge patch.
pub(super) fn three_way(original: &Value, modified: &Value, current: &Value, strategic: bool) -> Value {
    let mut patch = Map::new();
    changes(current, modified, strategic, &mut patch);
    deletions(original, modified, current, strategic, &mut patch);
    Value::Object(patch)
}

/// What `wanted` has and `current` has not, or otherwise.
fn changes(current: &Value, wanted: &Value, strategic: bool, patch: &mut Map<String, Value>) {
    for (field, want) in wanted.as_object().into_iter().flatten() {
        let have = current.get(field).unwrap_or(&Value::Null);
        match (have, want) {
            (have, want) if same(have, want) => {}
            (_, Value::Null) if have.is_null() => {}
            (_, Value::Null) => {
                patch.insert(field.clone(), Value::Null);
            }
            (Value::Object(_), Value::Object(_)) => {
                let mut inner = Map::new();
                changes(have, want, strategic, &mut inner);
                if !inner.is_empty() {
                    patch.insert(field.clone(), Value::Object(inner));
                }
            }
            (Value::Array(had), Value::Array(list)) => {
                let key = if strategic { key_of(field, list) } else { None };
                match key {
                    Some(key) => keyed_changes(field, key, had, list, patch),
                    None if strategic && SETS.contains(&field.as_str()) => {
                        let missing: Vec<Value> = list.iter().filter(|v| !had.contains(v)).cloned().collect();
                        if !missing.is_empty() {
                            patch.insert(field.clone(), missing.into());
                        }
                    }
                    None => {
                        patch.insert(field.clone(), want.clone());
                    }
                }
            }
            _ => {
                patch.insert(field.clone(), want.clone());
            }
        }
    }
}

/// Equal as far as a manifest can tell: an empty value is an absent one only where both are.
fn same(have: &Value, want: &Value) -> bool {
    match (have, want) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => have == want,
    }
}

fn by_key<'a>(list: &'a [Value], key: &str, value: &Value) -> Option<&'a Value> {
    list.iter().find(|item| item.get(key) == Some(value))
}

fn keyed_changes(field: &str, key: &str, had: &[Value], list: &[Value], patch: &mut Map<String, Value>) {
    let mut changed = Vec::new();
    for item in list {
        let name = item.get(key).cloned().unwrap_or_default();
        match by_key(had, key, &name) {
            None => changed.push(item.clone()),
            Some(have) => {
                let mut inner = Map::new();
                changes(have, item, true, &mut inner);
                if !inner.is_empty() {
                    inner.insert(key.to_owned(), name);
                    changed.push(Value::Object(inner));
                }
            }
        }
    }
    if changed.is_empty() {
        return;
    }
    let order: Vec<Value> = list.iter().map(|item| json!({key: item.get(key)})).collect();
    patch.insert(format!("$setElementOrder/{field}"), order.into());
    patch.insert(field.to_owned(), changed.into());
}

/// What the last manifest held and this one does not.
fn deletions(
    original: &Value,
    modified: &Value,
    current: &Value,
    strategic: bool,
    patch: &mut Map<String, Value>,
) {
    for (field, was) in original.as_object().into_iter().flatten() {
        let now = modified.get(field).unwrap_or(&Value::Null);
        let have = current.get(field).unwrap_or(&Value::Null);
        match (was, now) {
            (Value::Null, _) => {}
            (_, Value::Null) if have.is_null() => {}
            (_, Value::Null) => {
                patch.insert(field.clone(), Value::Null);
            }
            (Value::Object(_), Value::Object(_)) => {
                let mut inner = take_map(patch, field);
                deletions(was, now, have, strategic, &mut inner);
                if !inner.is_empty() {
                    patch.insert(field.clone(), Value::Object(inner));
                }
            }
            (Value::Array(was), Value::Array(now)) if strategic => {
                if let Some(key) = key_of(field, was) {
                    keyed_deletions(field, key, (was, now, have), patch);
                } else if SETS.contains(&field.as_str()) {
                    let gone: Vec<Value> = was.iter().filter(|v| !now.contains(v)).cloned().collect();
                    if !gone.is_empty() {
                        patch.insert(format!("$deleteFromPrimitiveList/{field}"), gone.into());
                    }
                }
            }
            _ => {}
        }
    }
}

fn take_map(patch: &mut Map<String, Value>, field: &str) -> Map<String, Value> {
    match patch.remove(field) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn keyed_deletions(
    field: &str,
    key: &str,
    (was, now, have): (&[Value], &[Value], &Value),
    patch: &mut Map<String, Value>,
) {
    let have = have.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut list = match patch.remove(field) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    let before = list.clone();
    for item in was {
        let name = item.get(key).cloned().unwrap_or_default();
        let Some(current) = by_key(have, key, &name) else {
            continue;
        };
        match by_key(now, key, &name) {
            None => list.push(json!({"$patch": "delete", key: name})),
            Some(next) => {
                let place = list.iter().position(|i| i.get(key) == Some(&name));
                let mut inner = match place.map(|i| list.remove(i)) {
                    Some(Value::Object(map)) => map,
                    _ => Map::new(),
                };
                deletions(item, next, current, true, &mut inner);
                if !inner.is_empty() {
                    inner.insert(key.to_owned(), name);
                    list.insert(place.unwrap_or(list.len()), Value::Object(inner));
                }
            }
        }
    }
    if list.is_empty() {
        return;
    }
    if list != before {
        let order: Vec<Value> = now.iter().map(|item| json!({key: item.get(key)})).collect();
        patch.insert(format!("$setElementOrder/{field}"), order.into());
    }
    patch.insert(field.to_owned(), list.into());
}

#[cfg(test)]
mod tests {
    use super::three_way;
    use serde_json::json;

    #[test]
    fn additions_changes_and_deletions() {
        let was = json!({"spec": {"replicas": 1, "paused": true, "t": {"containers": [{"name": "a", "image": "x"}, {"name": "b"}]}}});
        let now = json!({"spec": {"replicas": 2, "t": {"containers": [{"name": "a", "image": "y"}]}}});
        let have = json!({"spec": {"replicas": 1, "paused": true, "kept": 1,
            "t": {"containers": [{"name": "a", "image": "x", "tty": true}, {"name": "b"}]}}});
        let want = json!({"spec": {"paused": null, "replicas": 2, "t": {"$setElementOrder/containers": [{"name": "a"}],
            "containers": [{"name": "a", "image": "y"}, {"name": "b", "$patch": "delete"}]}}});
        assert_eq!(three_way(&was, &now, &have, true), want);
        assert_eq!(
            three_way(&now, &now, &json!({"spec": {"replicas": 2, "t": now["spec"]["t"]}}), true),
            json!({})
        );
    }
}
