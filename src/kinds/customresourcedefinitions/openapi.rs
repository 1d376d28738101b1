//! What each part of a schema must fulfil, structural or not (`ValidateCustomResourceDefinitionOpenAPISchema`).

use super::required::Required;
use super::rules;
use crate::api::differences::ENUMS_MAY_HAVE_NULL;
use crate::api::{Dig, Errors, Version};
use crate::json::{Value, json};
use crate::kinds::field::Field;

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
const LIST_TYPES: [&str; 3] = ["atomic", "set", "map"];
const MAP_TYPES: [&str; 2] = ["atomic", "granular"];

/// What is not supported: a word of JSON Schema, in the order in which it is told.
const UNSUPPORTED: [&str; 6] =
    ["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"];

/// Why a definition of v1beta1 has no defaults.
const NO_DEFAULTS: &str =
    "(cannot set default values in apiextensions.k8s.io/v1beta1 CRDs, must use apiextensions.k8s.io/v1)";

/// What holds at a place because of the places above.
#[derive(Clone, Copy)]
struct Place<'a> {
    required: &'a Required,
    /// Why there may be no default here.
    no_default: Option<&'a str>,
    /// Whether it is a part of an object's kind or metadata.
    in_meta: bool,
    root: bool,
}

/// Checks a schema and its parts.
pub(super) fn validate(schema: Field<'_>, required: &Required) {
    let no_default = Some(NO_DEFAULTS).filter(|_| !required.defaults);
    walk(schema, Place { required, no_default, in_meta: false, root: true });
}

fn walk(schema: Field<'_>, place: Place<'_>) {
    if !schema.value.is_object() {
        return;
    }
    words(schema, place);
    let below = Place { root: false, ..place };
    if schema.flag("uniqueItems") {
        let detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        schema.child("uniqueItems").forbidden(detail);
    }
    additional_properties(schema, below);
    properties(schema, place);
    walk(schema.child("not"), below);
    for key in ["allOf", "oneOf", "anyOf"] {
        schema.items(key).for_each(|part| walk(part, below));
    }
    for (_, part) in schema.entries("definitions") {
        walk(part, below);
    }
    walk(schema.child("items"), below);
    schema.items("items").for_each(|part| walk(part, below));
    for (_, part) in schema.entries("dependencies") {
        walk(part, below);
    }
    let preserves = schema.child("x-kubernetes-preserve-unknown-fields");
    if preserves.value == &json!(false) {
        preserves.invalid("must be true or undefined");
    }
    map_type(schema);
    list_type(schema, place.required);
    if place.required.map_keys {
        map_keys(schema);
    }
    rules::validate(schema);
}

/// The words of JSON Schema that a schema has (`specStandardValidatorV3`).
fn words(schema: Field<'_>, place: Place<'_>) {
    let kind = schema.child("type");
    if place.required.types && has_unknown_type(schema.value) {
        kind.not_supported(&TYPES);
    }
    if let (true, Some(reason)) = (schema.has("default"), place.no_default) {
        schema.child("default").forbidden(format_args!("must not be set {reason}"));
    }
    for key in UNSUPPORTED {
        if schema.has(key) {
            schema.child(key).forbidden(format_args!("{key} is not supported"));
        }
    }
    if !schema.version().has(ENUMS_MAY_HAVE_NULL) {
        schema.items("enum").filter(Field::is_null).for_each(|value| value.required(""));
    }
    if kind.text("") == "null" {
        kind.forbidden("type cannot be set to null, use nullable as an alternative");
    }
    if !schema.list("items").is_empty() {
        schema.child("items").forbidden("items must be a schema object and not an array");
    }
    if place.in_meta && schema.flag("x-kubernetes-embedded-resource") {
        schema.child("x-kubernetes-embedded-resource").forbidden("must not be used inside of resource meta");
    }
}

/// Whether a schema's type is none of OpenAPI's.
pub(super) fn has_unknown_type(schema: &Value) -> bool {
    let kind = schema.text("type");
    !kind.is_empty() && !TYPES.contains(&kind)
}

fn additional_properties(schema: Field<'_>, place: Place<'_>) {
    let additional = schema.child("additionalProperties");
    if additional.is_null() {
        return;
    }
    if schema.has("properties") && additional.value != &json!(true) {
        additional.forbidden("additionalProperties and properties are mutual exclusive");
    }
    let in_meta = "inside additionalProperties applying to object metadata";
    let no_default = if place.in_meta { Some(in_meta) } else { place.no_default };
    walk(additional, Place { no_default, ..place });
}

fn properties(schema: Field<'_>, place: Place<'_>) {
    let whole = place.root || schema.flag("x-kubernetes-embedded-resource");
    for (name, property) in schema.entries("properties") {
        let meta = whole && matches!(name, "metadata" | "kind" | "apiVersion");
        let reason = format!("in top-level {name}");
        let no_default = if meta && place.root { Some(reason.as_str()) } else { place.no_default };
        walk(property, Place { no_default, in_meta: place.in_meta || meta, root: false, ..place });
    }
}

