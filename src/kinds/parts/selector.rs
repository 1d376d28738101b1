//! Label selectors at work (`apimachinery/pkg/labels`): what they match, and how errors show them.

use super::selectors::label_selector;
use crate::api::Dig;
use crate::api::field::{go_json, quote};
use crate::json::Value;
use crate::kinds::field::Field;

/// Checks a selector.
pub(crate) fn validate(selector: Field<'_>) {
    if !is_empty(selector.value) {
        label_selector(selector);
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
pub(crate) fn invalid(selector: Field<'_>, detail: &str) {
    selector.invalid_internal("meta.LabelSelector", detail);
}

/// A workload's selector stays as it is.
pub(crate) fn immutable(selector: Field<'_>, old: &Value) {
    if selector.value != old {
        invalid(selector, "field is immutable");
    }
}

/// An invalid map of labels: shown in Go's syntax by older releases.
pub(crate) fn invalid_labels(labels: Field<'_>, detail: &str) {
    labels.invalid_go(go_labels(labels.value), go_json(labels.value), detail);
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
