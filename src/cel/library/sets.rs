//! Lists as sets (`cel-go/ext.Sets`).

use super::{Row, items};
use crate::cel::value::Val;

pub(super) const ROWS: &[Row] = &[
    ("sets.contains(list<A>, list<A>) -> bool", |_, a| Ok(Val::Bool(holds(&a[0], &a[1])))),
    ("sets.equivalent(list<A>, list<A>) -> bool", |_, a| {
        Ok(Val::Bool(holds(&a[0], &a[1]) && holds(&a[1], &a[0])))
    }),
    ("sets.intersects(list<A>, list<A>) -> bool", |_, a| {
        Ok(Val::Bool(items(&a[1]).iter().any(|item| items(&a[0]).contains(item))))
    }),
];

fn holds(all: &Val, some: &Val) -> bool {
    items(some).iter().all(|item| items(all).contains(item))
}
