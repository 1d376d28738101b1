//! How much memory objects take.

use crate::json::Value;
use std::mem::size_of;

/// A map's entries stand in nodes of eleven, a bit more than half full.
const NODE: usize = 11 * (size_of::<String>() + size_of::<Value>()) + 16;
const IN_A_NODE: usize = 6;

/// About how many bytes a value takes in memory, besides its own place.
pub fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| size_of::<Value>() + weight(item)).sum(),
        Value::Object(fields) => {
            let nodes = fields.len().div_ceil(IN_A_NODE) * NODE;
            nodes + fields.iter().map(|(name, value)| name.len() + weight(value)).sum::<usize>()
        }
    }
}

/// Whether a value takes no more than so many bytes; of one that takes more only a part is looked at.
pub fn is_light(value: &Value, most: usize) -> bool {
    fn rest(value: &Value, most: usize) -> Option<usize> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(most),
            Value::String(text) => most.checked_sub(text.len()),
            Value::Array(items) => {
                let most = most.checked_sub(items.len() * size_of::<Value>())?;
                items.iter().try_fold(most, |most, item| rest(item, most))
            }
            Value::Object(fields) => {
                let most = most.checked_sub(fields.len().div_ceil(IN_A_NODE) * NODE)?;
                fields.iter().try_fold(most, |most, (name, value)| rest(value, most.checked_sub(name.len())?))
            }
        }
    }
    rest(value, most).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn what_is_light_weighs_no_more() {
        let value = json!({"a": ["x".repeat(100), {"b": 1}, null], "c": true});
        let most = weight(&value);
        assert!(is_light(&value, most) && !is_light(&value, most - 1));
    }

    #[test]
    fn long_texts_and_many_fields_weigh_most() {
        assert_eq!(weight(&json!("x".repeat(1_000))), 1_000);
        assert_eq!(weight(&json!([0, [true]])), 3 * size_of::<Value>());
        let fields = (0..7).map(|at| (format!("f{at}"), Value::Null)).collect();
        assert_eq!(weight(&Value::Object(fields)), 2 * NODE + 14);
    }
}
