//! Custom resources in OpenAPI (`apiextensions-apiserver/pkg/controller/openapi/builder`).

use super::dialect::{Dialect, reference};
use crate::api::custom::Custom;
use crate::api::{Dig, Resource};
use crate::json::{Map, Value, json};

const API_VERSION: &str = "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
const KIND: &str = "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
const METADATA: &str = "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

/// What version 2 of OpenAPI has no words for.
const NOT_IN_SECOND: [&str; 6] = ["nullable", "oneOf", "anyOf", "not", "default", "x-kubernetes-validations"];

/// The published name of a custom resource's schema: the group turned around, version and kind.
pub(super) fn name(row: &Resource) -> String {
    let group: Vec<&str> = row.group.split('.').rev().collect();
    format!("{}.{}.{}", group.join("."), row.version, row.kind)
}

/// The schema of a custom resource, with what all objects have.
pub(super) fn schema(row: &Resource, custom: &Custom, dialect: Dialect) -> Value {
    let mut schema = match custom.written_schema() {
        Value::Object(schema) if !custom.definition.preserves || dialect == Dialect::Third => schema.clone(),
        _ => Map::from_iter([
            ("type".to_owned(), json!("object")),
            ("x-kubernetes-preserve-unknown-fields".to_owned(), json!(true)),
        ]),
    };
    if dialect == Dialect::Second {
        cut(&mut schema);
    }
    let mut schema = Value::Object(schema);
    let mut metadata = reference("meta.v1.ObjectMeta", dialect);
    metadata.set("description", METADATA);
    schema.set("properties.metadata", metadata);
    for (name, about) in [("apiVersion", API_VERSION), ("kind", KIND)] {
        schema.set(&format!("properties.{name}"), json!({"type": "string", "description": about}));
    }
    schema["x-kubernetes-group-version-kind"] =
        json!([{"group": row.group, "version": row.version, "kind": row.kind}]);
    schema
}

fn cut(schema: &mut Map) {
    schema.retain(|key, _| !NOT_IN_SECOND.contains(&key.as_str()));
    for (key, below) in schema {
        match (key.as_str(), below) {
            ("items" | "additionalProperties", Value::Object(below)) => cut(below),
            ("properties", Value::Object(properties)) => {
                properties.values_mut().filter_map(Value::as_object_mut).for_each(cut);
            }
            _ => {}
        }
    }
}
