//! A definition's schemas and their parts (`SchemaHas`, `HasSchemaWith`).

use crate::api::Dig;
use crate::json::Value;

/// Whether a spec, or one of its versions, has a status subresource.
pub(super) fn any_status(spec: &Value) -> bool {
    let versions = spec.list("versions").iter();
    versions.chain([spec]).any(|place| place.has("subresources.status"))
}

/// The schemas of a spec in its internal form.
pub(super) fn roots(spec: &Value) -> impl Iterator<Item = &Value> {
    let versions = spec.list("versions").iter().map(|version| version.at("schema.openAPIV3Schema"));
    let shared = spec.at("validation.openAPIV3Schema");
    [shared].into_iter().chain(versions).filter(|schema| !schema.is_null())
}

/// Whether a part of a spec's schemas is as `wanted`.
pub(super) fn any(spec: &Value, wanted: &dyn Fn(&Value) -> bool) -> bool {
    roots(spec).any(|schema| has(schema, wanted))
}

/// Whether a schema or a part of it is as `wanted` (`SchemaHas`).
pub(super) fn has(schema: &Value, wanted: &dyn Fn(&Value) -> bool) -> bool {
    wanted(schema) || parts(schema).any(|part| has(part, wanted))
}

/// The schemas right below one, in the order in which Kubernetes walks them.
pub(super) fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["items", "allOf", "anyOf", "oneOf"].into_iter().flat_map(|key| schema.list(key));
    let lists = Some(schema.at("items")).into_iter().chain(lists).chain([schema.at("not")]);
    let entries = |key: &str| schema.entries(key).map(|(_, part)| part).collect::<Vec<_>>();
    let maps = [
        entries("properties"),
        vec![schema.at("additionalProperties")],
        entries("patternProperties"),
        vec![schema.at("additionalItems")],
        entries("definitions"),
        entries("dependencies"),
    ];
    lists.chain(maps.into_iter().flatten()).filter(|part| part.is_object())
}

/// Whether a schema says what JSON Schema has no word for.
pub(super) fn has_extensions(schema: &Value) -> bool {
    let set = ["x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"];
    let there = [
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-validations",
    ];
    set.iter().any(|key| schema.flag(key)) || there.iter().any(|key| schema.has(key))
}
