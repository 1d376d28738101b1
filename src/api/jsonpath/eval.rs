//! What templates and paths find in an object.

use super::{Node, Operand, Step};
use crate::api::field::go_json;
use serde_json::Value;

fn unknown(word: &str) -> String {
    format!("unrecognized identifier {word}")
}

/// The values of one node.
pub(super) fn values(node: &Node, root: &Value) -> Result<Vec<Value>, String> {
    match node {
        Node::Text(text) => Ok(vec![text.clone().into()]),
        Node::Path(steps) => walk(steps, root, root),
        Node::Unknown(word) => Err(unknown(word)),
        Node::Range(..) => Err("a range is not modelled in jsonpath-as-json".to_owned()),
    }
}

/// Writes what nodes stand for.
pub(super) fn render(nodes: &[Node], root: &Value, here: &Value, out: &mut String) -> Result<(), String> {
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Path(steps) => {
                let values: Vec<String> = walk(steps, root, here)?.iter().map(show).collect();
                out.push_str(&values.join(" "));
            }
            Node::Unknown(word) => return Err(unknown(word)),
            Node::Range(steps, body) => {
                for value in walk(steps, root, here)? {
                    render(body, root, &value, out)?;
                }
            }
        }
    }
    Ok(())
}

/// A value as a template prints it: text as it is, the rest as JSON.
pub(crate) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) | Value::Bool(_) | Value::Number(_) => go_json(value),
    }
}

/// The values at the end of a path.
pub(super) fn walk(steps: &[Step], root: &Value, here: &Value) -> Result<Vec<Value>, String> {
    let mut values = vec![here.clone()];
    for step in steps {
        let mut next = Vec::new();
        for value in &values {
            one_step(step, root, value, &mut next)?;
        }
        values = next;
    }
    Ok(values)
}

fn one_step(step: &Step, root: &Value, value: &Value, next: &mut Vec<Value>) -> Result<(), String> {
    match step {
        Step::Root => next.push(root.clone()),
        Step::Field(name) => next.extend(value.get(name).cloned()),
        Step::Every => match value {
            Value::Array(list) => next.extend(list.iter().cloned()),
            Value::Object(map) => next.extend(map.values().cloned()),
            _ => {}
        },
        Step::Index(indexes) => {
            let Value::Array(list) = value else {
                return if value.is_null() {
                    Ok(())
                } else {
                    Err(format!("{} is not array or slice", json_type(value)))
                };
            };
            for index in indexes {
                let length = list.len() as i64;
                let at = if *index < 0 { length + index } else { *index };
                let found = usize::try_from(at).ok().and_then(|i| list.get(i));
                next.push(
                    found
                        .ok_or_else(|| format!("array index out of bounds: index {at}, length {length}"))?
                        .clone(),
                );
            }
        }
        Step::Slice(from, to) => {
            let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
            let length = list.len() as i64;
            let place = |bound: i64| if bound < 0 { bound + length } else { bound }.clamp(0, length) as usize;
            let (from, to) = (place(from.unwrap_or(0)), place(to.unwrap_or(length)));
            next.extend(list.get(from..to).unwrap_or_default().iter().cloned());
        }
        Step::Filter(left, operator, right) => {
            for item in value.as_array().map(Vec::as_slice).unwrap_or_default() {
                if passes(left, operator, right.as_ref(), root, item)? {
                    next.push(item.clone());
                }
            }
        }
        Step::Descend => descend(value, next),
    }
    Ok(())
}

fn descend(value: &Value, next: &mut Vec<Value>) {
    next.push(value.clone());
    match value {
        Value::Array(list) => list.iter().for_each(|v| descend(v, next)),
        Value::Object(map) => map.values().for_each(|v| descend(v, next)),
        _ => {}
    }
}

fn passes(
    left: &[Step],
    operator: &str,
    right: Option<&Operand>,
    root: &Value,
    item: &Value,
) -> Result<bool, String> {
    let left = walk(left, root, item)?;
    let Some(right) = right else {
        return Ok(!left.is_empty());
    };
    let right = match right {
        Operand::Literal(value) => value.clone(),
        Operand::Path(steps) => walk(steps, root, item)?.into_iter().next().unwrap_or_default(),
    };
    let Some(left) = left.into_iter().next() else {
        return Ok(false);
    };
    let order = match (&left, &right) {
        (Value::Number(a), Value::Number(b)) => a.as_i64().cmp(&b.as_i64()),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ if left == right => std::cmp::Ordering::Equal,
        _ => return Ok(operator == "!="),
    };
    match operator {
        "==" | "=" => Ok(order.is_eq()),
        "!=" => Ok(order.is_ne()),
        "<" => Ok(order.is_lt()),
        "<=" => Ok(order.is_le()),
        ">" => Ok(order.is_gt()),
        ">=" => Ok(order.is_ge()),
        other => Err(format!("unrecognized filter operator {other}")),
    }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "map[string]interface {}",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) => "int64",
        Value::Array(_) | Value::Null => "value",
    }
}
