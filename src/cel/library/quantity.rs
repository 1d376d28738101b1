//! Amounts (`apiserver/pkg/cel/library.Quantity`).

use super::{Row, no_overload, text};
use crate::api::quantity::Quantity;
use crate::cel::opaque::Opaque;
use crate::cel::value::Val;
use std::cmp::Ordering;

pub(super) const ROWS: &[Row] = &[
    ("quantity(string) -> kubernetes.Quantity", |_, a| match text(&a[0]).parse::<Quantity>() {
        Ok(amount) => Ok(Val::opaque(Opaque::Quantity(amount))),
        Err(error) => Err(error.to_string()),
    }),
    ("isQuantity(string) -> bool", |_, a| Ok(Val::Bool(text(&a[0]).parse::<Quantity>().is_ok()))),
    ("sign(kubernetes.Quantity) -> int", |_, a| amount(&a[0]).map(|q| Val::Int(q.sign().into()))),
    ("(kubernetes.Quantity).isGreaterThan(kubernetes.Quantity) -> bool", |_, a| {
        compare(a).map(|o| Val::Bool(o.is_gt()))
    }),
    ("(kubernetes.Quantity).isLessThan(kubernetes.Quantity) -> bool", |_, a| {
        compare(a).map(|o| Val::Bool(o.is_lt()))
    }),
    ("(kubernetes.Quantity).compareTo(kubernetes.Quantity) -> int", |_, a| {
        compare(a).map(|o| Val::Int(o as i64))
    }),
    ("(kubernetes.Quantity).asInteger() -> int", |_, a| {
        let whole = amount(&a[0])?.as_integer();
        whole.map(Val::Int).ok_or_else(|| "cannot convert value to integer".to_owned())
    }),
    ("(kubernetes.Quantity).isInteger() -> bool", |_, a| {
        amount(&a[0]).map(|q| Val::Bool(q.as_integer().is_some()))
    }),
    ("(kubernetes.Quantity).asApproximateFloat() -> double", |_, a| {
        amount(&a[0]).map(|q| Val::Double(q.approximate()))
    }),
    ("(kubernetes.Quantity).add(kubernetes.Quantity) -> kubernetes.Quantity", |_, a| {
        summed(a, Quantity::add)
    }),
    ("(kubernetes.Quantity).add(int) -> kubernetes.Quantity", |_, a| summed(a, Quantity::add)),
    ("(kubernetes.Quantity).sub(kubernetes.Quantity) -> kubernetes.Quantity", |_, a| {
        summed(a, Quantity::subtract)
    }),
    ("(kubernetes.Quantity).sub(int) -> kubernetes.Quantity", |_, a| summed(a, Quantity::subtract)),
];

fn amount(value: &Val) -> Result<&Quantity, String> {
    match value.library() {
        Some(Opaque::Quantity(amount)) => Ok(amount),
        _ => no_overload(),
    }
}

fn compare(a: &[Val]) -> Result<Ordering, String> {
    Ok(amount(&a[0])?.cmp(amount(&a[1])?))
}

fn summed(a: &[Val], of: fn(&mut Quantity, &Quantity)) -> Result<Val, String> {
    let mut sum = amount(&a[0])?.clone();
    match &a[1] {
        Val::Int(i) => of(&mut sum, &Quantity::whole(*i)),
        other => of(&mut sum, amount(other)?),
    }
    Ok(Val::opaque(Opaque::Quantity(sum)))
}
