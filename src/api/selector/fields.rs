//! Field selectors, and which fields a kind can be selected by (the conversions of field labels in `pkg/apis/*`).

use crate::api::resources::Resource;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: String,
    equal: bool,
    value: String,
}

/// Terms on fields, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector(Vec<Term>);

impl FieldSelector {
    /// Reads `metadata.name=x,status.phase!=Running`; an error is the server's text.
    pub fn parse(text: &str) -> Result<FieldSelector, String> {
        let mut terms = Vec::new();
        for part in split_terms(text) {
            if part.is_empty() {
                continue;
            }
            let (field, operator, value) = split_term(part)
                .ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{part}'"))?;
            terms.push(Term { field: field.to_owned(), equal: operator != "!=", value: unescape(value)? });
        }
        Ok(FieldSelector(terms))
    }

    /// Whether a field must have a value.
    pub fn requires(&self, field: &str, value: &str) -> bool {
        self.0.iter().any(|term| term.equal && term.field == field && term.value == value)
    }

    /// Whether everything is selected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that a kind can be selected by these fields; an error is the server's text.
    pub fn check(&self, row: &Resource, version: Version) -> Result<(), String> {
        self.0.iter().try_for_each(|term| known(row, version, &term.field))
    }

    /// The terms as requirements of an access review.
    pub fn requirements(&self) -> Vec<Value> {
        let operator = |term: &Term| if term.equal { "In" } else { "NotIn" };
        let told =
            |term: &Term| json!({"key": term.field, "operator": operator(term), "values": [term.value]});
        self.0.iter().map(told).collect()
    }

    /// Whether an object meets all terms.
    pub fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|term| (field(object, &term.field) == term.value) == term.equal)
    }
}

/// Parts between commas that are not escaped.
fn split_terms(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn split_term(term: &str) -> Option<(&str, &str, &str)> {
    term.char_indices().find_map(|(i, _)| {
        let operator = ["!=", "==", "="].into_iter().find(|operator| term[i..].starts_with(operator))?;
        Some((&term[..i], operator, &term[i + operator.len()..]))
    })
}

fn unescape(value: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next @ ('\\' | ',' | '=')) => out.push(next),
                Some(next) => {
                    return Err(format!("invalid field selector: invalid escape sequence: \\{next}"));
                }
                None => return Err("invalid field selector: invalid escape sequence: \\".to_owned()),
            },
            ',' | '=' => {
                return Err(format!("invalid field selector: unescaped character in value: {c}"));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

/// Fields beside `metadata.name` (and `metadata.namespace` of what has one): resource, field, first release.
const FIELDS: &[(&str, &str, u8)] = &[
    ("pods", "spec.nodeName", 0),
    ("pods", "spec.host", 0),
    ("pods", "spec.restartPolicy", 0),
    ("pods", "spec.schedulerName", 0),
    ("pods", "spec.serviceAccountName", 0),
    ("pods", "spec.hostNetwork", 28),
    ("pods", "status.phase", 0),
    ("pods", "status.podIP", 0),
    ("pods", "status.podIPs", 0),
    ("pods", "status.nominatedNodeName", 0),
    ("nodes", "spec.unschedulable", 0),
    ("replicationcontrollers", "status.replicas", 0),
    ("events", "involvedObject.kind", 0),
    ("events", "involvedObject.namespace", 0),
    ("events", "involvedObject.name", 0),
    ("events", "involvedObject.uid", 0),
    ("events", "involvedObject.apiVersion", 0),
    ("events", "involvedObject.resourceVersion", 0),
    ("events", "involvedObject.fieldPath", 0),
    ("events", "reason", 0),
    ("events", "reportingComponent", 21),
    ("events", "source", 0),
    ("events", "type", 0),
    ("events.events.k8s.io", "regarding.kind", 0),
    ("events.events.k8s.io", "regarding.namespace", 0),
    ("events.events.k8s.io", "regarding.name", 0),
    ("events.events.k8s.io", "regarding.uid", 0),
    ("events.events.k8s.io", "regarding.apiVersion", 0),
    ("events.events.k8s.io", "regarding.resourceVersion", 0),
    ("events.events.k8s.io", "regarding.fieldPath", 0),
    ("events.events.k8s.io", "reason", 0),
    ("events.events.k8s.io", "reportingController", 0),
    ("events.events.k8s.io", "type", 0),
    ("namespaces", "status.phase", 0),
    ("secrets", "type", 0),
    ("services", "spec.clusterIP", 23),
    ("services", "spec.type", 23),
    ("jobs.batch", "status.successful", 0),
    ("certificatesigningrequests.certificates.k8s.io", "spec.signerName", 0),
    ("resourceslices.resource.k8s.io", "spec.nodeName", 0),
    ("resourceslices.resource.k8s.io", "spec.driver", 0),
];

fn known(row: &Resource, version: Version, field: &str) -> Result<(), String> {
    let of = crate::api::GroupResource::new(row.group, row.name).to_string();
    let own = || FIELDS.iter().filter(|(resource, _, since)| *resource == of && version.at_least(*since));
    let plain = field == "metadata.name"
        || field == "metadata.namespace" && (row.namespaced || own().next().is_none());
    if plain || own().any(|(_, known, _)| *known == field) {
        return Ok(());
    }
    Err(match own().next() {
        None => format!(
            "\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        ),
        Some(("jobs.batch", ..)) => format!("field label \"{field}\" not supported for Job"),
        Some(_) => format!("field label not supported: {field}"),
    })
}

/// A field's value as text; what is absent has its type's empty value.
fn field(object: &Value, field: &str) -> String {
    let path = match field {
        "spec.host" => "spec.nodeName",
        "status.podIPs" => "status.podIP",
        "status.successful" => "status.succeeded",
        "reportingController" => "reportingComponent",
        "source" if object.text("source.component").is_empty() => "reportingComponent",
        "source" => "source.component",
        field => field,
    };
    let value = match path.strip_prefix("regarding.") {
        Some(rest) => object.at("involvedObject").at(rest),
        None => object.at(path),
    };
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        _ => match path {
            "spec.unschedulable" | "spec.hostNetwork" => "false".to_owned(),
            "status.replicas" | "status.succeeded" => "0".to_owned(),
            _ => String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::resources;
    use serde_json::json;

    #[test]
    fn fields_are_selected() {
        let pod = json!({"metadata": {"name": "p", "namespace": "red"}, "spec": {"nodeName": "n1"}});
        let table = resources(Version::NEWEST);
        for (resource, selector, expected) in [
            ("pods", "metadata.name=p,metadata.namespace==red", "true"),
            ("pods", "spec.nodeName!=n1", "false"),
            ("pods", "spec.nodeName=,", "false"),
            ("pods", "spec.hostNetwork=false", "true"),
            ("pods", "spec.x=1", "field label not supported: spec.x"),
            (
                "configmaps",
                "metadata.name",
                "invalid selector: 'metadata.name'; can't understand 'metadata.name'",
            ),
            ("configmaps", "metadata.name=a=b", "invalid field selector: unescaped character in value: ="),
            (
                "configmaps",
                "data.x=1",
                "\"data.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
            ),
        ] {
            let row = table.preferred("", resource).unwrap();
            let got = FieldSelector::parse(selector).and_then(|parsed| {
                parsed.check(row, Version::NEWEST).map(|()| parsed.matches(&pod).to_string())
            });
            assert_eq!(got.unwrap_or_else(|why| why), expected, "{resource} {selector}");
        }
    }
}
