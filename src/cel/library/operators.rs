//! Arithmetic, comparison, membership (`cel-go/common/stdlib`). Logic and choice are the evaluator's own.

use super::Row;
use crate::cel::value::{Key, Val, text_of};
use jiff::SignedDuration;
use std::cmp::Ordering;
use std::collections::BTreeMap;
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
        [Val::List(a), Val::List(b)] => Ok(Val::List(a.clone().joined(b))),
        _ => super::no_overload(),
    }),
    ("_+_(duration, duration) -> duration", |_, a| match a {
        [Val::Duration(a), Val::Duration(b)] => span(a.checked_add(*b)),
        _ => super::no_overload(),
    }),
    ("_-_(duration, duration) -> duration", |_, a| match a {
        [Val::Duration(a), Val::Duration(b)] => span(a.checked_sub(*b)),
        _ => super::no_overload(),
    }),
    ("_+_(timestamp, duration) -> timestamp", |_, a| moved(&a[0], &a[1], false)),
    ("_+_(duration, timestamp) -> timestamp", |_, a| moved(&a[1], &a[0], false)),
    ("_-_(timestamp, duration) -> timestamp", |_, a| moved(&a[0], &a[1], true)),
    ("_-_(timestamp, timestamp) -> duration", |_, a| match a {
        [Val::Timestamp(a), Val::Timestamp(b)] => span(Some(a.since(*b))),
        _ => super::no_overload(),
    }),
    ("_==_(A, A) -> bool", |_, a| Ok(Val::Bool(a[0] == a[1]))),
    ("_!=_(A, A) -> bool", |_, a| Ok(Val::Bool(a[0] != a[1]))),
    ("@in(A, list<A>) -> bool", |_, a| Ok(Val::Bool(super::items(&a[1]).contains(&a[0])))),
    ("@in(A, map<A, B>) -> bool", |_, a| match a {
        [key, Val::Map(map)] => Ok(Val::Bool(Key::of(key).is_some_and(|key| map.contains_key(&key)))),
        _ => super::no_overload(),
    }),
    ("_[_](list<A>, int) -> A", |_, a| element(a)),
    ("_[_](map<A, B>, A) -> B", |_, a| element(a)),
    ("_[?_](list<A>, int) -> optional<A>", |_, a| element_if_there(a)),
    ("_[?_](map<A, B>, A) -> optional<B>", |_, a| element_if_there(a)),
    ("_[?_](optional<list<A>>, int) -> optional<A>", |_, a| element_if_there(a)),
    ("_[?_](optional<map<A, B>>, A) -> optional<B>", |_, a| element_if_there(a)),
    ("_[_](optional<list<A>>, int) -> optional<A>", |_, a| element(a)),
    ("_[_](optional<map<A, B>>, A) -> optional<B>", |_, a| element(a)),
    ("cel.@mapInsert(map<A, B>, A, B) -> map<A, B>", |_, a| grown(a[0].clone(), &a[1..])),
    ("cel.@mapInsert(map<A, B>, map<A, B>) -> map<A, B>", |_, a| grown(a[0].clone(), &a[1..])),
    ("_?_:_(bool, A, A) -> A", |_, a| match a {
        [Val::Bool(condition), yes, no] => Ok(if *condition { yes } else { no }.clone()),
        _ => super::no_overload(),
    }),
    ("@not_strictly_false(bool) -> bool", |_, a| Ok(a[0].clone())),
];

/// The rows of the four operators that compare values of these types.
macro_rules! comparing {
    ($($types:literal),* $(,)?) => {
        &[$(
            (concat!("_<_(", $types, ") -> bool"), |_, a| ordered(a, Ordering::is_lt)),
            (concat!("_<=_(", $types, ") -> bool"), |_, a| ordered(a, Ordering::is_le)),
            (concat!("_>_(", $types, ") -> bool"), |_, a| ordered(a, Ordering::is_gt)),
            (concat!("_>=_(", $types, ") -> bool"), |_, a| ordered(a, Ordering::is_ge)),
        )*]
    };
}

/// The order of values of one type.
pub(super) const COMPARISONS: &[Row] = comparing![
    "bool, bool",
    "int, int",
    "uint, uint",
    "double, double",
    "string, string",
    "bytes, bytes",
    "timestamp, timestamp",
    "duration, duration",
];

/// The order of numbers of different types (`CrossTypeNumericComparisons`).
pub(super) const ACROSS: &[Row] =
    comparing!["int, uint", "int, double", "uint, int", "uint, double", "double, int", "double, uint",];

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
    let by = if back { by.checked_neg() } else { Some(*by) };
    by.and_then(|by| at.plus(by)).map(Val::Timestamp).ok_or_else(|| "timestamp overflow".to_owned())
}

