//! What was left out gets its default (`apiserver/schema/defaulting`).

use super::Structural;
use crate::json::Value;

/// Fills an object with the defaults of its schema: where nothing is, and where null is no value.
pub(crate) fn default(value: &mut Value, schema: &Structural) {
    match value {
        Value::Object(fields) => {
            for (name, schema) in &schema.properties {
                let Some(default) = &schema.default else { continue };
                if fields.get(name).is_none_or(|value| value.is_null() && !schema.nullable) {
                    fields.insert(name.clone(), default.clone());
                }
            }
            for (name, value) in fields {
                if let Some(schema) = schema.field(name) {
                    replace_null(value, schema);
                    default(value, schema);
                }
            }
        }
        Value::Array(items) => {
            let Some(schema) = &schema.items else { return };
            for item in items {
                replace_null(item, schema);
                default(item, schema);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn replace_null(value: &mut Value, schema: &Structural) {
    if let (true, false, Some(default)) = (value.is_null(), schema.nullable, &schema.default) {
        value.clone_from(default);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn defaults_fill_what_is_not_there() {
        let schema = Structural::of(&json!({
            "type": "object",
            "properties": {
                "spec": {
                    "type": "object",
                    "default": {"mode": "given"},
                    "properties": {
                        "mode": {"type": "string", "default": "auto"},
                        "options": {
                            "type": "object",
                            "default": {},
                            "properties": {"deep": {"type": "string", "default": "d"}},
                        },
                        "lone": {"type": "object", "properties": {"inside": {"type": "integer", "default": 5}}},
                        "null": {"type": "string", "nullable": true, "default": "z"},
                        "list": {"type": "array", "items": {"type": "string", "default": "i"}},
                        "map": {
                            "type": "object",
                            "additionalProperties": {
                                "type": "object",
                                "properties": {"q": {"type": "integer", "default": 1}},
                            },
                        },
                    },
                },
            },
        }));
        for (given, filled) in [
            (json!({}), json!({"mode": "given", "null": "z", "options": {"deep": "d"}})),
            (json!({"spec": {}}), json!({"mode": "auto", "null": "z", "options": {"deep": "d"}})),
            (
                json!({"spec": {"mode": null, "null": null, "options": {"deep": "x"}, "lone": {}}}),
                json!({"mode": "auto", "null": null, "options": {"deep": "x"}, "lone": {"inside": 5}}),
            ),
            (
                json!({"spec": {"list": [null, "x"], "map": {"a": {}, "b": {"q": 2}}}}),
                json!({
                    "mode": "auto", "null": "z", "options": {"deep": "d"}, "list": ["i", "x"],
                    "map": {"a": {"q": 1}, "b": {"q": 2}},
                }),
            ),
        ] {
            let mut object = given.clone();
            default(&mut object, &schema);
            assert_eq!(object["spec"], filled, "{given}");
        }
    }
}
