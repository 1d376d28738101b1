//! The text of an object that a patch made of another one (`evanphx/json-patch`), as a server reads it again: what the patch did
//! not touch stands as the server wrote it, in the order of Go's fields; the rest stands in the order of keys.
//!
//! # Differs from Kubernetes
//!
//! A patch that looks at a part and leaves it as it was (`test`) touches it, too; here it does not.

use super::gotypes::declared;
use crate::api::schema::{Definition, Schema, Type};
use crate::golang::json::Json;
use crate::json::{Text, Value};

/// The object in the order of its text; `before` is what the patch found.
pub(super) fn ordered(
    object: &Value,
    before: &Value,
    definition: &'static Definition,
    schema: &'static Schema,
) -> Json {
    if object == before {
        return declared_object(object, definition, schema);
    }
    let Value::Object(fields) = object else { return Json::from(object.clone()) };
    let entry = |(key, value): (&Text, &Value)| {
        let before = before.get(key).unwrap_or(&Value::Null);
        let kind = definition.field(key).map(|field| &field.kind);
        let value = match (kind, value == before) {
            (Some(kind), true) => declared_value(value, kind, schema),
            (Some(kind), false) => match schema.of_type(kind) {
                Some(inner) => ordered(value, before, inner, schema),
                None => Json::from(value.clone()),
            },
            (None, _) => Json::from(value.clone()),
        };
        (key.clone(), value)
    };
    Json::Map(fields.iter().map(entry).collect())
}

/// A value as Go writes it.
fn declared_value(value: &Value, kind: &'static Type, schema: &'static Schema) -> Json {
    match (kind, value) {
        (Type::List(item), Value::Array(items)) => {
            Json::List(items.iter().map(|value| declared_value(value, item, schema)).collect())
        }
        (Type::Map(item), Value::Object(entries)) => {
            let entry = |(key, value): (&Text, &Value)| (key.clone(), declared_value(value, item, schema));
            Json::Map(entries.iter().map(entry).collect())
        }
        (kind, value) => match schema.of_type(kind) {
            Some(definition) => declared_object(value, definition, schema),
            None => Json::from(value.clone()),
        },
    }
}

fn declared_object(value: &Value, definition: &'static Definition, schema: &'static Schema) -> Json {
    let Value::Object(fields) = value else { return Json::from(value.clone()) };
    let entry = |key: &'static str| {
        let kind = &definition.field(key)?.kind;
        match fields.get(key) {
            Some(value) => Some((Text::new_static(key), declared_value(value, kind, schema))),
            // No pointer: it is written where nobody gave it.
            None if key == "creationTimestamp" => Some((Text::new_static(key), Json::Null)),
            None => None,
        }
    };
    Json::Map(declared(definition).into_iter().filter_map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Version, schema};
    use crate::golang::json::write;
    use crate::json;

    #[test]
    fn what_a_patch_left_stands_in_the_order_of_gos_fields() {
        let schema = schema::schema(Version::minor(20));
        let definition = schema.definition("core.v1.Pod").unwrap();
        let before = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"b": "1", "a": "2"}, "name": "p"},
            "spec": {
                "containers": [{"image": "i", "name": "c", "env": [{"value": "v", "name": "n"}]}],
                "volumes": [{"emptyDir": {}, "name": "v"}],
            },
        });
        let metadata = r#""metadata":{"name":"p","creationTimestamp":null,"labels":{"a":"2","b":"1"}}"#;
        let volumes = r#""volumes":[{"name":"v","emptyDir":{}}]"#;
        let containers = r#""containers":[{"name":"c","image":"i","env":[{"name":"n","value":"v"}]}]"#;
        let text = |object: &Value| write(&ordered(object, &before, definition, schema));
        assert_eq!(
            text(&before),
            format!(r#"{{"kind":"Pod","apiVersion":"v1",{metadata},"spec":{{{volumes},{containers}}}}}"#)
        );
        let mut object = before.clone();
        object["spec"]["nodeName"] = json!("n");
        assert_eq!(
            text(&object),
            format!(
                r#"{{"apiVersion":"v1","kind":"Pod",{metadata},"spec":{{{containers},"nodeName":"n",{volumes}}}}}"#
            )
        );
        assert_eq!(text(&json!([1])), "[1]");
    }
}
