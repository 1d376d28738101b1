//! The three-way patch of `kubectl apply` (`strategicpatch.CreateThreeWayMergePatch`): what the manifest now says and
//! the server does not have, and what the last manifest said and this one does not.
//!
//! How a field merges is what the release's types say of it, as the server's OpenAPI document does. An object of which only one
//! may be meant (a strategy, a volume) is sent with the keys that it keeps (`$retainKeys`).

use super::Ctx;
use crate::api::schema::{Definition, Field, Schema, Strategy, Type, schema};
use crate::api::{Dig, Version};
use crate::json::{Map, Value, json};

/// The type of an object that a strategic merge patch changes.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    schema: &'static Schema,
    definition: Option<&'static Definition>,
}

impl Ctx<'_> {
    /// The type of an object, as the server has it.
    pub(super) fn shape(&self, object: &Value) -> Shape {
        Shape::of_kind(object.text("apiVersion"), object.text("kind"), self.client.version())
    }
}

impl Shape {
    fn of_kind(api_version: &str, kind: &str, version: Version) -> Shape {
        let (group, of) = api_version.split_once('/').unwrap_or(("", api_version));
        let schema = schema(version);
        Shape { schema, definition: schema.of_kind(group, of, kind) }
    }

    fn field(self, name: &str) -> Option<&'static Field> {
        self.definition?.field(name)
    }

    /// The type of a field, or of the items of a list.
    fn inside(self, field: Option<&'static Field>) -> Shape {
        let definition = field.and_then(|field| match &field.kind {
            Type::List(item) => self.schema.of_type(item),
            kind => self.schema.of_type(kind),
        });
        Shape { definition, ..self }
    }
}

/// What a patch is of: a strategic one knows types.
type Types = Option<Shape>;

fn inside(types: Types, field: Option<&'static Field>) -> Types {
    types.map(|shape| shape.inside(field))
}

/// How a field merges.
fn strategy(field: Option<&'static Field>) -> Strategy {
    field.map_or(Strategy::Plain, |field| field.strategy)
}

/// Tells the keys that an object keeps, where its patch is to take away all others.
fn retain(field: Option<&'static Field>, have: &Value, want: &Value, inner: &mut Map) {
    let (Some(have), Some(want)) = (have.as_object(), want.as_object()) else { return };
    let others = have.iter().any(|(key, value)| !value.is_null() && !want.contains_key(key));
    if field.is_some_and(|field| field.retain_keys) && !want.is_empty() && (!inner.is_empty() || others) {
        inner.insert("$retainKeys".to_owned(), want.keys().cloned().collect::<Vec<_>>().into());
    }
}

/// The patch that turns `current` into what `modified` says, with what `original` said taken away. Without
/// types it is a JSON merge patch.
pub(super) fn three_way(original: &Value, modified: &Value, current: &Value, types: Types) -> Value {
    let mut patch = Map::new();
    changes(current, modified, types, &mut patch);
    deletions(original, modified, current, types, &mut patch);
    Value::Object(patch)
}