fn map_type(schema: Field<'_>) {
    let map_type = schema.child("x-kubernetes-map-type");
    if map_type.is_null() {
        return;
    }
    has_type(schema, "object", "x-kubernetes-map-type");
    map_type.one_of_if_set(&MAP_TYPES);
}

/// A schema with an extension has the type that the extension is for; answers whether it has.
fn has_type(schema: Field<'_>, wanted: &str, extension: &str) -> bool {
    let kind = schema.string("type");
    let detail = format!("must be {wanted} if {extension} is specified");
    match kind.text("") {
        "" => kind.required(detail),
        text if text == wanted => return true,
        _ => kind.invalid(detail),
    }
    false
}

fn list_type(schema: Field<'_>, required: &Required) {
    let list_type = schema.child("x-kubernetes-list-type");
    let (items, keys) = (schema.child("items"), schema.child("x-kubernetes-list-map-keys"));
    if !list_type.is_null() {
        let is_list = has_type(schema, "array", "x-kubernetes-list-type");
        if is_list && required.atomic_sets && is_set_of_parts(schema.value) {
            let key = match items.text("type") {
                "array" => "x-kubernetes-list-type",
                _ => "x-kubernetes-map-type",
            };
            // The list's type is shown in either case.
            let shown = items.value.at("x-kubernetes-list-type");
            items
                .told_as(key, shown)
                .invalid("must be atomic as item of a list with x-kubernetes-list-type=set");
        }
        list_type.one_of_if_set(&LIST_TYPES);
    }
    if !keys.is_null() && list_type.text("") != "map" {
        let detail = "must be map if x-kubernetes-list-map-keys is non-empty";
        if list_type.is_null() { list_type.required(detail) } else { list_type.invalid(detail) }
    }
    if list_type.text("") == "map" {
        if keys.is_null() {
            keys.required("must not be empty if x-kubernetes-list-type is map");
        }
        match items.value {
            Value::Null => items.required("must have a schema if x-kubernetes-list-type is map"),
            Value::Object(_) => map_items(items, keys),
            _ => items.invalid("must only have a single schema if x-kubernetes-list-type is map"),
        }
    }
}

/// Whether a list is a set of what an apply takes apart.
pub(super) fn is_set_of_parts(schema: &Value) -> bool {
    if schema.text("x-kubernetes-list-type") != "set" {
        return false;
    }
    let items = schema.at("items");
    match items.text("type") {
        "array" => !matches!(items.at("x-kubernetes-list-type").as_str(), None | Some("atomic")),
        "object" => items.text("x-kubernetes-map-type") != "atomic",
        _ => false,
    }
}

/// The keys of a list that is a map tell its items apart.
fn map_items(items: Field<'_>, keys: Field<'_>) {
    let kind = items.string("type");
    if kind.text("") != "object" {
        return kind.invalid("must be object if parent array's x-kubernetes-list-type is map");
    }
    let properties = items.child("properties");
    let names = keys.value.texts("");
    for (i, name) in names.iter().enumerate() {
        let property = properties.entry(name);
        if property.is_null() {
            keys.invalid("entries must all be names of item properties");
        } else if matches!(property.text("type"), "array" | "object") {
            // The type of the items is shown.
            let kind = property.told_as("type", kind.value);
            kind.invalid("must be a scalar type if parent array's x-kubernetes-list-type is map");
        }
        if names.iter().take(i).any(|other| other == name) {
            keys.invalid("must not contain duplicate entries");
        }
    }
}

/// The items of a map or set are there, and the keys of a map are (`validateMapListKeysMapSet`).
fn map_keys(schema: Field<'_>) {
    let list_type = schema.text("x-kubernetes-list-type");
    let items = schema.child("items");
    if !items.value.is_object() || !matches!(list_type, "set" | "map") {
        return;
    }
    if items.flag("nullable") {
        let detail = format!("cannot be nullable when x-kubernetes-list-type is {list_type}");
        items.child("nullable").forbidden(detail);
    }
    if list_type == "set" {
        return;
    }
    let properties = items.child("properties");
    for key in schema.value.texts("x-kubernetes-list-map-keys") {
        let property = properties.entry(key);
        if property.is_null() {
            continue;
        }
        if !items.value.texts("required").contains(&key) && !property.has("default") {
            property.child("default").required(
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
            );
        }
        if property.flag("nullable") {
            let detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
            property.child("nullable").forbidden(detail);
        }
    }
}

/// Whether the items or keys of a map or set may be missing.
pub(super) fn has_wrong_keys(schema: &Value) -> bool {
    let errors = Errors::new(Version::NEWEST);
    map_keys(Field::of(schema, &errors));
    !errors.is_empty()
}
