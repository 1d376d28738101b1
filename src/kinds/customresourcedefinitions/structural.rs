//! Whether a schema is structural (`pkg/apiserver/schema/{validation,complete,convert}.go`): each field has its type
//! told outside of `allOf`, `anyOf`, `oneOf` and `not`, and what stands there only checks values.

use super::parts;
use crate::api::{Dig, Errors, Version};
use crate::golang::regexp;
use crate::json::{Value, json};
use crate::kinds::field::Field;

const PRESERVES: &str = "x-kubernetes-preserve-unknown-fields";
const EMBEDDED: &str = "x-kubernetes-embedded-resource";
const INT_OR_STRING: &str = "x-kubernetes-int-or-string";

/// Where a schema stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// What a structural schema can't have: what it is called, and the words for it.
const UNSUPPORTED: [(&str, &str); 7] = [
    ("id", "id"),
    ("$schema", "schema"),
    ("$ref", "$ref"),
    ("patternProperties", "patternProperties"),
    ("dependencies", "dependencies"),
    ("additionalItems", "additionalItems"),
    ("definitions", "definitions"),
];

/// Why a schema can't be read as a structural one (`NewStructural`).
pub(super) fn unsupported(schema: &Value) -> Option<String> {
    if let Some((_, name)) = UNSUPPORTED.iter().find(|(key, _)| schema.has(key)) {
        return Some(format!("OpenAPIV3Schema '{name}' is not supported"));
    }
    if schema.at("items").is_array() {
        return Some("OpenAPIV3Schema 'items' must be a schema, but is an array".to_owned());
    }
    if schema.at(PRESERVES) == &json!(false) {
        return Some(format!("internal error: '{PRESERVES}' must be true or undefined"));
    }
    parts::parts(schema).find_map(unsupported)
}

/// Whether a schema is structural.
pub(super) fn is_structural(schema: &Value) -> bool {
    let errors = Errors::new(Version::NEWEST);
    unsupported(schema).is_none() && validate(Field::of(schema, &errors))
}

/// Tells what is not structural in a schema that can be read as such, sorted by text; answers whether it is.
pub(super) fn validate(schema: Field<'_>) -> bool {
    let found = Errors::new(schema.version());
    let apart = Field { errors: &found, ..schema };
    invariants(apart, Level::Root);
    complete(apart, apart);
    let good = found.is_empty();
    found.sort();
    schema.errors.append(found);
    good
}

/// What holds of each part (`validateStructuralInvariants`).
fn invariants(schema: Field<'_>, level: Level) {
    let kind = schema.child("type");
    let items = schema.child("items");
    match items.is_null() {
        true if kind.text("") == "array" => items.required("must be specified"),
        true => {}
        false => invariants(items, Level::Item),
    }
    for (_, property) in schema.entries("properties") {
        invariants(property, Level::Field);
    }
    let additional = schema.child("additionalProperties");
    if !additional.is_null() && level == Level::Root {
        additional.forbidden("must not be used at the root");
    }
    if additional.value.is_object() {
        invariants(additional, Level::Field);
    }
    extensions(schema);
    value_checks(schema, is_int_or_string(schema.value), is_int_or_string(schema.value.at("allOf.0")));
    type_is_told(schema, level);
    if schema.flag(EMBEDDED) && !additional.is_null() {
        additional.forbidden("must not be used if x-kubernetes-embedded-resource is set");
    }
    if level == Level::Root && !matches!(kind.text(""), "" | "object") {
        kind.invalid("must be object at the root");
    }
    metadata(schema, level);
    if schema.flag(EMBEDDED) && !schema.flag(PRESERVES) && !schema.has("properties") {
        schema.child("properties").required(
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
        );
    }
}

fn type_is_told(schema: Field<'_>, level: Level) {
    let kind = schema.string("type");
    match (kind.text(""), schema.flag(EMBEDDED)) {
        ("object", _) => {}
        (text, true) => {
            let detail = "must be object if x-kubernetes-embedded-resource is true";
            if text.is_empty() { kind.required(detail) } else { kind.invalid(detail) }
        }
        ("", false) if !schema.flag(INT_OR_STRING) && !schema.flag(PRESERVES) => kind.required(match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        }),
        _ => {}
    }
}

