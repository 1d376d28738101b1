//! The columns in which people see custom objects.

use crate::kinds::field::Field;

const TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const FORMATS: [&str; 8] = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

/// Checks a column (`ValidateCustomResourceColumnDefinition`).
pub(super) fn validate(column: Field<'_>) {
    if column.text("name").is_empty() {
        column.child("name").required("");
    }
    let (kind, format) = (column.child("type"), column.child("format"));
    let types = format!("must be one of {}", TYPES.join(","));
    match kind.text("") {
        "" => kind.required(types),
        text if TYPES.contains(&text) => {}
        _ => kind.invalid(types),
    }
    if !format.text("").is_empty() && !FORMATS.contains(&format.text("")) {
        format.invalid(format_args!("must be one of {}", FORMATS.join(",")));
    }
    let path = column.told_as("JSONPath", column.child("jsonPath").value);
    match path.text("") {
        "" => path.required(""),
        _ => simple_path(path),
    }
}

/// A path begins with a dot; what follows is looked at only when somebody reads a table.
pub(super) fn simple_path(path: Field<'_>) {
    if !is_simple(path.text("")) {
        path.invalid("must be a simple json path starting with .");
    }
}

/// Whether a path begins with a dot.
pub(super) fn is_simple(path: &str) -> bool {
    path.starts_with('.')
}
