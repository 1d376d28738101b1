//! What a schema doesn't tell is dropped (`apiserver/schema/pruning`, `PruneNonNullableNullsWithoutDefaults`).

use super::{Additional, Structural};
use crate::api::value::Fields;
use crate::json::Value;

/// The fields that every object has, whatever its schema says.
const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Drops the fields of an object that its schema doesn't tell; the paths of what was dropped, sorted. Without a schema (the
/// version is not one of the definition's) all goes but kind, version and metadata.
pub(crate) fn prune(object: &mut Value, schema: Option<&Structural>) -> Vec<String> {
    let nothing = Structural::default();
    let mut pruner = Pruner::default();
    let schema = schema.unwrap_or(&nothing);
    match object {
        Value::Object(fields) => pruner.fields(fields, schema, true),
        _ => pruner.value(object, Some(schema)),
    }
    pruner.dropped.sort();
    pruner.dropped
}

/// Drops nulls where null is no value. What has a default gets it afterwards ([`super::default`]).
pub(crate) fn prune_nulls(value: &mut Value, schema: &Structural) {
    match value {
        Value::Object(fields) => fields.retain(|name, value| {
            let Some(schema) = schema.field(name) else { return true };
            let stays = schema.nullable || !value.is_null();
            prune_nulls(value, schema);
            stays
        }),
        Value::Array(items) => {
            if let Some(schema) = &schema.items {
                items.iter_mut().for_each(|item| prune_nulls(item, schema));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[derive(Default)]
struct Pruner {
    /// Where it stands.
    path: String,
    dropped: Vec<String>,
}

impl Pruner {
    fn value(&mut self, value: &mut Value, schema: Option<&Structural>) {
        match (value, schema) {
            (Value::Object(fields), Some(schema)) => self.fields(fields, schema, schema.embedded),
            (Value::Object(fields), None) => {
                fields.keys().for_each(|name| self.drop(name));
                fields.clear();
            }
            (Value::Array(items), schema) => {
                let schema = schema.and_then(|schema| schema.items.as_deref());
                for (at, item) in items.iter_mut().enumerate() {
                    self.below(&format!("[{at}]"), |pruner| pruner.value(item, schema));
                }
            }
            (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), _) => {}
        }
    }

    fn fields(&mut self, fields: &mut Fields, schema: &Structural, embedded: bool) {
        fields.retain(|name, value| {
            if embedded && META.contains(&name.as_str()) {
                return true;
            }
            let below = match (schema.properties.get(name.as_str()), &schema.additional) {
                (Some(property), _) => Some(property),
                (None, Additional::Schema(schema)) => Some(&**schema),
                (None, Additional::Any(_)) => None,
                (None, Additional::Untold) if schema.preserves => return true,
                (None, Additional::Untold) => {
                    self.drop(name);
                    return false;
                }
            };
            let step = if self.path.is_empty() { name.to_string() } else { format!(".{name}") };
            self.below(&step, |pruner| pruner.value(value, below));
            true
        });
    }

    fn below(&mut self, step: &str, prune: impl FnOnce(&mut Pruner)) {
        let length = self.path.len();
        self.path.push_str(step);
        prune(self);
        self.path.truncate(length);
    }

    fn drop(&mut self, name: &str) {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.dropped.push(format!("{}{dot}{name}", self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn what_is_not_told_goes() {
        let schema = Structural::of(&json!({
            "type": "object",
            "properties": {
                "spec": {
                    "type": "object",
                    "properties": {
                        "free": {
                            "type": "object",
                            "x-kubernetes-preserve-unknown-fields": true,
                            "properties": {"known": {"type": "object", "properties": {"a": {"type": "string"}}}},
                        },
                        "items": {"type": "array", "items": {"type": "object"}},
                        "map": {"type": "object", "additionalProperties": {"type": "object"}},
                        "any": {"type": "object", "additionalProperties": true},
                        "embedded": {"type": "object", "x-kubernetes-embedded-resource": true},
                    },
                },
            },
        }));
        let mut object = json!({
            "apiVersion": "v1", "kind": "K", "metadata": {"name": "x"}, "top": 1,
            "spec": {
                "free": {"b": {"c": 1}, "known": {"a": "x", "b": 2}},
                "items": [{}, {"x": 1}],
                "map": {"k.l": {"x": 1}},
                "any": {"a": {"b": 1}, "c": 2},
                "embedded": {"kind": "Pod", "spec": {}},
            },
        });
        let dropped = prune(&mut object, Some(&schema));
        let expected = [
            "spec.any.a.b",
            "spec.embedded.spec",
            "spec.free.known.b",
            "spec.items[1].x",
            "spec.map.k.l.x",
            "top",
        ];
        assert_eq!(dropped, expected);
        assert_eq!(object["spec"]["free"], json!({"b": {"c": 1}, "known": {"a": "x"}}));
        assert_eq!(object["spec"]["any"], json!({"a": {}, "c": 2}));
        assert_eq!(prune(&mut object, None), ["spec"]);
        assert_eq!(object, json!({"apiVersion": "v1", "kind": "K", "metadata": {"name": "x"}}));
    }

    #[test]
    fn nulls_go_where_they_are_no_values() {
        let schema = Structural::of(&json!({
            "type": "object",
            "properties": {
                "a": {"type": "string"},
                "b": {"type": "string", "nullable": true},
                "map": {"type": "object", "additionalProperties": {"type": "string"}},
                "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
            },
        }));
        let mut object =
            json!({"a": null, "b": null, "map": {"x": null}, "list": [null, {"a": null}], "other": null});
        prune_nulls(&mut object, &schema);
        assert_eq!(object, json!({"b": null, "map": {}, "list": [null, {}], "other": null}));
    }
}
