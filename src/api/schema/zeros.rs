//! What Go writes of fields that nobody gave: those that are never omitted.

use super::{Definition, Schema, Type, Zero};
use crate::json::{Value, json};

/// Writes the zero values of an object, and of all that it holds.
pub(crate) fn write(object: &mut Value, definition: &'static Definition, schema: &'static Schema) {
    let Value::Object(fields) = object else { return };
    for field in definition.fields() {
        if let Some(value) = fields.get_mut(field.name) {
            inside(value, &field.kind, schema, write);
        } else if field.zero == Zero::Written
            && let Some(zero) = zero(&field.kind, schema)
        {
            fields.insert(field.name.to_owned(), zero);
        }
    }
}

/// Does to each object in a value what `each` does to one.
pub(super) fn inside(
    value: &mut Value,
    kind: &'static Type,
    schema: &'static Schema,
    each: fn(&mut Value, &'static Definition, &'static Schema),
) {
    match (kind, value) {
        (Type::List(of), Value::Array(items)) => {
            items.iter_mut().for_each(|item| inside(item, of, schema, each));
        }
        (Type::Map(of), Value::Object(items)) => {
            items.values_mut().for_each(|item| inside(item, of, schema, each));
        }
        (kind @ Type::Object(_), value) => {
            if let Some(definition) = schema.of_type(kind) {
                each(value, definition, schema);
            }
        }
        _ => {}
    }
}

/// The zero value of a type; none where it depends on who writes it.
fn zero(kind: &'static Type, schema: &'static Schema) -> Option<Value> {
    match kind {
        Type::Time | Type::MicroTime | Type::Any => None,
        Type::Object(_) => {
            let mut object = json!({});
            write(&mut object, schema.of_type(kind)?, schema);
            Some(object)
        }
        kind => Some(plain(kind)),
    }
}

/// The zero value of a type that is no object; null where that is none.
pub(crate) fn plain(kind: &Type) -> Value {
    match kind {
        Type::String => json!(""),
        Type::Int32 | Type::Int64 | Type::Double | Type::IntOrString => json!(0),
        Type::Bool => json!(false),
        Type::Quantity => json!("0"),
        Type::Bytes
        | Type::List(_)
        | Type::Map(_)
        | Type::Time
        | Type::MicroTime
        | Type::Any
        | Type::Object(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Version;
    use crate::api::schema::schema;

    #[test]
    fn a_role_without_rules_has_none() {
        let types = schema(Version::NEWEST);
        let mut role = json!({"metadata": {"name": "a"}});
        let definition = types.of_kind("rbac.authorization.k8s.io", "v1", "Role").expect("a kind");
        write(&mut role, definition, types);
        assert_eq!(role, json!({"metadata": {"name": "a"}, "rules": null}));
    }
}
