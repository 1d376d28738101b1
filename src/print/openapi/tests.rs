//! Goal: whoever explains a kind from the documents (`kubectl explain --recursive`) comes to an end, for every kind of every release.
//! Method: the same walk over the schemas of version 3, as kubectl's template goes it.

use super::document;
use crate::api::resources::resources;
use crate::api::{Dig, Version};
use crate::json::Value;

/// What is said of a type: nothing that is empty, and no reference that leads nowhere; how many fields were seen.
fn explain(schema: &Value, all: &Value, at: &str, open: &mut Vec<String>) -> usize {
    let is_empty = schema.as_object().is_none_or(|schema| schema.is_empty());
    assert!(!is_empty, "{at}: a schema that says nothing");
    let reference = schema.list("allOf").first().unwrap_or(schema).text("$ref").to_owned();
    if let Some(name) = reference.strip_prefix("#/components/schemas/") {
        // A type within itself is explained once.
        if open.iter().any(|known| known == name) {
            return 0;
        }
        let found = all.get(name).unwrap_or_else(|| panic!("{at}: there is no {name}"));
        open.push(name.to_owned());
        let seen = explain(found, all, at, open);
        open.pop();
        return seen;
    }
    let mut seen = 0;
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key).filter(|inner| inner.is_object()) {
            seen += explain(inner, all, at, open);
        }
    }
    for (name, property) in schema.entries("properties") {
        seen += 1 + explain(property, all, &format!("{at}.{name}"), open);
    }
    seen
}

#[test]
fn every_kind_of_every_release_is_explained() {
    for version in Version::all() {
        let table = resources(version);
        for (group, of) in table.group_versions() {
            let document = document::third(table, group, of);
            let all = document.at("components.schemas").clone();
            for row in table.of_group_version(group, of).filter(|row| row.subresource.is_empty()) {
                let is_it = |schema: &Value| {
                    let kinds = schema.list("x-kubernetes-group-version-kind");
                    kinds.iter().any(|kind| {
                        let told = (kind.text("group"), kind.text("version"), kind.text("kind"));
                        told == (row.kind_group.as_ref(), row.kind_version.as_ref(), row.kind.as_ref())
                    })
                };
                let schemas = all.entries("").find(|(_, schema)| is_it(schema));
                let (name, schema) =
                    schemas.unwrap_or_else(|| panic!("{version}: {} has no schema", row.kind));
                let seen = explain(schema, &all, &format!("{version} {name}"), &mut Vec::new());
                assert!(seen > 2, "{version}: {name} has {seen} fields");
            }
        }
    }
}

#[test]
fn kinds_of_this_field_have_their_words() {
    let table = resources(Version::DEFAULT);
    let document = document::third(table, "rbac.authorization.k8s.io", "v1");
    let role = document.at("components.schemas").get("io.k8s.api.rbac.v1.Role").expect("it is there");
    assert!(role.text("description").starts_with("Rights in one namespace."), "{role}");
    assert!(role.text("properties.rules.description").starts_with("What is allowed"), "{role}");
}