/// A span of time: of as many billionths of a second as an integer counts.
fn span(of: Option<SignedDuration>) -> Result<Val, String> {
    let counted = of.filter(|span| i64::try_from(span.as_nanos()).is_ok());
    counted.map(Val::Duration).ok_or_else(int_overflow)
}

fn ordered(a: &[Val], is: fn(Ordering) -> bool) -> Result<Val, String> {
    match a[0].order(&a[1]) {
        Some(order) => Ok(Val::Bool(is(order))),
        None if matches!(a, [Val::Double(_), _] | [_, Val::Double(_)]) => {
            Err("NaN values cannot be ordered".to_owned())
        }
        None => super::no_overload(),
    }
}

/// The element of a list that an index names; none beyond its ends.
fn indexed<'a>(list: &'a [Val], at: &Val) -> Result<Option<&'a Val>, String> {
    let shown = || text_of(at).map(|text| text.to_string()).unwrap_or_default();
    let unsupported = || format!("unsupported index value {} in list", shown());
    let index = match at {
        Val::Int(index) => *index,
        Val::Uint(index) => i64::try_from(*index).map_err(|_| unsupported())?,
        Val::Double(index) if index.fract() == 0.0 && index.abs() < 9.3e18 => *index as i64,
        Val::Double(_) => return Err(unsupported()),
        other => return Err(format!("unsupported index type '{}' in list", other.type_of().name())),
    };
    Ok(usize::try_from(index).ok().and_then(|index| list.get(index)))
}

fn find(map: &Val, key: &Val) -> Option<Val> {
    match map {
        Val::Map(map) => map.get(&Key::of(key)?).cloned(),
        Val::Object(_, fields) => fields.get(super::text(key)).cloned(),
        _ => None,
    }
}

/// What stands under an index or a key, if anything does.
fn within(of: &Val, at: &Val) -> Result<Option<Val>, String> {
    match of {
        Val::List(list) => indexed(list, at).map(Option::<&Val>::cloned),
        Val::Optional(None) => Ok(None),
        Val::Optional(Some(held)) => within(held, at),
        other => Ok(find(other, at)),
    }
}

/// The element under an index or a key (`_[_]`).
pub(in crate::cel) fn element(a: &[Val]) -> Result<Val, String> {
    let [of, at] = a else { return super::no_overload() };
    match (of, within(of, at)?) {
        (Val::Optional(_), found) => Ok(Val::Optional(found.map(Box::new))),
        (_, Some(found)) => Ok(found),
        (Val::List(_), None) => Err(format!("index out of bounds: {}", text_of(at)?)),
        (_, None) => Err(format!("no such key: {}", text_of(at)?)),
    }
}

/// The element under an index or a key, if there is one (`_[?_]`).
pub(in crate::cel) fn element_if_there(a: &[Val]) -> Result<Val, String> {
    let [of, at] = a else { return super::no_overload() };
    Ok(Val::Optional(within(of, at)?.map(Box::new)))
}

/// What a comprehension adds up in, with more: a list with items, a map with entries of whose keys it has none yet.
/// What nobody else holds is not copied.
pub(in crate::cel) fn grown(of: Val, more: &[Val]) -> Result<Val, String> {
    match (of, more) {
        (Val::List(list), [Val::List(more)]) => Ok(Val::List(list.joined(more))),
        (Val::Map(map), [key, value]) => inserted(map, [(key.clone(), value.clone())]),
        (Val::Map(map), [more]) => inserted(map, walked(more)?),
        _ => super::no_overload(),
    }
}

fn inserted(
    mut map: Arc<BTreeMap<Key, Val>>,
    more: impl IntoIterator<Item = (Val, Val)>,
) -> Result<Val, String> {
    let entries = Arc::make_mut(&mut map);
    for (key, value) in more {
        let Some(place) = Key::of(&key) else { return Err("unsupported key type".to_owned()) };
        if entries.insert(place, value).is_some() {
            return Err(format!("insert failed: key {} already exists", text_of(&key)?));
        }
    }
    Ok(Val::Map(map))
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
        other => Err(format!("got '{}', expected iterable type", go_type(other))),
    }
}

/// The type that a value has in Go.
fn go_type(of: &Val) -> &'static str {
    match of {
        Val::Null => "types.Null",
        Val::Bool(_) => "types.Bool",
        Val::Int(_) => "types.Int",
        Val::Uint(_) => "types.Uint",
        Val::Double(_) => "types.Double",
        Val::String(_) => "types.String",
        Val::Bytes(_) => "types.Bytes",
        Val::Duration(_) => "types.Duration",
        Val::Timestamp(_) => "types.Timestamp",
        Val::Optional(_) => "*types.Optional",
        Val::Type(_) => "*types.Type",
        Val::List(_) | Val::Map(_) | Val::Object(..) | Val::Opaque(_) => "ref.Val",
    }
}
