//! Values that may be absent (`cel-go/cel.OptionalTypes`). `or` and `orValue` are the evaluator's own.

use super::{Row, items};
use crate::cel::value::Val;

pub(super) const ROWS: &[Row] = &[
    ("optional.of(A) -> optional<A>", |_, a| Ok(Val::Optional(Some(Box::new(a[0].clone()))))),
    ("optional.ofNonZeroValue(A) -> optional<A>", |_, a| {
        Ok(Val::Optional((!is_zero(&a[0])).then(|| Box::new(a[0].clone()))))
    }),
    ("optional.none() -> optional<A>", |_, _| Ok(Val::Optional(None))),
    ("(optional<A>).hasValue() -> bool", |_, a| Ok(Val::Bool(matches!(a[0], Val::Optional(Some(_)))))),
    ("(optional<A>).value() -> A", |_, a| match &a[0] {
        Val::Optional(Some(value)) => Ok((**value).clone()),
        _ => Err("optional.none() dereference".to_owned()),
    }),
    ("(optional<A>).orValue(A) -> A", |_, a| match &a[0] {
        Val::Optional(Some(value)) => Ok((**value).clone()),
        _ => Ok(a[1].clone()),
    }),
    ("(optional<A>).or(optional<A>) -> optional<A>", |_, a| match &a[0] {
        Val::Optional(None) => Ok(a[1].clone()),
        held => Ok(held.clone()),
    }),
];

/// The ends of a list, and what is there of many that may be (version 2 of the library).
pub(super) const MORE: &[Row] = &[
    ("(list<A>).first() -> optional<A>", |_, a| {
        Ok(Val::Optional(items(&a[0]).first().cloned().map(Box::new)))
    }),
    ("(list<A>).last() -> optional<A>", |_, a| Ok(Val::Optional(items(&a[0]).last().cloned().map(Box::new)))),
    ("optional.unwrap(list<optional<A>>) -> list<A>", |_, a| there(items(&a[0]))),
    ("(list<optional<A>>).unwrapOpt() -> list<A>", |_, a| there(items(&a[0]))),
];

fn there(list: &[Val]) -> Result<Val, String> {
    let mut found = Vec::new();
    for item in list {
        match item {
            Val::Optional(held) => found.extend(held.as_deref().cloned()),
            _ => return super::no_overload(),
        }
    }
    Ok(Val::list(found))
}

fn is_zero(value: &Val) -> bool {
    match value {
        Val::Null | Val::Bool(false) | Val::Int(0) | Val::Uint(0) | Val::Optional(None) => true,
        Val::Double(d) => *d == 0.0,
        Val::String(s) => s.is_empty(),
        Val::Bytes(b) => b.is_empty(),
        Val::List(list) => list.is_empty(),
        Val::Map(map) => map.is_empty(),
        Val::Object(_, fields) => fields.is_empty(),
        Val::Duration(span) => span.is_zero(),
        _ => false,
    }
}
