//! The text of a file of objects (`kyaml/kio.ByteReader`, `api/resource.Factory`): YAML as `yaml.v3` reads it, lists taken apart.
//!
//! Differs from Kubernetes: a key that is told twice, and one that is no text, are refused when they are read, and not only when
//! the object is written.

use crate::api::Dig;
use crate::golang::yaml;
use crate::json::{Map, Value};
use crate::yaml::{Is, Node};

/// Why a text holds no objects.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is no YAML.
    Malformed(String),
    /// It is, and no objects.
    Other(String),
}

/// The objects of a text, in the order in which kustomize meets them: those of lists come last.
pub(super) fn read(text: &str) -> Result<Vec<Value>, Unread> {
    let text = text.replace("\r\n", "\n");
    let mut waiting = std::collections::VecDeque::new();
    for part in split(&text)? {
        let Some(node) = yaml::tree(part).map_err(Unread::Malformed)? else { continue };
        let object = value(&node, Within::Object).map_err(Unread::Other)?;
        if !is_nothing(&object) {
            waiting.push_back(object);
        }
    }
    if let Some(wrong) = waiting.iter().find_map(invalid) {
        return Err(Unread::Other(wrong));
    }
    let mut found = Vec::new();
    while let Some(object) = waiting.pop_front() {
        match object.at("items") {
            Value::Null if object.text("kind").ends_with("List") && object.get("items").is_some() => {}
            Value::Array(items) if object.text("kind").ends_with("List") => {
                let items: Vec<Value> = items.iter().filter(|item| !is_nothing(item)).cloned().collect();
                if let Some(wrong) = items.iter().find_map(invalid) {
                    return Err(Unread::Other(wrong));
                }
                waiting.extend(items);
            }
            _ => found.push(object),
        }
    }
    Ok(found)
}

/// The documents of a text, apart at lines that begin with `---`; behind it a comment may stand.
fn split(text: &str) -> Result<Vec<&str>, Unread> {
    let mut parts = Vec::new();
    let (mut begin, mut from) = (0, 0);
    while let Some(at) = text[from..].find("\n---").map(|at| from + at) {
        let line = at + 1;
        let Some(end) = text[line..].find('\n').map(|end| line + end + 1) else { break };
        let said = text[line + 3..end].trim();
        if !said.is_empty() && !said.starts_with('#') {
            let line = text[line..end].trim();
            return Err(Unread::Other(format!("invalid document separator: {line}")));
        }
        parts.push(&text[begin..at + 1]);
        (begin, from) = (end, end);
    }
    parts.push(&text[begin..]);
    Ok(parts)
}

fn is_nothing(object: &Value) -> bool {
    match object {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// What an object lacks.
fn invalid(object: &Value) -> Option<String> {
    let keys = ["apiVersion", "kind", "metadata"];
    if !object.as_object().is_some_and(|map| keys.iter().any(|key| map.contains_key(key))) {
        return Some("missing Resource metadata".to_owned());
    }
    let kind = object.text("kind");
    let missing = match (kind, object.at("metadata.name")) {
        ("", _) => "kind",
        (kind, _) if kind.ends_with("List") => return None,
        (_, Value::Null) => "metadata.name",
        (_, name) if name.shown().is_empty() => "metadata.name",
        _ => return None,
    };
    let map = |path: &str| {
        let entries: Vec<String> =
            object.entries(path).map(|(key, value)| format!("{key}:{}", value.shown())).collect();
        format!("map[{}]", entries.join(" "))
    };
    Some(format!(
        "missing {missing} in object {{{{{} {kind}}} {{{{{} {}}} {} {}}}}}",
        object.text("apiVersion"),
        object.name(),
        object.namespace(),
        map("metadata.labels"),
        map("metadata.annotations")
    ))
}

/// Where in an object a value stands: annotations are text, whatever they look like.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Object,
    Metadata,
    Annotations,
    Other,
}

impl Within {
    fn step(self, key: &str) -> Within {
        match (self, key) {
            (Within::Object, "metadata") => Within::Metadata,
            (Within::Metadata, "annotations") => Within::Annotations,
            _ => Within::Other,
        }
    }
}

fn value(node: &Node, within: Within) -> Result<Value, String> {
    match node.is() {
        Is::Scalar(scalar) => yaml::scalar_of_v3(scalar),
        Is::List(items) => items
            .iter()
            .map(|item| value(item, Within::Other))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::from),
        Is::Map(entries) => {
            let mut map = Map::new();
            fill(&mut map, entries, within)?;
            Ok(Value::Object(map))
        }
        Is::Alias(named) => value(named, within),
    }
}

