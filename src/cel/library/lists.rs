//! Lists of Kubernetes (`apiserver/pkg/cel/library.Lists`).

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
