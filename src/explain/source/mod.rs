//! Where objects are written: YAML or JSON, read with the lines on which objects and their rules stand.
//!
//! A dump may be large, so it is read an object at a time, and of each only its place is kept beside it: where its fields
//! stand is found by reading its own text again, when somebody asks.

mod json;
mod places;
mod text;
pub(super) mod unrendered;
mod yaml;

use crate::api::Dig;
use crate::error::{self, Error};
use crate::json::Value;
use crate::yaml::{Is, Key, Node, documents};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;
use text::{Span, Text};

pub use places::{Line, Order, Places};

/// An object as it is written in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The object.
    pub object: Value,
    /// The kind, the namespace as far as it is written, and the name.
    pub called: [crate::json::Text; 3],
    /// The file.
    pub path: Arc<str>,
    /// The line on which it begins.
    pub line: usize,
    /// Where its text is.
    text: Arc<Text>,
    span: Span,
}

/// Where an object is written, and which it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The file.
    pub path: Arc<str>,
    /// The line of the field or rule that it is about, or of the object.
    pub line: usize,
    /// The object's `apiVersion`.
    pub api_version: String,
    /// The object's kind.
    pub kind: String,
    /// The object's namespace, as far as it is written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The object's name.
    pub name: String,
}

impl Place {
    /// That of an object as a whole, or of one of its lines.
    pub(crate) fn of(written: &Written, line: usize) -> Place {
        written.place(&written.object, line)
    }

    /// `dump.yaml:12: Role shop/debug`.
    pub(crate) fn called(&self) -> String {
        let Place { path, line, kind, namespace, name, .. } = self;
        let slash = if namespace.is_empty() { "" } else { "/" };
        format!("{path}:{line}: {kind} {namespace}{slash}{name}")
    }
}

impl Written {
    fn new(object: Value, text: &Arc<Text>, span: Span) -> Written {
        let called = [object.text("kind"), object.namespace(), object.name()].map(crate::json::Text::new);
        Written { object, called, path: text.path.clone(), line: span.line(), text: text.clone(), span }
    }

    /// Where it begins: `dump.yaml:12`.
    pub(crate) fn at(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }

    /// `Role shop/debug`.
    pub(crate) fn shown(&self) -> String {
        let [kind, namespace, name] = &self.called;
        let slash = if namespace.is_empty() { "" } else { "/" };
        format!("{kind} {namespace}{slash}{name}")
    }

    /// A line of it, where the object itself is kept elsewhere.
    pub(crate) fn place(&self, object: &Value, line: usize) -> Place {
        let [kind, namespace, name] = self.called.each_ref().map(|part| part.to_string());
        let api_version = object.text("apiVersion").to_owned();
        Place { path: self.path.clone(), line, api_version, kind, namespace, name }
    }

    /// The line of the rule of that number (from 1), or of the object.
    pub fn line_of_rule(&self, rule: usize) -> usize {
        let place = |index| self.line_of(&[Key::Name("rules"), Key::Item(index)], &self.parts()?);
        rule.checked_sub(1).and_then(place).unwrap_or(self.line)
    }

    /// The line of a field as a server names it (`spec.containers[0].image`), or of what is there of the way to it.
    pub fn line_of_field(&self, field: &str) -> usize {
        let keys = keys(field);
        let Some(parts) = self.parts() else { return self.line };
        let mut lines = (1..=keys.len()).rev().filter_map(|length| self.line_of(keys.get(..length)?, &parts));
        lines.next().unwrap_or(self.line)
    }

