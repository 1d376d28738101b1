//! The defaults of a structural schema fit it (`pkg/apiserver/schema/defaulting/validation.go`).
//!
//! # Differs from Kubernetes
//!
//! A default inside an object's metadata is held against its own schema alone, not against the metadata that it makes.

use crate::api::field::{go_json, go_value};
use crate::api::structural::{Structural, prune};
use crate::api::{Errors, Version};
use crate::json::{Value, json};
use crate::kinds::custom::validate_default;
use crate::kinds::field::Field;

/// Checks the defaults of a structural schema; `pruned` says whether they may have no unknown fields.
pub(super) fn validate(schema: Field<'_>, pruned: bool) {
    walk(schema, true, false, &mut |default, structural, in_meta| {
        if pruned && !in_meta && !is_pruned(default.value, structural) {
            let (go, json) = (go_value(default.value), go_json(default.value));
            default.invalid_go(go, json, "must not have unknown fields");
        }
        validate_default(default, structural);
    });
}

/// Whether a schema's defaults have no unknown fields.
pub(super) fn are_pruned(schema: &Value) -> bool {
    let errors = Errors::new(Version::NEWEST);
    let mut pruned = true;
    walk(Field::of(schema, &errors), true, false, &mut |default, structural, in_meta| {
        pruned &= in_meta || is_pruned(default.value, structural);
    });
    pruned
}

/// Visits each default with the schema that it is a default of, and whether it is of an object's kind or metadata. There
/// are none to look at in `additionalProperties`.
fn walk(schema: Field<'_>, whole: bool, in_meta: bool, visit: &mut dyn FnMut(Field<'_>, &Structural, bool)) {
    let whole = whole || schema.flag("x-kubernetes-embedded-resource");
    let in_meta = in_meta && !whole;
    if schema.has("default") {
        let mut structural = Structural::of(schema.value);
        structural.embedded |= whole;
        visit(schema.child("default"), &structural, in_meta);
    }
    if schema.has("items") {
        walk(schema.child("items"), false, in_meta, visit);
    }
    for (name, property) in schema.entries("properties") {
        let meta = whole && matches!(name, "metadata" | "apiVersion" | "kind");
        walk(property, false, in_meta || meta, visit);
    }
}

/// Whether a value has no fields that its schema doesn't tell.
fn is_pruned(value: &Value, schema: &Structural) -> bool {
    // An object is pruned as a custom one is, which has kind and metadata; its fields are not.
    let mut holder = Structural::default();
    holder.properties.insert("default".to_owned(), schema.clone());
    prune(&mut json!({"default": value}), Some(&holder)).is_empty()
}
