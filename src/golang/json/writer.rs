//! What `encoding/json` writes: no spaces, and markup as numbers.

use super::Json;
use std::collections::BTreeMap;

impl Json {
    /// The value as a map of Go's has it: by key, of several values under one key the last.
    pub(crate) fn sorted(self) -> Json {
        match self {
            Json::List(items) => Json::List(items.into_iter().map(Json::sorted).collect()),
            Json::Map(entries) => {
                let sorted: BTreeMap<_, _> =
                    entries.into_iter().map(|(key, value)| (key, value.sorted())).collect();
                Json::Map(sorted.into_iter().collect())
            }
            plain => plain,
        }
    }
}

/// The text of a value.
pub(crate) fn write(value: &Json) -> String {
    let mut out = String::new();
    push(&mut out, value);
    out
}

fn push(out: &mut String, value: &Json) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(number) => {
            let spelled = number.to_string();
            out.push_str(spelled.strip_suffix(".0").unwrap_or(&spelled));
        }
        Json::String(text) => push_text(out, text),
        Json::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                push_comma(out, at);
                push(out, item);
            }
            out.push(']');
        }
        Json::Map(entries) => {
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                push_comma(out, at);
                push_text(out, key);
                out.push(':');
                push(out, value);
            }
            out.push('}');
        }
    }
}

fn push_comma(out: &mut String, at: usize) {
    if at > 0 {
        out.push(',');
    }
}

/// A string, with what would be markup as numbers.
fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..=' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' if letter != ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn values_are_written_as_go_writes_maps() {
        for (text, written) in [
            (r#" { "b" : [1, 2.0 ,1.5], "a":null, "b": {} } "#, r#"{"a":null,"b":{}}"#),
            (r#"[1.0, -0, true, false]"#, "[1,-0,true,false]"),
            (
                "\"<&>\\u0001\\b \\\"\\\\\\n\\u2028ä\"",
                "\"\\u003c\\u0026\\u003e\\u0001\\u0008 \\\"\\\\\\n\\u2028ä\"",
            ),
        ] {
            assert_eq!(write(&read(text.as_bytes()).unwrap().sorted()), written);
        }
    }
}
