//! The fields that select custom objects (`ValidateCustomResourceSelectableFields`).

use super::field_path::field_path;
use crate::api::Dig;
use crate::json::Value;
use crate::kinds::field::Field;

const MOST: usize = 8;

/// Checks the selectable fields of a spec or version, whose schema is in `validation`.
pub(super) fn validate(of: Field<'_>, validation: &Value, needs: &str) {
    let fields = of.child("selectableFields");
    if fields.list("").is_empty() {
        return;
    }
    if !validation.has("openAPIV3Schema") {
        return fields.invalid_as("", format_args!("selectableFields may only be set {needs}"));
    }
    let schema = validation.at("openAPIV3Schema");
    let mut seen = Vec::new();
    for field in fields.items("") {
        let path = field.child("jsonPath");
        if path.text("").is_empty() {
            path.required("");
            continue;
        }
        let found = match field_path(path.text(""), schema, false) {
            Ok(found) => found,
            Err(why) => {
                path.invalid(format_args!("is an invalid path: {why}"));
                continue;
            }
        };
        if found.path.first().is_some_and(|root| root == "metadata") {
            path.invalid("must not point to fields in metadata");
        }
        if !matches!(found.schema.text("type"), "string" | "boolean" | "integer") {
            path.invalid(
                "must point to a field of type string, boolean or integer. Enum string fields and strings with \
                 formats are allowed.",
            );
        }
        match seen.contains(&found.path) {
            true => path.duplicate(),
            false => seen.push(found.path),
        }
    }
    if seen.len() > MOST {
        fields.errors.too_many(fields.path, seen.len(), MOST);
    }
}
