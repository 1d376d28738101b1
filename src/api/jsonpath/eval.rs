//! What templates and paths find in an object.

use super::compare::holds;
use super::{Missing, Node, Slice};
use crate::api::field::{go_json, go_kind, go_number, go_plain};
use crate::json::Value;
use std::borrow::Cow;

/// The values at one point of a path. What is not in the object itself has no parts of its own.
type Found<'a> = Vec<Cow<'a, Value>>;

/// A template as it is filled.
pub(super) struct Run<'t> {
    nodes: &'t [Node],
    missing: Missing,
    /// How many ranges begin at this node.
    begin: usize,
    /// Within how many ranges it stands.
    inside: usize,
    /// How many of them end at it.
    end: usize,
    /// The end that was met last.
    last_end: Option<usize>,
}

impl<'t> Run<'t> {
    pub(super) fn new(nodes: &'t [Node], missing: Missing) -> Run<'t> {
        Run { nodes, missing, begin: 0, inside: 0, end: 0, last_end: None }
    }

    /// What each node finds, those within ranges once a turn.
    pub(super) fn results<'a>(&mut self, root: &'a Value) -> Result<Vec<Found<'a>>, String> {
        self.from(0, Cow::Borrowed(root))
    }

    fn from<'a>(&mut self, first: usize, here: Cow<'a, Value>) -> Result<Vec<Found<'a>>, String> {
        let mut all = Vec::new();
        let mut at = first;
        while let Some(node) = self.nodes.get(at) {
            let found = self.walk(vec![here.clone()], node)?;
            if self.end > 0 && self.end <= self.inside {
                self.end -= 1;
                self.last_end = Some(at);
                break;
            }
            if self.begin > 0 {
                self.begin -= 1;
                self.inside += 1;
                // Without turns, it is still walked through for its end.
                if found.is_empty() {
                    self.from(at + 1, Cow::Owned(Value::Null))?;
                }
                for value in found {
                    all.extend(self.from(at + 1, value)?);
                }
                self.inside -= 1;
                // A range without an end goes on where it began.
                at = self.last_end.filter(|end| *end > at).unwrap_or(at);
            } else {
                all.push(found);
            }
            at += 1;
        }
        Ok(all)
    }

    fn path<'a>(&mut self, input: Found<'a>, nodes: &[Node]) -> Result<Found<'a>, String> {
        nodes.iter().try_fold(input, |found, node| self.walk(found, node))
    }

    fn walk<'a>(&mut self, input: Found<'a>, node: &Node) -> Result<Found<'a>, String> {
        match node {
            Node::Action(nodes) => self.path(input, nodes),
            Node::Text(text) => Ok(vec![Cow::Owned(text.clone().into())]),
            Node::Literal(value) => Ok(input.iter().map(|_| Cow::Owned(value.clone())).collect()),
            Node::Identifier(name) => self.identifier(input, name),
            Node::Field(name) => self.field(&input, name),
            Node::Wildcard => Ok(input.iter().flat_map(parts).collect()),
            Node::Recursive => Ok(recursive(input)),
            Node::Slice(slice) => cut(&input, *slice),
            Node::Union(paths) => {
                let mut found = Vec::new();
                for path in paths {
                    found.extend(self.path(input.clone(), path)?);
                }
                Ok(found)
            }
            Node::Filter { left, operator, right } => self.filter(&input, (left, operator, right)),
        }
    }

    fn identifier<'a>(&mut self, input: Found<'a>, name: &str) -> Result<Found<'a>, String> {
        match name {
            "range" => {
                self.begin += 1;
                Ok(input)
            }
            "end" if self.inside > 0 => {
                self.end += 1;
                Ok(Vec::new())
            }
            "end" => Err("not in range, nothing to end".to_owned()),
            _ => Err(format!("unrecognized identifier {name}")),
        }
    }

    fn field<'a>(&self, input: &Found<'a>, name: &str) -> Result<Found<'a>, String> {
        let of = |value: &Cow<'a, Value>| match value {
            Cow::Borrowed(value) => value.get(name).map(Cow::Borrowed),
            Cow::Owned(_) => None,
        };
        let found: Found<'a> = input.iter().filter_map(of).collect();
        match found.is_empty() && !input.is_empty() && self.missing == Missing::Refused {
            true => Err(format!("{name} is not found")),
            false => Ok(found),
        }
    }

    fn filter<'a>(
        &mut self,
        input: &Found<'a>,
        (left, operator, right): (&[Node], &str, &[Node]),
    ) -> Result<Found<'a>, String> {
        let mut kept = Vec::new();
        for value in input {
            if !value.is_array() {
                return Err(format!("{} is not array or slice and cannot be filtered", go_plain(value)));
            }
            for item in parts(value) {
                let found = self.path(vec![item.clone()], left);
                if operator.is_empty() {
                    kept.extend(found.is_ok_and(|found| !found.is_empty()).then_some(item));
                    continue;
                }
                let Some(found) = only(found?)? else { continue };
                let Some(wanted) = only(self.path(vec![item.clone()], right)?)? else { continue };
                if holds(&found, operator, &wanted)? {
                    kept.push(item);
                }
            }
        }
        Ok(kept)
    }
}

