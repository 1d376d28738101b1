//! What maps and lists of a strategic merge patch share: the directive `$patch`.

use super::{failed, go_map};
use crate::api::Status;
use crate::api::value::Fields;
use serde_json::Value;

pub(super) const DIRECTIVE: &str = "$patch";

/// The type of a value in Go.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

pub(super) fn unknown_directive(directive: &Value, patch: &Fields) -> Status {
    let shown = match directive {
        Value::String(directive) => directive.clone(),
        other => format!("%!s({}={})", kind_of(other), go_map(other)),
    };
    failed(format!("unknown patch type: {shown} in map: {}", go_map(&Value::Object(patch.clone()))))
}