    /// The line of a part, in the file.
    fn line_of(&self, keys: &[Key<'_>], parts: &Node) -> Option<usize> {
        Some(parts.line_of(keys)? + self.line - 1)
    }

    /// Its parts, with their places in its own text; none where they are on one line all, or where an alias in it names what
    /// stands elsewhere.
    fn parts(&self) -> Option<Node> {
        if self.span.begin.0 == self.span.end.0 {
            return None;
        }
        documents(&self.path, &self.text.at(self.span)).ok()?.into_iter().next()
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

/// The objects of a dump: single ones, documents, lists of any kind.
///
/// # Errors
///
/// What is no YAML, and what is no Kubernetes object, with its line.
pub fn read(path: &str, text: String) -> Result<Vec<Written>, Error> {
    let text = Arc::new(Text::new(path, text));
    // Whatever isn't quite JSON may still be YAML.
    let read = json::read(&text).unwrap_or_else(|| yaml::read(&text));
    read.map_err(|error| unrendered::told(path, &text.text, error))
}

/// Whether a text holds no Kubernetes object, not even a broken one: the values of a chart, some tool's settings.
pub fn holds_none(path: &str, file: &str) -> bool {
    match documents(path, file) {
        Ok(documents) => documents.iter().all(|document| document.child("kind").is_none()),
        Err(_) => !file.contains("kind"),
    }
}

/// The whole objects in a scenario; none if this is no scenario.
///
/// # Errors
///
/// What is no YAML, with its line.
pub fn of_scenario(path: &str, file: &str) -> Result<Option<Vec<Written>>, Error> {
    let is_scenario = |node: &Node| node.child("steps").is_some() && node.child("kind").is_none();
    let documents = || documents(path, file).map_err(|error| unrendered::told(path, file, error));
    if !file.contains("steps") || !documents()?.iter().any(is_scenario) {
        return Ok(None);
    }
    let whole = anywhere(path, file).into_iter().filter(|written| written.object.has("apiVersion"));
    Ok(Some(whole.collect()))
}

/// The objects that are written anywhere in a file, such as the manifests in a scenario.
pub fn anywhere(path: &str, text: &str) -> Vec<Written> {
    fn walk(text: &Arc<Text>, node: &Node, found: &mut Vec<Written>) {
        if node.child("kind").is_some() && node.child("metadata").is_some_and(|of| of.child("name").is_some())
        {
            found.extend(yaml::written(node, text).ok());
        }
        match &node.is {
            // What an alias names was found at its own place.
            Is::Scalar(_) | Is::Alias(_) => {}
            Is::List(items) => items.iter().for_each(|item| walk(text, item, found)),
            Is::Map(entries) => entries.iter().for_each(|(_, value)| walk(text, value, found)),
        }
    }
    let mut found = Vec::new();
    let documents = documents(path, text).unwrap_or_default();
    let shared = Arc::new(Text::new(path, text.to_owned()));
    documents.iter().for_each(|document| walk(&shared, document, &mut found));
    found
}

/// Gives the objects of a list what the list says of them all: their kind without its `List`, their version.
fn complete(items: &mut [Written], list_kind: &str, version: Option<&str>) -> Result<(), Error> {
    let of = list_kind.strip_suffix("List").unwrap_or_default();
    for written in items {
        if written.called[0].is_empty() {
            if of.is_empty() {
                return Err(no_object(&written.path, written.line));
            }
            written.object["kind"] = Value::from(of);
            written.called[0] = of.into();
        }
        if let (false, false, Some(version)) = (of.is_empty(), written.object.has("apiVersion"), version) {
            written.object["apiVersion"] = Value::from(version);
        }
    }
    Ok(())
}

fn no_object(path: &str, line: usize) -> Error {
    let at = Some(error::Place { path: path.to_owned(), position: Some((line, 1)), line: None });
    let error = Error { at, ..Error::new("this is no Kubernetes object: it has no `kind`") };
    error.hint("a dump is what `kubectl get … -o yaml` or `-o json` prints")
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

    fn find(written: &[Written], kind: &str, namespace: &str, name: &str, rule: usize) -> Option<String> {
        let order = Order::of(written);
        Places::of(written, &order).line(kind, namespace, name, rule).map(|line| line.to_string())
    }

    #[test]
    fn objects_and_rules_have_their_lines() {
        let written = read("dump.yaml", DUMP.to_owned()).unwrap();
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
        let written = read("dump.yaml", DUMP.to_owned()).unwrap();
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
            assert_eq!(read("d.yaml", text.to_owned()).unwrap_err().to_string(), message);
        }
        assert!(read("d.yaml", "a: [1\nb: 2\n".to_owned()).is_err());
        assert_eq!(read("d.yaml", String::new()), Ok(Vec::new()));
    }
}
