//! The schemas of a definition (`validateCustomResourceDefinitionValidation`).

use super::required::Required;
use super::{defaults, go, openapi, structural};
use crate::api::Dig;
use crate::api::differences::STRUCTURE_CHECKED_FIRST;
use crate::kinds::field::Field;

/// What may stand at the root beside a status subresource, whose own schema is taken out of it: in Go's names, in their
/// order.
const AT_ROOT: [(&str, &str); 22] = [
    ("Description", "description"),
    ("Type", "type"),
    ("Format", "format"),
    ("Title", "title"),
    ("Maximum", "maximum"),
    ("ExclusiveMaximum", "exclusiveMaximum"),
    ("Minimum", "minimum"),
    ("ExclusiveMinimum", "exclusiveMinimum"),
    ("MaxLength", "maxLength"),
    ("MinLength", "minLength"),
    ("Pattern", "pattern"),
    ("MaxItems", "maxItems"),
    ("MinItems", "minItems"),
    ("UniqueItems", "uniqueItems"),
    ("MultipleOf", "multipleOf"),
    ("Required", "required"),
    ("Items", "items"),
    ("Properties", "properties"),
    ("ExternalDocs", "externalDocs"),
    ("Example", "example"),
    ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields"),
    ("XValidations", "x-kubernetes-validations"),
];

/// Checks the schema of a version, or the one of all versions.
pub(super) fn validate(validation: Field<'_>, status: bool, required: &Required) {
    let schema = validation.child("openAPIV3Schema");
    if schema.is_null() {
        return;
    }
    let before = schema.errors.len();
    if status {
        beside_status(schema);
    }
    if schema.flag("nullable") {
        schema.child("nullable").forbidden("nullable cannot be true at the root");
    }
    let unsupported = structural::unsupported(schema.value).filter(|_| required.structural);
    let structure = || {
        if required.structural && unsupported.is_none() && structural::validate(schema) {
            defaults::validate(schema, required.pruned_defaults);
        }
    };
    match schema.version().has(STRUCTURE_CHECKED_FIRST) {
        true => {
            structure();
            openapi::validate(schema, required);
        }
        false => {
            openapi::validate(schema, required);
            structure();
        }
    }
    // Mostly, this is told of before as an error of its own.
    if let (Some(what), true) = (unsupported, schema.errors.len() == before) {
        schema.invalid_as("", what);
    }
}

/// Whatever else stood at the root would be lost for the status.
fn beside_status(schema: Field<'_>) {
    let version = schema.version();
    let known = |key: &str| go::SCHEMA.has(key, version);
    let at_root = |key: &crate::json::Text| AT_ROOT.iter().any(|(_, allowed)| allowed == key);
    if !matches!(schema.text("type"), "" | "object") {
        let detail = "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled";
        return schema.child("type").invalid(detail);
    }
    if schema.value.entries("").any(|(key, _)| !at_root(key)) {
        let names: Vec<&str> = AT_ROOT.iter().filter(|(_, key)| known(key)).map(|(name, _)| *name).collect();
        let (go, json) = go::schema(schema.value, version);
        let detail = format!(
            "only [{}] fields are allowed at the root of the schema if the status subresource is enabled",
            names.join(" ")
        );
        schema.invalid_go(go, json, detail);
    }
}
