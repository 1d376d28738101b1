//! Where objects are written: YAML or JSON, read with the lines on which objects and their rules stand.

use crate::api::Dig;
use crate::error::{Error, Place};
use crate::golang::json::Json;
use crate::golang::yaml;
use crate::yaml::{Is, Key, Node, documents};
use serde_json::Value;
use std::sync::Arc;

/// An object as it is written in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The object.
    pub object: Value,
    /// The kind, the namespace as far as it is written, and the name.
    pub called: [String; 3],
    /// The file.
    pub path: Arc<str>,
    /// The line on which it begins.
    pub line: usize,
    /// The lines on which its rules begin.
    pub rules: Vec<usize>,
    /// Its parts, with their places.
    parts: Node,
}

impl Written {
    /// Whether this is that object; a namespace that is not written is the one of whoever applies it.
    fn is(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let [of, own, called] = &self.called;
        of == kind && called == name && (own.is_empty() || own == namespace)
    }

    /// The line of the rule of that number (from 1), or of the object.
    pub fn line_of_rule(&self, rule: usize) -> usize {
        *rule.checked_sub(1).and_then(|index| self.rules.get(index)).unwrap_or(&self.line)
    }

    /// The line of a field as a server names it (`spec.containers[0].image`), or of what is there of the way to it.
    pub fn line_of_field(&self, field: &str) -> usize {
        let keys = keys(field);
        let mut lines = (1..=keys.len()).rev().filter_map(|length| self.parts.line_of(keys.get(..length)?));
        lines.next().unwrap_or(self.line)
    }
}

/// The steps down to a field: names after dots, numbers and keys of maps in brackets.
fn keys(field: &str) -> Vec<Key<'_>> {
    let mut keys = Vec::new();
    let mut rest = field;
    while !rest.is_empty() {
        let (key, after) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((key, after)) => (key.parse().map_or(Key::Name(key), Key::Item), after),
            None => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (key, after) = rest.split_at(end);
                (Key::Name(key), after)
            }
        };
        keys.push(key);
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    keys
}

/// Where a role's rule is written, if it is in one of these files; the last one counts.
pub fn find(written: &[Written], kind: &str, namespace: &str, name: &str, rule: usize) -> Option<String> {
    let found = of(written, kind, namespace, name)?;
    Some(format!("{}:{}", found.path, found.line_of_rule(rule)))
}

/// The object as it is written in one of these files; the last one counts.
pub fn of<'w>(written: &'w [Written], kind: &str, namespace: &str, name: &str) -> Option<&'w Written> {
    written.iter().rev().find(|object| object.is(kind, namespace, name))
}

/// The objects of a dump: single ones, documents, lists of any kind.
///
/// # Errors
///
/// What is no YAML, and what is no Kubernetes object, with its line.
pub fn read(path: &str, text: &str) -> Result<Vec<Written>, Error> {
    let mut found = Vec::new();
    let shared = Arc::from(path);
    for document in documents(path, text)? {
        top(&shared, document, "", &mut found)?;
    }
    Ok(found)
}

/// The whole objects in a scenario; none if this is no scenario.
///
/// # Errors
///
/// What is no YAML, with its line.
pub fn of_scenario(path: &str, text: &str) -> Result<Option<Vec<Written>>, Error> {
    let is_scenario = |node: &Node| node.child("steps").is_some() && node.child("kind").is_none();
    if !documents(path, text)?.iter().any(is_scenario) {
        return Ok(None);
    }
    let whole = anywhere(path, text).into_iter().filter(|written| written.object.has("apiVersion"));
    Ok(Some(whole.collect()))
}

/// The objects that are written anywhere in a file, such as the manifests in a scenario.
pub fn anywhere(path: &str, text: &str) -> Vec<Written> {
    fn walk(path: &Arc<str>, node: Node, found: &mut Vec<Written>) {
        if node.child("kind").is_some() && node.child("metadata").is_some_and(|of| of.child("name").is_some())
        {
            found.extend(written(node.clone(), path).ok());
        }
        match node.is {
            // What an alias names was found at its own place.
            Is::Scalar(_) | Is::Alias(_) => {}
            Is::List(items) => items.into_iter().for_each(|item| walk(path, item, found)),
            Is::Map(entries) => entries.into_iter().for_each(|(_, value)| walk(path, value, found)),
        }
    }
    let mut found = Vec::new();
    let shared = Arc::from(path);
    for document in documents(path, text).unwrap_or_default() {
        walk(&shared, document, &mut found);
    }
    found
}

