//! `fmt`: values as they are printed. JSON that is read for no type has whole numbers of 64 bits, and floats for all others
//! (`k8s.io/apimachinery/pkg/util/json`).

use crate::json::{Number, Value};

/// A number as Go's `%v` prints it.
pub(crate) fn number(value: &Number) -> String {
    match value.as_i64() {
        Some(whole) => whole.to_string(),
        None => float(value.as_f64().unwrap_or_default()),
    }
}

/// A float as Go's `%v` prints it: `2`, `0.5`, `1e+06`.
pub(crate) fn float(value: f64) -> String {
    let scientific = format!("{value:e}");
    match scientific.split_once('e').map(|(digits, power)| (digits, power.parse::<i32>())) {
        Some((digits, Ok(power))) if !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", power.abs())
        }
        _ => value.to_string(),
    }
}

/// A JSON value in Go's syntax: `map[string]interface {}{"a":[]interface {}{1}}`.
pub(crate) fn syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::Bool(_) => value.to_string(),
        Value::Number(found) => number(found),
        Value::String(text) => quote(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{}:{}", quote(name), syntax(value))).collect();
            format!("map[string]interface {{}}{{{}}}", fields.join(", "))
        }
    }
}

/// A value as Go's `%v` prints it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(k, v)| format!("{k}:{}", plain(v))).collect();
            format!("map[{}]", pairs.join(" "))
        }
        Value::Array(list) => {
            let texts: Vec<String> = list.iter().map(plain).collect();
            format!("[{}]", texts.join(" "))
        }
        Value::String(text) => text.to_string(),
        Value::Number(found) => number(found),
        Value::Bool(_) => value.to_string(),
    }
}

/// The Go type of a value that came as JSON.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "map[string]interface {}",
        Value::Array(_) => "[]interface {}",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_i64() => "int64",
        Value::Number(_) => "float64",
        Value::Null => "<nil>",
    }
}

/// A string in double quotes, as Go's `%q` prints it.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\u{b}' => out.push_str("\\v"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn numbers() {
        for (text, printed, of) in [
            ("2.0", "2", "float64"),
            ("0.5", "0.5", "float64"),
            ("-0.0", "-0", "float64"),
            ("100000.0", "100000", "float64"),
            ("1000000.0", "1e+06", "float64"),
            ("0.0001", "0.0001", "float64"),
            ("0.00001", "1e-05", "float64"),
            ("1.5e300", "1.5e+300", "float64"),
            ("12", "12", "int64"),
            ("1000000", "1000000", "int64"),
            ("9223372036854775807", "9223372036854775807", "int64"),
            ("-9223372036854775808", "-9223372036854775808", "int64"),
            ("9223372036854775808", "9.223372036854776e+18", "float64"),
            ("18446744073709551615", "1.8446744073709552e+19", "float64"),
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!((plain(&value).as_str(), kind(&value)), (printed, of), "{text}");
            assert_eq!(
                plain(&json!({"b": [value, "x", null, true], "a": {}})),
                format!("map[a:map[] b:[{printed} x <nil> true]]")
            );
            assert_eq!(syntax(&value), printed);
        }
        let value = json!({"b": [1, "x", null], "a": {}});
        let text = r#"map[string]interface {}{"a":map[string]interface {}{}, "b":[]interface {}{1, "x", interface {}(nil)}}"#;
        assert_eq!(syntax(&value), text);
    }
}
