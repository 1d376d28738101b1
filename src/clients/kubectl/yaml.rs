//! YAML as kubectl writes it (`sigs.k8s.io/yaml` over go-yaml 2): sorted keys, lists not indented, plain where possible.

use crate::json::Value;

/// Writes a value as a document.
pub(super) fn write(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(&mut out, value, 0, false),
        Value::Array(list) if !list.is_empty() => sequence(&mut out, list, 0, false),
        _ => {
            out.push_str(&scalar(value, 0));
            out.push('\n');
        }
    }
    out
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// `inline` leaves the first line's indentation to the dash before it.
fn mapping(out: &mut String, value: &Value, depth: usize, mut inline: bool) {
    for (key, value) in value.as_object().into_iter().flatten() {
        if !std::mem::take(&mut inline) {
            indent(out, depth);
        }
        out.push_str(&scalar(&Value::String(key.clone()), depth));
        out.push(':');
        match value {
            Value::Object(map) if !map.is_empty() => {
                out.push('\n');
                mapping(out, value, depth + 1, false);
            }
            Value::Array(list) if !list.is_empty() => {
                out.push('\n');
                sequence(out, list, depth, false);
            }
            _ => {
                out.push(' ');
                out.push_str(&scalar(value, depth + 1));
                out.push('\n');
            }
        }
    }
}

fn sequence(out: &mut String, list: &[Value], depth: usize, mut inline: bool) {
    for value in list {
        if !std::mem::take(&mut inline) {
            indent(out, depth);
        }
        out.push_str("- ");
        match value {
            Value::Object(map) if !map.is_empty() => mapping(out, value, depth + 1, true),
            Value::Array(list) if !list.is_empty() => sequence(out, list, depth + 1, true),
            _ => {
                out.push_str(&scalar(value, depth + 1));
                out.push('\n');
            }
        }
    }
}

fn scalar(value: &Value, depth: usize) -> String {
    match value {
        Value::Object(_) => "{}".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        Value::String(text) => string(text, depth),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn string(text: &str, depth: usize) -> String {
    let printable = text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control());
    if text.contains('\n') && printable && text.chars().any(|c| c != '\n') {
        return block(text, depth);
    }
    if !printable || text.contains('\n') || text.contains('\t') {
        return crate::json::Value::from(text).to_string();
    }
    if reads_as_other(text) {
        return format!("\"{text}\"");
    }
    if is_plain(text) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// A literal block, its chomping told by the trailing newlines.
fn block(text: &str, depth: usize) -> String {
    let chomp = match text.chars().rev().take_while(|c| *c == '\n').count() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let hint = if text.starts_with([' ', '\n']) { "2" } else { "" };
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.split('\n').fold(format!("|{hint}{chomp}"), |mut out, line| {
        out.push('\n');
        if !line.is_empty() {
            indent(&mut out, depth.max(1));
            out.push_str(line);
        }
        out
    })
}

/// Whether a reader would take the text for something else than a string.
fn reads_as_other(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf", "+.inf",
        "-.inf", "<<",
    ];
    let lower = text.to_lowercase();
    if WORDS.contains(&lower.as_str()) {
        let same_case = text == lower || text == text.to_uppercase() || {
            let mut letters = text.chars();
            letters.next().is_some_and(char::is_uppercase) && letters.all(|c| !c.is_uppercase())
        };
        return same_case;
    }
    let digits = text.trim_start_matches(['+', '-']).replace('_', "");
    let number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(|c: char| c.is_ascii_digit())
        && !digits.to_lowercase().contains("inf")
        && (digits.parse::<f64>().is_ok()
            || ["0x", "0o", "0b"].iter().any(|p| {
                let radix = match *p {
                    "0x" => 16,
                    "0o" => 8,
                    _ => 2,
                };
                digits.strip_prefix(p).is_some_and(|d| u64::from_str_radix(d, radix).is_ok())
            }));
    number || is_time(text)
}

/// YAML 1.1 timestamps, and sexagesimal numbers.
fn is_time(text: &str) -> bool {
    let mut parts = text.split(['-', 'T', ':', ' ']);
    let date = text.len() >= 8
        && text.chars().take(4).all(|c| c.is_ascii_digit())
        && text.chars().nth(4) == Some('-')
        && parts.next().is_some_and(|p| p.len() == 4)
        && parts.take(2).all(|p| !p.is_empty() && p.len() <= 2 && p.chars().all(|c| c.is_ascii_digit()));
    let base_60 = text.contains(':')
        && text.trim_start_matches(['-', '+']).split(':').enumerate().all(|(i, p)| {
            let seconds = p.split('.').next().unwrap_or_default();
            !seconds.is_empty()
                && p.chars().all(|c| c.is_ascii_digit() || c == '.')
                && (i == 0 || seconds.len() <= 2)
        });
    date || base_60
}

/// Whether the text can stand without quotes.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let second_blank = text.chars().nth(1).is_none_or(|c| c == ' ');
    let indicator = match first {
        '-' | '?' | ':' => second_blank,
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
            true
        }
        _ => false,
    };
    !(indicator
        || text.starts_with(' ')
        || text.ends_with(' ')
        || text.starts_with("---")
        || text.starts_with("...")
        || text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':'))
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    #[test]
    fn as_go_yaml_writes() {
        let value = json!({"a": "1", "b": ["", "x: y", {"c": [], "d": {}}], "e": "l1\nl2\n", "f": null, "g": "* * * * *",
            "h": "true", "i": "2026-01-01T00:00:00Z", "j": "a:b", "k": {"l": [{"m": 1, "n": true}]}, "{x}": "it's"});
        let want = "a: \"1\"\nb:\n- \"\"\n- 'x: y'\n- c: []\n  d: {}\ne: |\n  l1\n  l2\nf: null\ng: '* * * * *'\nh: \"true\"\n\
            i: \"2026-01-01T00:00:00Z\"\nj: a:b\nk:\n  l:\n  - m: 1\n    \"n\": true\n'{x}': it's\n";
        assert_eq!(super::write(&value), want);
    }
}