fn fill(map: &mut Map, entries: &[(Node, Node)], within: Within) -> Result<(), String> {
    let mut told: Vec<(&str, usize)> = Vec::new();
    for (key, node) in entries.iter().filter(|(key, _)| !yaml::is_merge(key)) {
        let Is::Scalar(scalar) = key.is() else { return Err(other_key()) };
        if !yaml::scalar_of_v3(scalar)?.is_string() {
            return Err(other_key());
        }
        let name = scalar.text.as_str();
        if let Some((_, line)) = told.iter().find(|(known, _)| *known == name) {
            return Err(format!(
                "map[string]interface {{}}(nil): yaml: unmarshal errors:\n  line {}: mapping key {name:?} already defined at line {line}",
                key.at.0
            ));
        }
        told.push((name, key.at.0));
        let value = match (within, node.is()) {
            (Within::Annotations, Is::Scalar(scalar)) => scalar.text.as_str().into(),
            (Within::Annotations, _) => "".into(),
            (within, _) => value(node, within.step(name))?,
        };
        map.insert(name, value);
    }
    // What is merged stands back behind what is told.
    for (_, node) in entries.iter().filter(|(key, _)| yaml::is_merge(key)) {
        let merged = match node.is() {
            Is::List(items) => items.iter().collect(),
            Is::Scalar(_) | Is::Map(_) | Is::Alias(_) => vec![node],
        };
        for node in merged {
            let Value::Object(merged) = value(node, within)? else {
                return Err("yaml: map merge requires map or sequence of maps as the value".to_owned());
            };
            for (key, value) in merged {
                map.entry(key).or_insert(value);
            }
        }
    }
    Ok(())
}

fn other_key() -> String {
    "json: unsupported type: map[interface {}]interface {}".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn scalars_are_those_of_yaml_1_2() {
        let text = "apiVersion: v1\nkind: A\nmetadata: {name: a, labels: {a: 1}, annotations: {a: 2001-01-01, b: 1.0}}\n\
            data: {y: yes, t: True, o: 0o17, f: 1.0, d: 2001-01-01, dt: 2001-1-2T3:04:05.50Z, z: 2001-01-01T10:00:00+02:00}\n";
        let want = json!({"apiVersion": "v1", "kind": "A",
            "metadata": {"name": "a", "labels": {"a": 1}, "annotations": {"a": "2001-01-01", "b": "1.0"}},
            "data": {"y": "yes", "t": true, "o": 15, "f": 1, "d": "2001-01-01T00:00:00Z",
                "dt": "2001-01-02T03:04:05.5Z", "z": "2001-01-01T10:00:00+02:00"}});
        assert_eq!(read(text).expect("it is read"), [want]);
    }

    #[test]
    fn lists_are_taken_apart_behind_the_others() {
        let text = "kind: List\nitems: [{kind: A, metadata: {name: a}}]\n--- # next\nkind: B\nmetadata: {name: b}\n---\n";
        let kinds: Vec<String> =
            read(text).expect("it is read").iter().map(|object| object.text("kind").to_owned()).collect();
        assert_eq!(kinds, ["B", "A"]);
        assert!(
            matches!(read("a: b\n--- x\n"), Err(Unread::Other(why)) if why == "invalid document separator: --- x")
        );
        assert!(matches!(read("a: ["), Err(Unread::Malformed(_))));
    }
}