/// The one value of a side of a comparison, if there is one.
fn only(found: Found<'_>) -> Result<Option<Cow<'_, Value>>, String> {
    match found.len() {
        0 | 1 => Ok(found.into_iter().next()),
        _ => Err("can only compare one element at a time".to_owned()),
    }
}

/// What a value is made of: a text of bytes.
fn parts<'a>(value: &Cow<'a, Value>) -> Found<'a> {
    match value {
        Cow::Borrowed(Value::Array(list)) => list.iter().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Object(map)) => map.values().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::String(text)) => text.bytes().map(|byte| Cow::Owned(byte.into())).collect(),
        Cow::Owned(Value::String(text)) => text.bytes().map(|byte| Cow::Owned(byte.into())).collect(),
        Cow::Borrowed(_) | Cow::Owned(_) => Vec::new(),
    }
}

/// All that has parts, and the parts of the parts.
fn recursive(input: Found<'_>) -> Found<'_> {
    let mut found = Vec::new();
    for value in input {
        let parts = parts(&value);
        if !parts.is_empty() {
            found.push(value);
            found.extend(recursive(parts));
        }
    }
    found
}

fn cut<'a>(input: &Found<'a>, slice: Slice) -> Result<Found<'a>, String> {
    let mut found = Vec::new();
    for value in input.iter().filter(|value| !value.is_null()) {
        let list = parts(value);
        if !value.is_array() {
            return Err(format!("{} is not array or slice", go_kind(value)));
        }
        let length = list.len() as i64;
        let mut from = slice.from.unwrap_or(0);
        let mut to = slice.to.unwrap_or(length);
        if from < 0 {
            from += length;
        }
        if to < 0 || to == 0 && slice.index {
            to += length;
        }
        if from == to {
            return Ok(found);
        }
        for (bound, beyond) in [(from, from >= length || from < 0), (to - 1, to > length || to < 0)] {
            if beyond {
                return Err(format!("array index out of bounds: index {bound}, length {length}"));
            }
        }
        if from > to {
            return Err(format!("starting index {from} is greater than ending index {to}"));
        }
        let step = match slice.step.map(usize::try_from) {
            None => 1,
            Some(Ok(step)) if step > 0 => step,
            Some(_) => return Err("step must be > 0".to_owned()),
        };
        let place = |bound: i64| usize::try_from(bound).unwrap_or_default();
        let cut = list.into_iter().take(place(to)).skip(place(from));
        found.extend(cut.step_by(step));
    }
    Ok(found)
}

/// A value as a template prints it: text as it is, the rest as JSON.
pub(crate) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Number(number) => go_number(number),
        Value::Null => "null".to_owned(),
        Value::Array(_) | Value::Object(_) | Value::Bool(_) => go_json(value),
    }
}
