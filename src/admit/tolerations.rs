//! Tolerations: which covers which, and how lists of them are joined (`pkg/util/tolerations`).

use crate::api::Dig;
use crate::json::{Value, json};

/// A toleration of an effect of a taint's key, whatever its value.
pub(super) fn of_key(key: &str, effect: &str) -> Value {
    json!({"key": key, "operator": "Exists", "effect": effect})
}

/// Whether one toleration tolerates all that another does.
pub(super) fn covers(wide: &Value, narrow: &Value) -> bool {
    if wide == narrow {
        return true;
    }
    let everything = wide.text("key").is_empty() && wide.text("operator") == "Exists";
    if narrow.text("key") != wide.text("key") && !everything {
        return false;
    }
    if narrow.text("effect") != wide.text("effect") && !wide.text("effect").is_empty() {
        return false;
    }
    let seconds = |toleration: &Value| toleration.at("tolerationSeconds").as_i64();
    if let ("NoExecute", Some(most)) = (wide.text("effect"), seconds(wide))
        && seconds(narrow).is_none_or(|wanted| wanted > most)
    {
        return false;
    }
    match wide.text("operator") {
        "Equal" | "" => {
            matches!(narrow.text("operator"), "Equal" | "") && narrow.text("value") == wide.text("value")
        }
        operator => operator == "Exists",
    }
}

/// Two lists as one, without what others in it cover.
pub(super) fn merge(first: &[Value], second: &[Value]) -> Vec<Value> {
    let all: Vec<&Value> = first.iter().chain(second).collect();
    let mut merged: Vec<Value> = Vec::new();
    for (i, toleration) in all.iter().enumerate() {
        let before = merged.iter().any(|kept| covers(kept, toleration));
        let mut rest = all.iter().skip(i + 1);
        let after = rest.any(|later| later != toleration && covers(later, toleration));
        if !before && !after {
            merged.push(Value::clone(toleration));
        }
    }
    merged
}
