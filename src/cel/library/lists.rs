//! Lists: those of Kubernetes (`apiserver/pkg/cel/library.Lists`), and those of cel-go (`ext.Lists`).

use super::{Row, count, items};
use crate::cel::value::Val;
use std::cmp::Ordering;

pub(super) const ROWS: &[Row] = &[
    ("(list<A>).isSorted() -> bool", |_, a| {
        let pairs = items(&a[0]).windows(2);
        Ok(Val::Bool(pairs.into_iter().all(|pair| pair[0].order(&pair[1]).is_some_and(Ordering::is_le))))
    }),
    ("(list<int>).sum() -> int", |_, a| sum(items(&a[0]), Val::Int(0))),
    ("(list<uint>).sum() -> uint", |_, a| sum(items(&a[0]), Val::Uint(0))),
    ("(list<double>).sum() -> double", |_, a| sum(items(&a[0]), Val::Double(0.0))),
    ("(list<duration>).sum() -> duration", |_, a| {
        sum(items(&a[0]), Val::Duration(jiff::SignedDuration::ZERO))
    }),
    ("(list<A>).min() -> A", |_, a| best(items(&a[0]), "min", Ordering::is_lt)),
    ("(list<A>).max() -> A", |_, a| best(items(&a[0]), "max", Ordering::is_gt)),
    ("(list<A>).indexOf(A) -> int", |_, a| {
        Ok(items(&a[0]).iter().position(|item| *item == a[1]).map_or(Val::Int(-1), count))
    }),
    ("(list<A>).lastIndexOf(A) -> int", |_, a| {
        Ok(items(&a[0]).iter().rposition(|item| *item == a[1]).map_or(Val::Int(-1), count))
    }),
];

/// The rows of sorting by values of these types.
macro_rules! sorting {
    ($($of:literal),* $(,)?) => {
        &[$(
            (concat!("(list<", $of, ">).sort() -> list<", $of, ">"), |_, a| sorted(&a[0], &a[0])),
            (
                concat!("(list<A>).@sortByAssociatedKeys(list<", $of, ">) -> list<A>"),
                |_, a| sorted(&a[0], &a[1]),
            ),
        )*]
    };
}

/// Sorted lists.
pub(super) const SORTS: &[Row] =
    sorting!["int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"];

/// The longest list of numbers.
const RANGE_MAX: i64 = 10_000_000;

/// Parts and orders of lists.
pub(super) const MORE: &[Row] = &[
    ("(list<A>).slice(int, int) -> list<A>", |_, a| {
        slice(items(&a[0]), super::int(&a[1]), super::int(&a[2]))
    }),
    ("(list<list<A>>).flatten() -> list<A>", |_, a| flattened(items(&a[0]), 1).map(Val::list)),
    ("(list<dyn>).flatten(int) -> list<dyn>", |_, a| {
        flattened(items(&a[0]), super::int(&a[1])).map(Val::list)
    }),
    ("lists.range(int) -> list<int>", |_, a| match super::int(&a[0]) {
        size if size > RANGE_MAX => {
            Err(format!("lists.range: size {size} exceeds maximum allowed ({RANGE_MAX})"))
        }
        size => Ok(Val::list((0..size).map(Val::Int).collect())),
    }),
    ("(list<A>).reverse() -> list<A>", |_, a| Ok(Val::list(items(&a[0]).iter().rev().cloned().collect()))),
    ("(list<A>).distinct() -> list<A>", |_, a| {
        let mut seen: Vec<Val> = Vec::new();
        for item in items(&a[0]) {
            if !seen.contains(item) {
                seen.push(item.clone());
            }
        }
        Ok(Val::list(seen))
    }),
];

/// The items of a list in the order of their keys.
fn sorted(list: &Val, keys: &Val) -> Result<Val, String> {
    let (list, keys) = (items(list), items(keys));
    if list.len() != keys.len() {
        return Err(format!(
            "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got {} and {} \
             elements respectively",
            list.len(),
            keys.len()
        ));
    }
    let Some(first) = keys.first() else { return Ok(Val::list(Vec::new())) };
    if first.order(first).is_none() && !matches!(first, Val::Double(_)) {
        return Err("list elements must be comparable".to_owned());
    }
    if keys.len() > 1 && keys.iter().any(|key| key.type_of() != first.type_of()) {
        return Err("list elements must have the same type".to_owned());
    }
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|a, b| keys[*a].order(&keys[*b]).unwrap_or(Ordering::Equal));
    Ok(Val::list(order.into_iter().map(|at| list[at].clone()).collect()))
}

fn slice(list: &[Val], from: i64, to: i64) -> Result<Val, String> {
    let wrong = |why: &str| Err(format!("cannot slice({from}, {to}), {why}"));
    let (Ok(start), Ok(end)) = (usize::try_from(from), usize::try_from(to)) else {
        return wrong("negative indexes not supported");
    };
    match list.get(start..end) {
        _ if start > end => wrong("start index must be less than or equal to end index"),
        Some(part) => Ok(Val::list(part.to_vec())),
        None => wrong(&format!("list is length {}", list.len())),
    }
}

/// The items of a list and of the lists in it, so many levels deep.
fn flattened(list: &[Val], levels: i64) -> Result<Vec<Val>, String> {
    if levels < 0 {
        return Err("level must be non-negative".to_owned());
    }
    let mut flat = Vec::new();
    for item in list {
        match item {
            Val::List(inner) if levels > 0 => flat.extend(flattened(inner, levels - 1)?),
            other => flat.push(other.clone()),
        }
    }
    Ok(flat)
}

fn sum(list: &[Val], zero: Val) -> Result<Val, String> {
    list.iter().try_fold(zero, |sum, item| match (&sum, item) {
        (Val::Int(a), Val::Int(b)) => {
            a.checked_add(*b).map(Val::Int).ok_or_else(|| "integer overflow".to_owned())
        }
        (Val::Int(0), other) => Ok(other.clone()),
        (Val::Uint(a), Val::Uint(b)) => {
            a.checked_add(*b).map(Val::Uint).ok_or_else(|| "unsigned integer overflow".to_owned())
        }
        (Val::Double(a), Val::Double(b)) => Ok(Val::Double(a + b)),
        (Val::Duration(a), Val::Duration(b)) => Ok(Val::Duration(a.saturating_add(*b))),
        _ => super::no_overload(),
    })
}

fn best(list: &[Val], name: &str, better: fn(Ordering) -> bool) -> Result<Val, String> {
    let mut rest = list.iter();
    let first = rest.next().ok_or_else(|| format!("{name} called on empty list"))?;
    rest.try_fold(first.clone(), |best, item| match item.order(&best) {
        Some(order) if better(order) => Ok(item.clone()),
        Some(_) => Ok(best),
        None => super::no_overload(),
    })
}
