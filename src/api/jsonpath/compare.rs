//! How filters compare two values (`third_party/forked/golang/template`): of the same basic kind only.

use crate::json::Value;
use std::cmp::Ordering;

/// Whether two values stand in a relation, by its operator.
pub(super) fn holds(left: &Value, operator: &str, right: &Value) -> Result<bool, String> {
    let test: fn(Ordering) -> bool = match operator {
        "==" => Ordering::is_eq,
        "!=" => Ordering::is_ne,
        "<" => Ordering::is_lt,
        "<=" => Ordering::is_le,
        ">" => Ordering::is_gt,
        ">=" => Ordering::is_ge,
        other => return Err(format!("unrecognized filter operator {other}")),
    };
    let invalid = || Err("invalid type for comparison".to_owned());
    let (Some(kind), Some(other)) = (kind(left), kind(right)) else {
        return invalid();
    };
    if kind != other {
        return Err("incompatible types for comparison".to_owned());
    }
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(test(left.cmp(right))),
        (Value::Number(left), Value::Number(right)) => {
            let order = match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64().partial_cmp(&right.as_f64()),
            };
            Ok(order.is_some_and(test))
        }
        // Truth values are equal or not, and in no order.
        _ if matches!(operator, "==" | "!=") => Ok(test(left.as_bool().cmp(&right.as_bool()))),
        _ => invalid(),
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Float,
    String,
}

fn kind(value: &Value) -> Option<Kind> {
    match value {
        Value::Bool(_) => Some(Kind::Bool),
        Value::Number(number) if number.is_f64() => Some(Kind::Float),
        Value::Number(_) => Some(Kind::Int),
        Value::String(_) => Some(Kind::String),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
