//! References from one object to another in fields.

use crate::api::Dig;
use crate::api::differences::WORDS_WITHOUT_FIELD;
use crate::api::names::{dns1123_subdomain, path_segment};
use crate::json::Value;
use crate::kinds::field::Field;

/// Checks a reference by group, kind and name to something in the same namespace
/// (`validateIngressTypedLocalObjectReference`).
pub(crate) fn typed_local(reference: Field<'_>) {
    if reference.is_null() {
        return;
    }
    let group = reference.child("apiGroup");
    if !group.is_null() {
        group.invalid_each(dns1123_subdomain(group.text("")));
    }
    for key in ["kind", "name"] {
        let field = reference.child(key);
        match field.text("") {
            "" if field.version().has(WORDS_WITHOUT_FIELD) => field.required(""),
            "" => field.required(format_args!("{key} is required")),
            text => field.invalid_each(path_segment(text, false)),
        }
    }
}

/// A reference whose group is a pointer without `omitempty` shows that it has none (`core.v1.TypedLocalObjectReference`).
pub(crate) fn show_group(object: &mut Value, path: &str) {
    if let Some(reference) = object.at_mut(path).and_then(Value::as_object_mut) {
        reference.entry("apiGroup").or_insert(Value::Null);
    }
}
