//! Arithmetic, comparison, membership (`cel-go/common/stdlib`). Logic and choice are the evaluator's own.

use super::Row;
use crate::cel::value::{Key, Val, text_of};
use std::cmp::Ordering;
use std::sync::Arc;

pub(super) const ROWS: &[Row] = &[
    ("!_(bool) -> bool", |_, a| match a {
        [Val::Bool(b)] => Ok(Val::Bool(!b)),
        _ => super::no_overload(),
    }),
    ("-_(int) -> int", |_, a| match a {
        [Val::Int(i)] => i.checked_neg().map(Val::Int).ok_or_else(int_overflow),
        _ => super::no_overload(),
    }),
    ("-_(double) -> double", |_, a| match a {
        [Val::Double(d)] => Ok(Val::Double(-d)),
        _ => super::no_overload(),
    }),
    ("_+_(int, int) -> int", |_, a| ints(a, i64::checked_add)),
    ("_-_(int, int) -> int", |_, a| ints(a, i64::checked_sub)),
    ("_*_(int, int) -> int", |_, a| ints(a, i64::checked_mul)),
    ("_/_(int, int) -> int", |_, a| match a {
        [_, Val::Int(0)] => Err("division by zero".to_owned()),
        _ => ints(a, i64::checked_div),
    }),
    ("_%_(int, int) -> int", |_, a| match a {
        [_, Val::Int(0)] => Err("modulus by zero".to_owned()),
        _ => ints(a, i64::checked_rem),
    }),
    ("_+_(uint, uint) -> uint", |_, a| uints(a, u64::checked_add)),
    ("_-_(uint, uint) -> uint", |_, a| uints(a, u64::checked_sub)),
    ("_*_(uint, uint) -> uint", |_, a| uints(a, u64::checked_mul)),
    ("_/_(uint, uint) -> uint", |_, a| match a {
        [_, Val::Uint(0)] => Err("division by zero".to_owned()),
        _ => uints(a, u64::checked_div),
    }),
    ("_%_(uint, uint) -> uint", |_, a| match a {
        [_, Val::Uint(0)] => Err("modulus by zero".to_owned()),
        _ => uints(a, u64::checked_rem),
    }),
    ("_+_(double, double) -> double", |_, a| doubles(a, |a, b| a + b)),
    ("_-_(double, double) -> double", |_, a| doubles(a, |a, b| a - b)),
    ("_*_(double, double) -> double", |_, a| doubles(a, |a, b| a * b)),
    ("_/_(double, double) -> double", |_, a| doubles(a, |a, b| a / b)),
    ("_+_(string, string) -> string", |_, a| {
        Ok(Val::text(format!("{}{}", super::text(&a[0]), super::text(&a[1]))))
    }),
    ("_+_(bytes, bytes) -> bytes", |_, a| match a {
        [Val::Bytes(a), Val::Bytes(b)] => Ok(Val::Bytes([&a[..], &b[..]].concat().into())),
        _ => super::no_overload(),
    }),
    ("_+_(list<A>, list<A>) -> list<A>", |_, a| match a {
        [Val::List(a), Val::List(b)] => Ok(Val::List(a.joined(b))),
        _ => super::no_overload(),
    }),
    ("_+_(duration, duration) -> duration", |_, a| match a {
        [Val::Duration(a), Val::Duration(b)] => a.checked_add(*b).map(Val::Duration).ok_or_else(int_overflow),
        _ => super::no_overload(),
    }),
    ("_-_(duration, duration) -> duration", |_, a| match a {
        [Val::Duration(a), Val::Duration(b)] => a.checked_sub(*b).map(Val::Duration).ok_or_else(int_overflow),
        _ => super::no_overload(),
    }),
    ("_+_(timestamp, duration) -> timestamp", |_, a| moved(&a[0], &a[1], false)),
    ("_+_(duration, timestamp) -> timestamp", |_, a| moved(&a[1], &a[0], false)),
    ("_-_(timestamp, duration) -> timestamp", |_, a| moved(&a[0], &a[1], true)),
    ("_-_(timestamp, timestamp) -> duration", |_, a| match a {
        [Val::Timestamp(a), Val::Timestamp(b)] => Ok(Val::Duration(a.duration_since(*b))),
        _ => super::no_overload(),
    }),
    ("_==_(A, A) -> bool", |_, a| Ok(Val::Bool(a[0] == a[1]))),
    ("_!=_(A, A) -> bool", |_, a| Ok(Val::Bool(a[0] != a[1]))),
    ("_<_(A, A) -> bool", |_, a| ordered(a, Ordering::is_lt)),
    ("_<=_(A, A) -> bool", |_, a| ordered(a, Ordering::is_le)),
    ("_>_(A, A) -> bool", |_, a| ordered(a, Ordering::is_gt)),
    ("_>=_(A, A) -> bool", |_, a| ordered(a, Ordering::is_ge)),
    ("@in(A, list<A>) -> bool", |_, a| Ok(Val::Bool(super::items(&a[1]).contains(&a[0])))),
    ("@in(A, map<A, B>) -> bool", |_, a| match a {
        [key, Val::Map(map)] => Ok(Val::Bool(Key::of(key).is_some_and(|key| map.contains_key(&key)))),
        _ => super::no_overload(),
    }),
    ("_[_](list<A>, int) -> A", |_, a| match super::items(&a[0]).get(index(&a[1])) {
        Some(item) => Ok(item.clone()),
        None => Err(format!("index out of bounds: {}", super::int(&a[1]))),
    }),
    ("_[_](map<A, B>, A) -> B", |_, a| match find(&a[0], &a[1]) {
        Some(value) => Ok(value),
        None => Err(format!("no such key: {}", text_of(&a[1])?)),
    }),
    ("_[?_](list<A>, int) -> optional<A>", |_, a| {
        Ok(Val::Optional(super::items(&a[0]).get(index(&a[1])).cloned().map(Box::new)))
    }),
    ("_[?_](map<A, B>, A) -> optional<B>", |_, a| Ok(Val::Optional(find(&a[0], &a[1]).map(Box::new)))),
    ("_[?_](optional<list<A>>, int) -> optional<A>", |_, a| within(a)),
    ("_[?_](optional<map<A, B>>, A) -> optional<B>", |_, a| within(a)),
    ("_[_](optional<list<A>>, int) -> optional<A>", |_, a| within(a)),
    ("_[_](optional<map<A, B>>, A) -> optional<B>", |_, a| within(a)),
    ("@not_strictly_false(bool) -> bool", |_, a| Ok(a[0].clone())),
];

