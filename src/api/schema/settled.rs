//! What becomes of an object on its way through etcd: protobuf does not tell an empty list from none, and what Go reads
//! it writes with all that is never omitted.

use super::{Definition, Schema, Type, Zero, zeros};
use crate::json::Value;

/// Makes of an object what is read of it.
pub(crate) fn settle(object: &mut Value, definition: &'static Definition, schema: &'static Schema) {
    empty(object, definition, schema);
    zeros::write(object, definition, schema);
}

/// Makes null of lists and maps that are empty and written always; others were left out when they were read.
fn empty(object: &mut Value, definition: &'static Definition, schema: &'static Schema) {
    let Value::Object(fields) = object else { return };
    for (key, value) in fields.iter_mut() {
        if let Some(field) = definition.field(key) {
            if field.zero == Zero::Written && is_empty(value, &field.kind) {
                *value = Value::Null;
            }
            zeros::inside(value, &field.kind, schema, empty);
        }
    }
}

fn is_empty(value: &Value, kind: &Type) -> bool {
    match (kind, value) {
        (Type::List(_), Value::Array(items)) => items.is_empty(),
        (Type::Map(_), Value::Object(entries)) => entries.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Version;
    use crate::api::schema::schema;
    use crate::json::json;

    #[test]
    fn an_empty_list_comes_back_as_none() {
        let types = schema(Version::NEWEST);
        let mut slice = json!({"metadata": {}, "addressType": "IPv6", "endpoints": []});
        let definition = types.of_kind("discovery.k8s.io", "v1", "EndpointSlice").expect("a kind");
        settle(&mut slice, definition, types);
        assert_eq!(slice, json!({"metadata": {}, "addressType": "IPv6", "endpoints": null, "ports": null}));
    }
}
