//! Where objects are written: YAML or JSON, read with the lines on which objects and their rules stand.

use crate::api::Dig;
use crate::error::{Error, Place};
use crate::yaml::{Is, Node, documents};
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

/// The objects that are written anywhere in a file, such as the manifests in a scenario.
pub fn anywhere(path: &str, text: &str) -> Vec<Written> {
    fn walk(path: &Arc<str>, node: Node, found: &mut Vec<Written>) {
        if node.child("kind").is_some() && node.child("metadata").is_some_and(|of| of.child("name").is_some())
        {
            found.push(written(node.clone(), path));
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

fn written(node: Node, path: &Arc<str>) -> Written {
    let rules = match node.child("rules").map(|rules| &rules.is) {
        Some(Is::List(rules)) => rules.iter().map(|rule| rule.line).collect(),
        Some(Is::Scalar(_) | Is::Map(_)) | None => Vec::new(),
    };
    let (line, object) = (node.line, node.value());
    let called = [object.text("kind"), object.namespace(), object.name()].map(str::to_owned);
    Written { object, called, path: path.clone(), line, rules }
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
        let mut written = written(node, path);
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
