//! What does not fit the types of the objects that a policy sees (`policy/validating/typechecking.go`).
//!
//! Only warnings: a policy that does not fit works all the same.

use super::compile;
use crate::api::custom::Custom;
use crate::api::schema::schema;
use crate::api::{Dig, Resource, Resources, Version};
use crate::cel::{Object, Type};
use crate::json::{Value, json};
use crate::rules::{Declared, declare};
use std::sync::Arc;

/// No more types than these are looked at.
const TYPES_MAX: usize = 10;

/// `status.typeChecking` of a ValidatingAdmissionPolicy.
pub(crate) fn check(policy: &Value, table: &Resources) -> Value {
    let rows = rows(policy, table);
    let mut warnings: Vec<Value> = Vec::new();
    for (i, validation) in policy.list("spec.validations").iter().enumerate() {
        for key in ["expression", "messageExpression"] {
            let text = validation.text(key);
            let told: Vec<String> = rows
                .iter()
                .filter(|_| !text.is_empty())
                .filter_map(|row| warning(policy, row, text, table))
                .collect();
            if !told.is_empty() {
                warnings.push(json!({
                    "fieldRef": format!("spec.validations[{i}].{key}"),
                    "warning": told.join("\n"),
                }));
            }
        }
    }
    if warnings.is_empty() { json!({}) } else { json!({"expressionWarnings": warnings}) }
}

/// What is wrong with an expression about objects of a row.
fn warning(policy: &Value, row: &Resource, text: &str, table: &Resources) -> Option<String> {
    let version = table.version();
    let types = schema(version);
    let named = |row: &Resource| {
        if let Some(custom) = &row.custom {
            return of_custom(custom, version);
        }
        let found = types.of_kind(&row.kind_group, &row.kind_version, &row.kind);
        found.map_or(Type::Dyn, |definition| Type::Named(definition.name.to_owned()))
    };
    let object = named(row);
    let mut env =
        compile::plain(version, policy, true).with("object", object.clone()).with("oldObject", object);
    let kind = policy.at("spec.paramKind");
    let api_version = kind.text("apiVersion");
    let (group, of) = api_version.split_once('/').unwrap_or(("", api_version));
    if let Some(params) = table.by_kind(group, of, kind.text("kind")) {
        env = env.with("params", named(params));
    }
    let (env, _) = compile::variables(env, policy);
    let why = env.compile(text).err()?;
    let slash = if row.kind_group.is_empty() { "/" } else { "" };
    Some(format!("{slash}{}, Kind={}: {why}\n", row.kind_api_version(), row.kind))
}

/// The type of the objects of a custom resource: what their schema says, and what every object has.
fn of_custom(custom: &Custom, version: Version) -> Type {
    let declared = custom.schema().and_then(|schema| declare(schema, false, &custom.kind, version));
    let Some(Declared { of: Type::Object(object), .. }) = declared else { return Type::Dyn };
    let mut fields = object.fields.clone();
    for (name, of) in [
        ("apiVersion", Type::String),
        ("kind", Type::String),
        ("metadata", Type::Named("meta.v1.ObjectMeta".to_owned())),
    ] {
        fields.insert(name.to_owned(), of);
    }
    Type::Object(Arc::new(Object { name: object.name.clone(), fields }))
}

/// The rows of the resource table that a policy names: group, version and resource by name, no subresources.
fn rows<'a>(policy: &Value, table: &'a Resources) -> Vec<&'a Resource> {
    let mut found: Vec<&Resource> = Vec::new();
    for rule in policy.list("spec.matchConstraints.resourceRules") {
        let words = |key: &str| {
            let list = rule.list(key).iter().filter_map(Value::as_str);
            let mut list: Vec<&str> = list.collect();
            list.sort_unstable();
            list
        };
        let (groups, versions) = (words("apiGroups"), words("apiVersions"));
        if groups.iter().chain(&versions).any(|word| word.contains('*')) {
            continue;
        }
        for group in groups {
            for of in &versions {
                let plain = words("resources").into_iter().filter(|name| !name.contains(['*', '/']));
                let rows = plain.filter_map(|name| table.find(group, of, name, ""));
                found.extend(rows.take(TYPES_MAX).map(|row| &**row));
            }
        }
    }
    let kind = |row: &Resource| (row.kind_group.clone(), row.kind_version.clone(), row.kind.clone());
    found.sort_by_cached_key(|row| kind(row));
    found.dedup_by_key(|row| kind(row));
    found.truncate(TYPES_MAX);
    found
}