fn int_overflow() -> String {
    "integer overflow".to_owned()
}

fn ints(a: &[Val], of: fn(i64, i64) -> Option<i64>) -> Result<Val, String> {
    match a {
        [Val::Int(a), Val::Int(b)] => of(*a, *b).map(Val::Int).ok_or_else(int_overflow),
        _ => super::no_overload(),
    }
}

fn uints(a: &[Val], of: fn(u64, u64) -> Option<u64>) -> Result<Val, String> {
    match a {
        [Val::Uint(a), Val::Uint(b)] => {
            of(*a, *b).map(Val::Uint).ok_or_else(|| "unsigned integer overflow".to_owned())
        }
        _ => super::no_overload(),
    }
}

fn doubles(a: &[Val], of: fn(f64, f64) -> f64) -> Result<Val, String> {
    match a {
        [Val::Double(a), Val::Double(b)] => Ok(Val::Double(of(*a, *b))),
        _ => super::no_overload(),
    }
}

fn moved(at: &Val, by: &Val, back: bool) -> Result<Val, String> {
    let (Val::Timestamp(at), Val::Duration(by)) = (at, by) else { return super::no_overload() };
    let moved = if back { at.checked_sub(*by) } else { at.checked_add(*by) };
    moved.map(Val::Timestamp).map_err(|_| "timestamp overflow".to_owned())
}

fn ordered(a: &[Val], is: fn(Ordering) -> bool) -> Result<Val, String> {
    match a[0].order(&a[1]) {
        Some(order) => Ok(Val::Bool(is(order))),
        None if matches!(a, [Val::Double(_), _] | [_, Val::Double(_)]) => Ok(Val::Bool(false)),
        None => super::no_overload(),
    }
}

fn index(at: &Val) -> usize {
    usize::try_from(super::int(at)).unwrap_or(usize::MAX)
}

fn find(map: &Val, key: &Val) -> Option<Val> {
    match map {
        Val::Map(map) => map.get(&Key::of(key)?).cloned(),
        Val::Object(_, fields) => fields.get(super::text(key)).cloned(),
        _ => None,
    }
}

/// An element of what may be there.
fn within(a: &[Val]) -> Result<Val, String> {
    let Val::Optional(held) = &a[0] else { return super::no_overload() };
    Ok(Val::Optional(match held.as_deref() {
        Some(Val::List(list)) => list.get(index(&a[1])).cloned().map(Box::new),
        Some(map) => find(map, &a[1]).map(Box::new),
        None => None,
    }))
}

/// A map's keys as a list; a list as it is. What a comprehension walks over.
pub(crate) fn walked(range: &Val) -> Result<Vec<(Val, Val)>, String> {
    match range {
        Val::List(list) => {
            Ok(list.iter().enumerate().map(|(i, item)| (super::count(i), item.clone())).collect())
        }
        Val::Map(map) => Ok(map.iter().map(|(key, value)| (key.value(), value.clone())).collect()),
        Val::Object(_, fields) => {
            let entries =
                fields.iter().map(|(name, value)| (Val::String(Arc::from(name.as_str())), value.clone()));
            Ok(entries.collect())
        }
        _ => super::no_overload(),
    }
}
