//! The text of `-f` and `-p` as documents (`apimachinery/pkg/util/yaml.YAMLOrJSONDecoder`): JSON where it begins like that, else
//! YAML 1.1.

use crate::golang::{json, yaml};
use crate::json::Value;

/// The documents of a text; those that say nothing are left out.
///
/// An old kubectl takes one kind of text for the whole; a newer one goes on with YAML where the JSON ends.
pub(super) fn read(text: &str, old: bool) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    if !text.trim_start().starts_with('{') {
        of_yaml(text, old, &mut found)?;
        return Ok(found);
    }
    for document in json::stream(text.as_bytes()) {
        let json::Unread { why, begin, offset } = match document {
            Ok(document) => {
                found.push(document.into_value()?);
                continue;
            }
            Err(unread) => unread,
        };
        let Some(offset) = offset else { return Err(why) };
        if old {
            let lines = text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
            return Err(format!("json: line {lines}: {why}"));
        }
        let rest = text.get(begin..).unwrap_or_default();
        let may_be_yaml = found.is_empty() || rest.starts_with("---");
        if !may_be_yaml || of_yaml(rest, old, &mut found).is_err() {
            return Err(format!("json: offset {offset}: {why}"));
        }
    }
    Ok(found)
}

fn of_yaml(text: &str, old: bool, found: &mut Vec<Value>) -> Result<(), String> {
    for document in split(text, old)? {
        let value = yaml::value(&document).map_err(|why| format!("error converting YAML to JSON: {why}"))?;
        if !value.is_null() {
            found.push(value);
        }
    }
    Ok(())
}

/// The documents of a text, apart at lines that begin with `---` and say nothing else (`YAMLReader`).
fn split(text: &str, old: bool) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut document = String::new();
    for line in text.split_inclusive('\n') {
        let ends = match line.strip_prefix("---").map(str::trim) {
            None => false,
            Some("") => true,
            Some(_) if old => false,
            Some(rest) if rest.starts_with('#') => true,
            Some(rest) => return Err(format!("invalid Yaml document separator: {rest}")),
        };
        if ends && !document.is_empty() {
            found.push(std::mem::take(&mut document));
        } else {
            document.push_str(line);
        }
    }
    found.extend(Some(document).filter(|document| !document.is_empty()));
    Ok(found)
}

/// Reads one YAML or JSON value (`-p PATCH`, `--overrides`; `yaml.ToJSON`).
pub(super) fn one(text: &str) -> Result<Value, String> {
    match text.trim_start().starts_with('{') {
        true => json::value(text.as_bytes()),
        false => yaml::value(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn texts_are_taken_apart_as_kubectl_does() {
        let both = |text: &str| [read(text, true), read(text, false)];
        let same =
            |want: Result<Vec<Value>, &str>| [want.clone(), want].map(|want| want.map_err(str::to_owned));
        for (text, want) in [
            ("---\n---\n# c\n", same(Ok(Vec::new()))),
            ("a: 0644\n---\nb: yes\n", same(Ok(vec![json!({"a": 420}), json!({"b": true})]))),
            ("{\"a\": 1} {\"b\": -0}", same(Ok(vec![json!({"a": 1}), json!({"b": 0})]))),
            ("{\"a\": 1", same(Err("unexpected EOF"))),
            (
                "a: 1\n---\nv: [\n",
                same(Err("error converting YAML to JSON: yaml: line 1: did not find expected node content")),
            ),
            (
                "# c\n---\na: 1\nv: @",
                same(Err(
                    "error converting YAML to JSON: yaml: line 2: found character that cannot start any token",
                )),
            ),
        ] {
            assert_eq!(both(text), want, "{text}");
        }
        for (text, old, new) in [
            (
                "{\"a\": \"1\" x}",
                Err("json: line 0: invalid character 'x' after object key:value pair"),
                Err("json: offset 11: invalid character 'x' after object key:value pair"),
            ),
            (
                "{\"a\": 1} x",
                Err("json: line 0: invalid character 'x' looking for beginning of value"),
                Err("json: offset 10: invalid character 'x' looking for beginning of value"),
            ),
            (
                "{\"a\": 1,}",
                Err("json: line 0: invalid character '}' looking for beginning of object key string"),
                Ok(vec![json!({"a": 1})]),
            ),
            (
                "{\"a\": 1}\n---\nname: y",
                Err("json: line 1: invalid character '-' in numeric literal"),
                Ok(vec![json!({"a": 1}), json!({"name": true})]),
            ),
            (
                "--- # c\na: 1\n--- x\nb: 2",
                Ok(vec![json!({"a": 1})]),
                Err("invalid Yaml document separator: x"),
            ),
        ] {
            assert_eq!(both(text), [old.map_err(str::to_owned), new.map_err(str::to_owned)], "{text}");
        }
    }
}
