//! A Status as Go writes one: its fields in the order of `metav1.Status`, since clients compare its text.
//!
//! Differs from Kubernetes: of any other object the fields come in the order of their names.

use crate::api::Dig;
use crate::json::{Map, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The fields of a struct, in its order, each with what it holds.
struct Fields(&'static [(&'static str, &'static Fields)]);

const LEAF: Fields = Fields(&[]);

/// `metav1.Status`.
const STATUS: Fields = Fields(&[
    ("kind", &LEAF),
    ("apiVersion", &LEAF),
    ("metadata", &LEAF),
    ("status", &LEAF),
    ("message", &LEAF),
    ("reason", &LEAF),
    ("details", &DETAILS),
    ("code", &LEAF),
]);

/// `metav1.StatusDetails`.
const DETAILS: Fields = Fields(&[
    ("name", &LEAF),
    ("group", &LEAF),
    ("kind", &LEAF),
    ("uid", &LEAF),
    ("causes", &CAUSE),
    ("retryAfterSeconds", &LEAF),
]);

/// `metav1.StatusCause`.
const CAUSE: Fields = Fields(&[("reason", &LEAF), ("message", &LEAF), ("field", &LEAF)]);

/// What is written of a Status.
pub(super) struct InOrder<'a> {
    value: &'a Value,
    fields: &'static Fields,
}

impl InOrder<'_> {
    /// A Status of the API server itself; none of what is something else.
    pub(super) fn of(object: &Value) -> Option<InOrder<'_>> {
        let is_one = object.text("kind") == "Status" && object.text("apiVersion") == "v1";
        is_one.then_some(InOrder { value: object, fields: &STATUS })
    }
}

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Object(map) => written(map, self.fields, serializer),
            Value::Array(list) => {
                serializer.collect_seq(list.iter().map(|value| InOrder { value, fields: self.fields }))
            }
            leaf => leaf.serialize(serializer),
        }
    }
}

fn written<S: Serializer>(map: &Map, fields: &Fields, serializer: S) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(map.len()))?;
    for (name, fields) in fields.0 {
        if let Some(value) = map.get(name) {
            object.serialize_entry(name, &InOrder { value, fields })?;
        }
    }
    for (name, value) in map.iter() {
        if !fields.0.iter().any(|(known, _)| *known == name.as_str()) {
            object.serialize_entry(name, value)?;
        }
    }
    object.end()
}

#[cfg(test)]
mod tests {
    use super::InOrder;
    use crate::json::json;

    #[test]
    fn fields_come_as_go_has_them() {
        let status = json!({
            "apiVersion": "v1", "code": 422, "kind": "Status", "message": "m", "metadata": {}, "reason": "Invalid",
            "status": "Failure", "details": {
                "causes": [{"field": "f", "message": "m", "reason": "r"}], "group": "g", "kind": "k", "name": "n",
            },
        });
        assert_eq!(
            serde_json::to_string(&InOrder::of(&status)).expect("it is written"),
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"m\",\"reason\":\"Invalid\",\
             \"details\":{\"name\":\"n\",\"group\":\"g\",\"kind\":\"k\",\"causes\":[{\"reason\":\"r\",\"message\":\"m\",\"field\":\"f\"}]},\
             \"code\":422}"
        );
        assert!(InOrder::of(&json!({"kind": "Pod", "apiVersion": "v1"})).is_none());
    }
}