/// What an object that travels by itself, or is kept in another one, may say of kind and metadata.
fn metadata(schema: Field<'_>, level: Level) {
    let whole = level == Level::Root || schema.flag(EMBEDDED);
    let properties = schema.child("properties");
    for name in ["kind", "apiVersion"] {
        let property = properties.entry(name);
        let kind = property.string("type");
        if whole && !property.is_null() && kind.text("") != "string" {
            kind.invalid("must be string");
        }
    }
    let metadata = properties.entry("metadata");
    if metadata.is_null() {
        return;
    }
    let kind = metadata.string("type");
    if whole && kind.text("") != "object" {
        kind.invalid("must be object");
    }
    if level == Level::Root && !restricts_names_only(metadata.value) {
        metadata.forbidden(
            "must not specify anything other than name and generateName, but metadata is implicitly specified",
        );
    }
}

fn restricts_names_only(metadata: &Value) -> bool {
    let untold = ["type", "default", "externalDocs", "example"];
    metadata.entries("").all(|(key, value)| match key.as_str() {
        "properties" => value.entries("").all(|(name, _)| matches!(name.as_str(), "name" | "generateName")),
        key => untold.contains(&key),
    })
}

fn extensions(schema: Field<'_>) {
    for key in [PRESERVES, EMBEDDED] {
        if schema.flag(INT_OR_STRING) && schema.flag(key) {
            schema.child(key).invalid("must be false if x-kubernetes-int-or-string is true");
        }
    }
}

/// Whether a schema is one of the two forms in which types may stand below `anyOf`.
fn is_int_or_string(schema: &Value) -> bool {
    schema.at("anyOf") == &json!([{"type": "integer"}, {"type": "string"}])
}

/// The checks of values in a schema (`validateValueValidation`): the first two of its forms may name types.
fn value_checks(schema: Field<'_>, skip_any: bool, skip_first_all: bool) {
    if !skip_any {
        schema.items("anyOf").for_each(|nested| nested_checks(nested, false));
    }
    for (i, nested) in schema.items("allOf").enumerate() {
        nested_checks(nested, skip_first_all && i == 0);
    }
    schema.items("oneOf").for_each(|nested| nested_checks(nested, false));
    if schema.has("not") {
        nested_checks(schema.child("not"), false);
    }
    pattern(schema.child("pattern"));
}

fn pattern(pattern: Field<'_>) {
    if let Err(error) = regexp::compile(pattern.text("")) {
        pattern.invalid(format_args!("must be a valid regular expression, but isn't: {error}"));
    }
}

/// What a nested check may not say (`validateNestedValueValidation`): its name, and the words.
const NOT_NESTED: [(&str, &str); 13] = [
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    (PRESERVES, "must be false to be structural"),
    (EMBEDDED, "must be false to be structural"),
    (INT_OR_STRING, "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    ("x-kubernetes-validations", "must be empty to be structural"),
];

fn nested_checks(nested: Field<'_>, skip_any: bool) {
    value_checks(nested, skip_any, false);
    if nested.has("items") {
        nested_checks(nested.child("items"), false);
    }
    for (_, property) in nested.entries("properties") {
        nested_checks(property, false);
    }
    for (key, detail) in NOT_NESTED {
        if nested.has(key) {
            nested.child(key).forbidden(detail);
        }
    }
    let properties = nested.child("properties");
    let metadata = properties.entry("metadata");
    if !metadata.is_null() {
        metadata.forbidden("must not be specified in a nested context");
    }
}

/// What nested checks at the root speak of is told outside of them, too (`validateStructuralCompleteness`): `checks` and
/// `told` are at the same place of an object.
fn complete(checks: Field<'_>, told: Field<'_>) {
    if checks.has("not") {
        nested_complete(checks.child("not"), told);
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        checks.items(key).for_each(|nested| nested_complete(nested, told));
    }
}

fn nested_complete(nested: Field<'_>, told: Field<'_>) {
    if told.is_null() {
        return told.required(format_args!("because it is defined in {}", nested.path));
    }
    complete(nested, told);
    if nested.has("items") {
        nested_complete(nested.child("items"), told.child("items"));
    }
    let properties = told.child("properties");
    for (name, property) in nested.entries("properties") {
        nested_complete(property, properties.entry(name));
    }
}
