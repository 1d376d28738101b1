//! `kubectl get --sort-by=JSONPATH` (`kubectl/pkg/cmd/get/sorter.go`).
//!
//! Differs from kubectl: what cannot be sorted is an error here and a crash there; with more than a dozen objects, those
//! alike keep their order.

use super::error::{Done, Failure, fail};
use crate::api::Dig;
use crate::api::jsonpath::{self, Missing, Template};
use crate::api::quantity::Quantity;
use crate::json::Value;
use std::cmp::Ordering;

/// Sorts items by what a path finds in each; `object` is where in an item the object is.
pub(super) fn sort(items: &mut [Value], path: &str, object: &str) -> Done {
    let path = jsonpath::relaxed(path).map_err(Failure::plain)?;
    let template = Template::read(&path).map_err(Failure::plain)?;
    let mut keys: Vec<Option<Value>> = Vec::new();
    for item in items.iter() {
        let object = if object.is_empty() { item } else { item.at(object) };
        let found = template.each(object, Missing::Allowed).map_err(Failure::plain)?;
        keys.push(found.into_iter().flatten().next());
    }
    if !items.is_empty() && keys.iter().all(Option::is_none) {
        return Err(not_found(&path));
    }
    // Go's sort is an insertion sort for few items, and this comparison is no order: what is missing comes before all.
    for end in 1..items.len() {
        let mut at = end;
        while at > 0 && less(&keys[at], &keys[at - 1], &path)? {
            keys.swap(at, at - 1);
            items.swap(at, at - 1);
            at -= 1;
        }
    }
    Ok(())
}

/// Nothing has the field of a template.
pub(super) fn not_found(path: &str) -> Failure {
    Failure::plain(format!("couldn't find any field with path \"{path}\" in the list of objects"))
}

fn less(a: &Option<Value>, b: &Option<Value>, path: &str) -> Done<bool> {
    match (a, b) {
        (None, _) => Ok(true),
        (_, None) => Ok(false),
        (Some(Value::Number(a)), Some(Value::Number(b))) => Ok(a.as_i64() < b.as_i64()),
        (Some(Value::String(a)), Some(Value::String(b))) => Ok(match (a.parse(), b.parse()) {
            (Ok::<Quantity, _>(a), Ok::<Quantity, _>(b)) => a < b,
            _ => natural(a, b) == Ordering::Less,
        }),
        (Some(_), Some(_)) => fail!("Field {path} is an unsortable type"),
    }
}

/// Numbers within texts count as numbers (`fvbommel/sortorder.NaturalLess`).
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    loop {
        match (digits(a), digits(b)) {
            (0, _) | (_, 0) => match (a.split_first(), b.split_first()) {
                (Some((x, rest_a)), Some((y, rest_b))) if x == y => (a, b) = (rest_a, rest_b),
                _ => return a.cmp(b),
            },
            (m, n) => {
                let bare =
                    |text: &[u8]| text.iter().skip_while(|byte| **byte == b'0').copied().collect::<Vec<u8>>();
                let (x, y) = (bare(&a[..m]), bare(&b[..n]));
                let order = x.len().cmp(&y.len()).then_with(|| x.cmp(&y)).then(m.cmp(&n));
                if order != Ordering::Equal {
                    return order;
                }
                (a, b) = (&a[m..], &b[n..]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{natural, sort};
    use crate::json::json;

    #[test]
    fn missing_ones_come_first_and_texts_are_natural() {
        let mut items = [json!({"n": "20"}), json!({"n": "3"}), json!({"m": 1}), json!({"k": 1})];
        sort(&mut items, ".n", "").expect("sortable");
        assert_eq!(items, [json!({"k": 1}), json!({"m": 1}), json!({"n": "3"}), json!({"n": "20"})]);
        let mut items = [json!({"n": 1})];
        assert!(sort(&mut items, ".x", "").is_err());
        assert!(natural("a9", "a10").is_lt() && natural("b1", "a10").is_gt() && natural("a", "a1").is_lt());
    }
}
