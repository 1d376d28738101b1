//! Label selectors at work (`apimachinery/pkg/labels`): what they match, and how errors show them.

use super::meta::label_map;
use super::selectors::label_selector;
use crate::api::Path;
use crate::api::field::{Errors, go_json, go_strings, quote};
use crate::api::value::Dig;
use serde_json::Value;

/// Checks a selector.
pub(crate) fn validate(selector: &Value, path: &Path<'_>, errors: &mut Errors) {
    if !is_empty(selector) {
        label_selector(selector, &path.to_string(), errors);
    }
}

/// Checks a map of labels.
pub(crate) fn validate_labels(labels: &Value, path: &Path<'_>, errors: &mut Errors) {
    if labels.entries("").next().is_some() {
        label_map(labels, &path.to_string(), errors);
    }
}

/// Whether a selector says nothing: it selects everything.
pub(crate) fn is_empty(selector: &Value) -> bool {
    selector.entries("matchLabels").next().is_none() && selector.list("matchExpressions").is_empty()
}

/// Whether a selector can be turned into one that selects (`LabelSelectorAsSelector` gives no error).
pub(crate) fn is_usable(selector: &Value) -> bool {
    selector.list("matchExpressions").iter().all(|e| {
        let some = !e.list("values").is_empty();
        match e.text("operator") {
            "In" | "NotIn" => some,
            "Exists" | "DoesNotExist" => !some,
            _ => false,
        }
    })
}

/// Whether labels are selected. No selector at all selects nothing.
pub(crate) fn matches(selector: &Value, labels: &Value) -> bool {
    let value = |key: &str| labels.get(key).and_then(Value::as_str);
    let listed = |e: &Value| e.list("values").iter().any(|v| v.as_str() == value(e.text("key")));
    selector.is_object()
        && selector.entries("matchLabels").all(|(key, wanted)| value(key) == wanted.as_str())
        && selector.list("matchExpressions").iter().all(|e| {
            let has = value(e.text("key")).is_some();
            match e.text("operator") {
                "In" => has && listed(e),
                "NotIn" => !has || !listed(e),
                "Exists" => has,
                _ => !has,
            }
        })
}

/// An invalid selector: shown in Go's syntax by older releases.
pub(crate) fn invalid(selector: &Value, path: &Path<'_>, detail: &str, errors: &mut Errors) {
    errors.invalid_go(path, go(selector), go_json(selector), detail);
}

/// A workload's selector stays as it is.
pub(crate) fn immutable(new: &Value, old: &Value, errors: &mut Errors) {
    let path = "spec.selector";
    if new.at(path) != old.at(path) {
        invalid(new.at(path), &Path::new(path), "field is immutable", errors);
    }
}

fn go(selector: &Value) -> String {
    let expressions: Vec<String> = selector
        .list("matchExpressions")
        .iter()
        .map(|e| {
            format!(
                "v1.LabelSelectorRequirement{{Key:{}, Operator:{}, Values:{}}}",
                quote(e.text("key")),
                quote(e.text("operator")),
                match e.at("values").as_array() {
                    Some(values) => go_strings(values.iter().filter_map(Value::as_str)),
                    None => "[]string(nil)".to_owned(),
                }
            )
        })
        .collect();
    let expressions = match expressions.as_slice() {
        [] => "(nil)".to_owned(),
        some => format!("{{{}}}", some.join(", ")),
    };
    format!(
        "v1.LabelSelector{{MatchLabels:{}, MatchExpressions:[]v1.LabelSelectorRequirement{expressions}}}",
        go_labels(selector.at("matchLabels")),
    )
}

/// An invalid map of labels: shown in Go's syntax by older releases.
pub(crate) fn invalid_labels(labels: &Value, path: &Path<'_>, detail: &str, errors: &mut Errors) {
    errors.invalid_go(path, go_labels(labels), go_json(labels), detail);
}

fn go_labels(labels: &Value) -> String {
    let entries: Vec<String> = labels
        .entries("")
        .map(|(key, value)| format!("{}:{}", quote(key), quote(value.as_str().unwrap_or_default())))
        .collect();
    match entries.as_slice() {
        [] => "map[string]string(nil)".to_owned(),
        some => format!("map[string]string{{{}}}", some.join(", ")),
    }
}
