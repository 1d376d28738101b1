//! Label selectors as objects hold them (`metav1.LabelSelector`).

use super::value::Dig;
use crate::json::Value;

/// Whether a label selector matches an object; the empty one matches all.
pub(crate) fn selects(selector: &Value, object: &Value) -> bool {
    let labels = selector.entries("matchLabels").all(|(key, value)| object.label(key) == value.as_str());
    labels
        && selector.list("matchExpressions").iter().all(|term| {
            let label = object.label(term.text("key"));
            let listed =
                || label.is_some_and(|label| term.list("values").iter().any(|v| v.as_str() == Some(label)));
            match term.text("operator") {
                "In" => listed(),
                "NotIn" => !listed(),
                "Exists" => label.is_some(),
                "DoesNotExist" => label.is_none(),
                _ => false,
            }
        })
}

/// Whether a label selector is the empty one, that matches all.
pub(crate) fn is_empty(selector: &Value) -> bool {
    selector.entries("matchLabels").next().is_none() && selector.list("matchExpressions").is_empty()
}

/// A selector as text; a replication controller's is a bare map.
pub(crate) fn text(selector: &Value) -> String {
    let labels = if selector.has("matchLabels") { selector.at("matchLabels") } else { selector };
    let mut parts: Vec<String> =
        labels.entries("").filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    for requirement in selector.list("matchExpressions") {
        let key = requirement.text("key");
        let values: Vec<&str> = requirement.list("values").iter().filter_map(Value::as_str).collect();
        parts.push(match requirement.text("operator") {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        });
    }
    parts.join(",")
}
