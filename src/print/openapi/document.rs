//! The documents as JSON.

use super::custom;
use super::dialect::{Dialect, public, reference};
use super::words;
use crate::api::Version;
use crate::api::resources::{Resource, Resources};
use crate::api::schema::{Definition, Field, Strategy, Type, schema};
use crate::json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The document of version 2.
pub(super) fn second(table: &Resources) -> Value {
    let version = table.version();
    let rows = || table.iter();
    let paths: Map = rows().filter_map(|row| path(row, Dialect::Second)).collect();
    json!({
        "swagger": "2.0", "info": {"title": "Kubernetes", "version": format!("v{version}.0")},
        "paths": paths, "definitions": definitions(version, rows(), Dialect::Second),
    })
}

/// The document of version 3 of one group version.
pub(super) fn third(table: &Resources, group: &str, of: &str) -> Value {
    let version = table.version();
    let rows = || table.of_group_version(group, of);
    let paths: Map = rows().filter_map(|row| path(row, Dialect::Third)).collect();
    json!({
        "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": version.to_string()},
        "paths": paths, "components": {"schemas": definitions(version, rows(), Dialect::Third)},
    })
}

/// The path of one object, with its `PATCH`.
fn path(row: &Resource, dialect: Dialect) -> Option<(String, Value)> {
    if !row.has_verb("patch") || !row.subresource.is_empty() {
        return None;
    }
    let base = if row.group.is_empty() { "/api" } else { "/apis" };
    let namespace = if row.namespaced { "/namespaces/{namespace}" } else { "" };
    let path = format!("{base}/{}{namespace}/{}/{{name}}", row.api_version(), row.name);
    let parameters: Vec<Value> = ["dryRun", "fieldManager", "fieldValidation"]
        .iter()
        .map(|name| match dialect {
            Dialect::Second => json!({"name": name, "in": "query", "type": "string", "uniqueItems": true}),
            Dialect::Third => {
                json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}})
            }
        })
        .collect();
    let strategic = row.custom.is_none().then_some("application/strategic-merge-patch+json");
    let patches: Vec<&str> = ["application/json-patch+json", "application/merge-patch+json"]
        .into_iter()
        .chain(strategic)
        .chain(["application/apply-patch+yaml"])
        .collect();
    let mut operation = json!({
        "parameters": parameters, "responses": {"200": {"description": "OK"}}, "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": {"group": row.group, "version": row.version, "kind": row.kind},
    });
    match dialect {
        Dialect::Second => operation["consumes"] = json!(patches),
        Dialect::Third => {
            let content: Map =
                patches.iter().map(|media| ((*media).to_owned(), json!({"schema": {}}))).collect();
            operation["requestBody"] = json!({"content": content, "required": true});
        }
    }
    Some((path, json!({"patch": operation})))
}

/// The definitions of the kinds in these rows, and all that they are made of.
fn definitions<'a>(
    version: Version,
    rows: impl Iterator<Item = &'a Arc<Resource>>,
    dialect: Dialect,
) -> Value {
    let schema = schema(version);
    let mut open: Vec<&'static Definition> = Vec::new();
    let mut done: BTreeMap<String, Value> = BTreeMap::new();
    for row in rows.filter(|row| row.subresource.is_empty()) {
        match &row.custom {
            Some(of) => {
                done.insert(custom::name(row), custom::schema(row, of, dialect));
                open.extend(schema.definition("meta.v1.ObjectMeta"));
            }
            None => open.extend(schema.of_kind(&row.kind_group, &row.kind_version, &row.kind)),
        }
    }
    open.extend(schema.definition("meta.v1.DeleteOptions"));
    while let Some(definition) = open.pop() {
        let name = public(definition.name);
        if done.contains_key(&name) {
            continue;
        }
        done.insert(name, write(definition, dialect));
        for field in definition.fields() {
            let mut kind = &field.kind;
            while let Type::List(inner) | Type::Map(inner) = kind {
                kind = inner;
            }
            open.extend(schema.of_type(kind));
        }
    }
    json!(done)
}

fn write(definition: &Definition, dialect: Dialect) -> Value {
    let about = |field: &Field| {
        let mut property = property(field, dialect);
        if let Some(about) = words::about(definition.name, field.name) {
            property["description"] = about.into();
        }
        (field.name.to_owned(), property)
    };
    let properties: Map = definition.fields().iter().map(about).collect();
    let required = definition.fields().iter().filter(|field| field.required);
    let required: Vec<&str> = required.map(|field| field.name).collect();
    let mut out = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        out["required"] = json!(required);
    }
    if let Some(about) = words::about(definition.name, "") {
        out["description"] = about.into();
    }
    if let Some((group, version, kind)) = definition.kind.filter(|(group, ..)| *group != "*") {
        out["x-kubernetes-group-version-kind"] = json!([{"group": group, "version": version, "kind": kind}]);
    }
    out
}

fn property(field: &Field, dialect: Dialect) -> Value {
    let mut out = of_type(&field.kind, dialect);
    let (strategy, key) = match field.strategy {
        Strategy::Plain => ("", ""),
        Strategy::MergeBy(key) => ("merge", key),
        Strategy::Merge => ("merge", ""),
        Strategy::Replace => ("replace", ""),
    };
    let strategy = match (strategy, field.retain_keys) {
        ("", true) => "retainKeys".to_owned(),
        (strategy, true) => format!("{strategy},retainKeys"),
        (strategy, false) => strategy.to_owned(),
    };
    if !strategy.is_empty() {
        out["x-kubernetes-patch-strategy"] = strategy.into();
    }
    if !key.is_empty() {
        out["x-kubernetes-patch-merge-key"] = key.into();
    }
    if !field.map_keys.is_empty() {
        out["x-kubernetes-list-type"] = "map".into();
        out["x-kubernetes-list-map-keys"] = json!(field.map_keys);
    } else if field.set {
        out["x-kubernetes-list-type"] = "set".into();
    }
    if !field.values.is_empty() {
        out["enum"] = json!(field.values);
    }
    out
}

fn of_type(kind: &Type, dialect: Dialect) -> Value {
    match kind {
        Type::String | Type::Quantity => json!({"type": "string"}),
        Type::Int32 => json!({"type": "integer", "format": "int32"}),
        Type::Int64 => json!({"type": "integer", "format": "int64"}),
        Type::Bool => json!({"type": "boolean"}),
        Type::Double => json!({"type": "number", "format": "double"}),
        Type::IntOrString => json!({"type": "string", "format": "int-or-string"}),
        Type::Time | Type::MicroTime => json!({"type": "string", "format": "date-time"}),
        Type::Bytes => json!({"type": "string", "format": "byte"}),
        // A schema that says nothing is none to kubectl's explanations.
        Type::Any => match dialect {
            Dialect::Second => json!({}),
            Dialect::Third => json!({"description": "Any value."}),
        },
        Type::List(item) => json!({"type": "array", "items": of_type(item, dialect)}),
        Type::Map(item) => json!({"type": "object", "additionalProperties": of_type(item, dialect)}),
        Type::Object(name) => reference(name, dialect),
    }
}