/// What `wanted` has and `current` has not, or otherwise.
fn changes(current: &Value, wanted: &Value, types: Types, patch: &mut Map) {
    for (field, want) in wanted.as_object().into_iter().flatten() {
        let have = current.get(field).unwrap_or(&Value::Null);
        let known = types.and_then(|shape| shape.field(field));
        match (have, want) {
            (have, want) if same(have, want) => {}
            (_, Value::Null) if have.is_null() => {}
            (_, Value::Null) => {
                patch.insert(field.clone(), Value::Null);
            }
            (Value::Object(_), Value::Object(_)) => {
                let mut inner = Map::new();
                changes(have, want, inside(types, known), &mut inner);
                retain(known, have, want, &mut inner);
                if !inner.is_empty() {
                    patch.insert(field.clone(), Value::Object(inner));
                }
            }
            (Value::Array(had), Value::Array(list)) => match strategy(known) {
                Strategy::MergeBy(key) => keyed_changes((field, key, known), had, list, types, patch),
                Strategy::Merge => {
                    let missing: Vec<Value> = list.iter().filter(|v| !had.contains(v)).cloned().collect();
                    if !missing.is_empty() {
                        patch.insert(field.clone(), missing.into());
                    }
                }
                Strategy::Plain | Strategy::Replace => {
                    patch.insert(field.clone(), want.clone());
                }
            },
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

/// A list of objects, the key by which it merges, and its field.
type Keyed<'a> = (&'a str, &'a str, Option<&'static Field>);

fn keyed_changes(
    (field, key, known): Keyed<'_>,
    had: &[Value],
    list: &[Value],
    types: Types,
    patch: &mut Map,
) {
    let mut changed = Vec::new();
    for item in list {
        let name = item.get(key).cloned().unwrap_or_default();
        match by_key(had, key, &name) {
            None => changed.push(item.clone()),
            Some(have) => {
                let mut inner = Map::new();
                changes(have, item, inside(types, known), &mut inner);
                retain(known, have, item, &mut inner);
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
fn deletions(original: &Value, modified: &Value, current: &Value, types: Types, patch: &mut Map) {
    for (field, was) in original.as_object().into_iter().flatten() {
        let now = modified.get(field).unwrap_or(&Value::Null);
        let have = current.get(field).unwrap_or(&Value::Null);
        let known = types.and_then(|shape| shape.field(field));
        match (was, now) {
            (Value::Null, _) => {}
            (_, Value::Null) if have.is_null() => {}
            (_, Value::Null) => {
                patch.insert(field.clone(), Value::Null);
            }
            (Value::Object(_), Value::Object(_)) => {
                let mut inner = take_map(patch, field);
                deletions(was, now, have, inside(types, known), &mut inner);
                if !inner.is_empty() {
                    patch.insert(field.clone(), Value::Object(inner));
                }
            }
            (Value::Array(was), Value::Array(now)) => match strategy(known) {
                Strategy::MergeBy(key) => {
                    keyed_deletions((field, key, known), (was, now, have), types, patch)
                }
                Strategy::Merge => {
                    let gone: Vec<Value> = was.iter().filter(|v| !now.contains(v)).cloned().collect();
                    if !gone.is_empty() {
                        patch.insert(format!("$deleteFromPrimitiveList/{field}"), gone.into());
                    }
                }
                Strategy::Plain | Strategy::Replace => {}
            },
            _ => {}
        }
    }
}

fn take_map(patch: &mut Map, field: &str) -> Map {
    match patch.remove(field) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn keyed_deletions(
    (field, key, known): Keyed<'_>,
    (was, now, have): (&[Value], &[Value], &Value),
    types: Types,
    patch: &mut Map,
) {
    let have = have.as_array().map(crate::json::List::as_slice).unwrap_or_default();
    let mut list = match patch.remove(field) {
        Some(Value::Array(list)) => Vec::from(list),
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
                deletions(item, next, current, inside(types, known), &mut inner);
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
    use super::{Shape, three_way};
    use crate::api::Version;
    use crate::json::json;

    #[test]
    fn additions_changes_and_deletions() {
        let types = Some(Shape::of_kind("apps/v1", "Deployment", Version::NEWEST));
        let pods = |spec| json!({"template": {"spec": spec}});
        let deployment = |spec: crate::json::Value| json!({"spec": spec});
        let was = pods(json!({"containers": [{"name": "a", "image": "x"}, {"name": "b"}]}));
        let now = pods(json!({"containers": [{"name": "a", "image": "y"}]}));
        let have = pods(json!({"containers": [{"name": "a", "image": "x", "tty": true}, {"name": "b"}]}));
        let want = pods(json!({"$setElementOrder/containers": [{"name": "a"}],
            "containers": [{"name": "a", "image": "y"}, {"name": "b", "$patch": "delete"}]}));
        let [was, now, have, want] = [was, now, have, want].map(deployment);
        assert_eq!(three_way(&was, &now, &have, types), want);
        assert_eq!(three_way(&now, &now, &now, types), json!({}));
        // Without types lists are replaced.
        assert_eq!(three_way(&was, &now, &have, None), now);
        // What a list's items are keyed by is its type's: ports of containers are no ports of services.
        let [was, now] = [80, 81].map(|port| json!({"spec": {"ports": [{"port": port}]}}));
        let types = Some(Shape::of_kind("v1", "Service", Version::NEWEST));
        let want = json!({"spec": {"$setElementOrder/ports": [{"port": 81}],
            "ports": [{"port": 81}, {"port": 80, "$patch": "delete"}]}});
        assert_eq!(three_way(&was, &now, &was, types), want);
    }

    #[test]
    fn of_a_strategy_only_what_is_meant_is_kept() {
        let types = Some(Shape::of_kind("apps/v1", "Deployment", Version::NEWEST));
        let deployment = |strategy: crate::json::Value| json!({"spec": {"strategy": strategy}});
        let have = deployment(json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}));
        let recreate = deployment(json!({"type": "Recreate"}));
        let want = deployment(json!({"$retainKeys": ["type"], "type": "Recreate"}));
        assert_eq!(three_way(&recreate, &recreate, &have, types), want);
        let plain = deployment(json!({"type": "RollingUpdate"}));
        let want = deployment(json!({"$retainKeys": ["type"]}));
        assert_eq!(three_way(&plain, &plain, &have, types), want);
        assert_eq!(three_way(&have, &have, &have, types), json!({}));
    }
}