fn written(node: Node, path: &Arc<str>) -> Result<Written, Error> {
    let rules = match node.child("rules").map(Node::is) {
        Some(Is::List(rules)) => rules.iter().map(|rule| rule.line).collect(),
        Some(Is::Scalar(_) | Is::Map(_) | Is::Alias(_)) | None => Vec::new(),
    };
    let line = node.line;
    let object = yaml::document(&node).and_then(|document| document.json.into_value()).map_err(|why| {
        let place = Place { path: path.to_string(), position: Some((line, 1)), line: None };
        Error { at: Some(place), ..Error::new(why) }
    })?;
    let called = [object.text("kind"), object.namespace(), object.name()].map(str::to_owned);
    Ok(Written { object, called, path: path.clone(), line, rules, parts: node })
}

fn top(path: &Arc<str>, node: Node, kind: &str, found: &mut Vec<Written>) -> Result<(), Error> {
    let place = |line| Some(Place { path: path.to_string(), position: Some((line, 1)), line: None });
    let line = node.line;
    if let Is::Scalar(_) = node.is()
        && yaml::document(&node).is_ok_and(|document| document.json == Json::Null)
    {
        return Ok(());
    }
    let own = node.child("kind").and_then(Node::text).unwrap_or(kind).to_owned();
    if own.is_empty() {
        let error = Error { at: place(line), ..Error::new("this is no Kubernetes object: it has no `kind`") };
        return Err(error.hint("a dump is what `kubectl get … -o yaml` or `-o json` prints"));
    }
    let Some(of) = own.strip_suffix("List") else {
        let mut written = written(node, path)?;
        written.object["kind"] = Value::from(own.as_str());
        written.called[0] = own;
        found.push(written);
        return Ok(());
    };
    let Is::Map(entries) = node.is else { return Ok(()) };
    // Of a list of one kind, the items need not say their kind.
    let version = entries
        .iter()
        .find(|(key, _)| key.text() == Some("apiVersion"))
        .and_then(|(_, value)| value.text().map(str::to_owned));
    let before = found.len();
    for (key, value) in entries {
        if let (Some("items"), Is::List(items)) = (key.text(), value.is) {
            for item in items {
                top(path, item, of, found)?;
            }
        }
    }
    for written in found.iter_mut().skip(before).filter(|_| !of.is_empty()) {
        if let (false, Some(version)) = (written.object.has("apiVersion"), &version) {
            written.object["apiVersion"] = Value::from(version.as_str());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "\
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: pods, namespace: a}
  rules:
  - apiGroups: [\"\"]
    resources: [pods]
    verbs: [get]
  - apiGroups: [apps]
    resources: [deployments]
    verbs: [list]
---
{\"kind\": \"ClusterRoleList\", \"apiVersion\": \"rbac.authorization.k8s.io/v1\",
 \"items\": [{\"metadata\": {\"name\": \"nodes\", \"labels\": {\"n\": \"1\"}},
  \"rules\": [{\"verbs\": [\"get\"]}]}]}
";

    #[test]
    fn objects_and_rules_have_their_lines() {
        let written = read("dump.yaml", DUMP).unwrap();
        assert_eq!(find(&written, "Role", "a", "pods", 2).as_deref(), Some("dump.yaml:11"));
        assert_eq!(find(&written, "ClusterRole", "", "nodes", 1).as_deref(), Some("dump.yaml:17"));
        assert_eq!(find(&written, "Role", "b", "pods", 1), None);
        assert_eq!(written[1].object.text("apiVersion"), "rbac.authorization.k8s.io/v1");
        assert_eq!(written[1].object.label("n"), Some("1"));
        let steps = anywhere(
            "s.yaml",
            "steps:\n- apply:\n    kind: Role\n    metadata: {name: x}\n    rules:\n    - verbs: [get]\n",
        );
        assert_eq!(find(&steps, "Role", "any", "x", 1).as_deref(), Some("s.yaml:6"));
    }

    #[test]
    fn fields_have_their_lines() {
        let written = read("dump.yaml", DUMP).unwrap();
        for (field, line) in [
            ("rules[1].verbs[0]", 13),
            ("rules[1].nonResourceURLs", 11),
            ("metadata.name", 6),
            ("metadata.annotations[a.b/c]", 6),
            ("spec.x", 4),
            ("", 4),
        ] {
            assert_eq!(written[0].line_of_field(field), line, "{field}");
        }
    }

    #[test]
    fn what_is_no_object_is_told_with_its_line() {
        for (text, message) in [
            ("a: 1\n", "d.yaml:1:1: this is no Kubernetes object: it has no `kind`"),
            ("kind: List\nitems:\n- {a: 1}\n", "d.yaml:3:1: this is no Kubernetes object: it has no `kind`"),
        ] {
            assert_eq!(read("d.yaml", text).unwrap_err().to_string(), message);
        }
        assert!(read("d.yaml", "a: [1\nb: 2\n").is_err());
        assert_eq!(read("d.yaml", ""), Ok(Vec::new()));
    }
}
