//! Where objects are written: YAML or JSON, read with the lines on which objects and their rules stand.

use crate::api::Dig;
use crate::error::{Error, Place};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, SpannedEventReceiver};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
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
}

impl Written {
    /// Whether this is that object; a namespace that is not written is the one of whoever applies it.
    fn is(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let [of, own, called] = &self.called;
        of == kind && called == name && (own.is_empty() || own == namespace)
    }

    /// `roles.yaml:12`: the rule of that number (from 1), or the object.
    fn place(&self, rule: usize) -> String {
        let line = rule.checked_sub(1).and_then(|index| self.rules.get(index)).unwrap_or(&self.line);
        format!("{}:{line}", self.path)
    }
}

/// Where a role's rule is written, if it is in one of these files; the last one counts.
pub fn find(written: &[Written], kind: &str, namespace: &str, name: &str, rule: usize) -> Option<String> {
    written.iter().rev().find(|object| object.is(kind, namespace, name)).map(|object| object.place(rule))
}

/// The objects of a dump: single ones, documents, lists of any kind.
pub fn read(path: &str, text: &str) -> Result<Vec<Written>, Error> {
    let mut found = Vec::new();
    let shared = Arc::from(path);
    for document in documents(path, text)? {
        top(&shared, document, "", &mut found)?;
    }
    Ok(found)
}

/// The objects that are written anywhere in a file, such as the manifests in a scenario.
pub fn anywhere(path: &str, text: &str) -> Vec<Written> {
    fn walk(path: &Arc<str>, node: Node, found: &mut Vec<Written>) {
        if node.has("kind") && node.child("metadata").is_some_and(|metadata| metadata.has("name")) {
            found.push(node.clone().written(path));
        }
        match node.is {
            Is::Scalar(_) => {}
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

fn top(path: &Arc<str>, node: Node, kind: &str, found: &mut Vec<Written>) -> Result<(), Error> {
    let place = |line| Some(Place { path: path.to_string(), position: Some((line, 1)), line: None });
    let line = node.line;
    if node.is == Is::Scalar(Value::Null) {
        return Ok(());
    }
    let own = node.child("kind").and_then(Node::text).unwrap_or(kind).to_owned();
    if own.is_empty() {
        let error = Error { at: place(line), ..Error::new("this is no Kubernetes object: it has no `kind`") };
        return Err(error.hint("a dump is what `kubectl get … -o yaml` or `-o json` prints"));
    }
    let Some(of) = own.strip_suffix("List") else {
        let mut written = node.written(path);
        written.object["kind"] = Value::from(own.as_str());
        written.called[0] = own;
        found.push(written);
        return Ok(());
    };
    let Is::Map(entries) = node.is else { return Ok(()) };
    // Of a list of one kind, the items need not say their kind.
    let version = entries
        .iter()
        .find(|(key, _)| key == "apiVersion")
        .and_then(|(_, value)| value.text().map(str::to_owned));
    let before = found.len();
    for (key, value) in entries {
        if let ("items", Is::List(items)) = (key.as_str(), value.is) {
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

/// A part of a file.
#[derive(Clone, Debug, PartialEq)]
struct Node {
    line: usize,
    is: Is,
}

#[derive(Clone, Debug, PartialEq)]
enum Is {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    fn child(&self, key: &str) -> Option<&Node> {
        match &self.is {
            Is::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            Is::Scalar(_) | Is::List(_) => None,
        }
    }

    fn has(&self, key: &str) -> bool {
        self.child(key).is_some()
    }

    fn text(&self) -> Option<&str> {
        match &self.is {
            Is::Scalar(value) => value.as_str(),
            Is::List(_) | Is::Map(_) => None,
        }
    }

    fn written(self, path: &Arc<str>) -> Written {
        let rules = match self.child("rules").map(|rules| &rules.is) {
            Some(Is::List(rules)) => rules.iter().map(|rule| rule.line).collect(),
            Some(Is::Scalar(_) | Is::Map(_)) | None => Vec::new(),
        };
        let (line, object) = (self.line, self.value());
        let called = [object.text("kind"), object.namespace(), object.name()].map(str::to_owned);
        Written { object, called, path: path.clone(), line, rules }
    }

    fn value(self) -> Value {
        match self.is {
            Is::Scalar(value) => value,
            Is::List(items) => items.into_iter().map(Node::value).collect(),
            Is::Map(entries) => {
                entries.into_iter().map(|(key, node)| (key, node.value())).collect::<Map<_, _>>().into()
            }
        }
    }
}

fn documents(path: &str, text: &str) -> Result<Vec<Node>, Error> {
    let mut builder = Builder::default();
    let load =
        |builder: &mut Builder| -> Result<(), ScanError> { Parser::new_from_str(text).load(builder, true) };
    load(&mut builder).map_err(|error| {
        let line = error.marker().line();
        let shown = text.lines().nth(line.saturating_sub(1)).map(str::to_owned);
        let position = Some((line, error.marker().col() + 1));
        Error { at: Some(Place { path: path.to_owned(), position, line: shown }), ..Error::new(error.info()) }
    })?;
    Ok(builder.documents)
}

/// Builds documents from the parser's events.
#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
}

/// A list or a map that has not ended yet; the keys of a map stand before their values.
struct Open {
    line: usize,
    anchor: usize,
    map: bool,
    key: Option<String>,
    items: Vec<Node>,
    entries: Vec<(String, Node)>,
}

impl Builder {
    fn begin(&mut self, line: usize, anchor: usize, map: bool) {
        self.open.push(Open { line, anchor, map, key: None, items: Vec::new(), entries: Vec::new() });
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let is = if open.map { Is::Map(open.entries) } else { Is::List(open.items) };
        self.put(Node { line: open.line, is }, open.anchor);
    }

    fn put(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(open) if !open.map => open.items.push(node),
            Some(open) => match open.key.take() {
                Some(key) => open.entries.push((key, node)),
                None => {
                    open.key = Some(match node.is {
                        Is::Scalar(Value::String(key)) => key,
                        Is::Scalar(other) => other.to_string(),
                        Is::List(_) | Is::Map(_) => String::new(),
                    });
                }
            },
        }
    }
}

impl<'a> SpannedEventReceiver<'a> for Builder {
    fn on_event(&mut self, event: Event<'a>, span: Span) {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, _) => {
                self.put(Node { line, is: Is::Scalar(scalar(&text, style)) }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(line, anchor, false),
            Event::MappingStart(anchor, _) => self.begin(line, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                self.put(node.unwrap_or(Node { line, is: Is::Scalar(Value::Null) }), 0);
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
}

/// A scalar by the core schema; what is quoted is text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
        }
        _ => Value::from(text),
    }
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
