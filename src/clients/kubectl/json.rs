//! JSON as Go writes it.

use crate::json::Value;

/// JSON on one line, as Go writes it: `<`, `>` and `&` are escaped.
pub(super) fn json_line(value: &Value) -> String {
    escape(value.to_string())
}

/// JSON indented by four spaces.
pub(super) fn json_pretty(value: &Value) -> String {
    json_indented(value, "    ")
}

/// JSON indented by that much a level.
pub(super) fn json_indented(value: &Value, indent: &str) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // Writing a JSON value into memory cannot fail.
    let _ = serde::Serialize::serialize(value, &mut serializer);
    escape(String::from_utf8_lossy(&bytes).into_owned()) + "\n"
}

fn escape(text: String) -> String {
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
