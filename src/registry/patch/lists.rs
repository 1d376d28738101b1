//! How a strategic merge patch merges lists: by a key or as a set, and in which order (`mergeSlice`, `normalizeElementOrder`).

use super::directives::{DIRECTIVE, kind_of, unknown_directive};
use super::{failed, go_map, unprocessable};
use crate::api::Status;
use crate::api::value::Fields;
use serde_json::Value;

/// The key of a list's items; none of plain values.
type Key<'a> = Option<&'a str>;

/// How two items become one.
type Items<'a> = dyn Fn(Fields, &mut Fields) -> Result<Fields, Status> + 'a;

/// Merges two lists. What the patch has keeps its order; the others stand where they stood, as well as that goes.
pub(super) fn merge(
    own: Vec<Value>,
    patch: &mut [Value],
    key: Key<'_>,
    deletes: bool,
    item: &Items<'_>,
) -> Result<Vec<Value>, Status> {
    if own.is_empty() && patch.is_empty() {
        return Ok(own);
    }
    let of_maps = are_maps(&own, patch)?;
    let key = match (of_maps, key) {
        (false, _) if deletes => return Ok(own.into_iter().filter(|value| !patch.contains(value)).collect()),
        (false, _) => {
            let mut both = own.clone();
            for value in patch.iter() {
                if !both.contains(value) {
                    both.push(value.clone());
                }
            }
            return sort(both, patch, &own, None);
        }
        (true, None) => {
            return Err(failed("cannot merge lists without merge key for type map"));
        }
        (true, Some(key)) => key,
    };
    let (own, mut patch) = special(own, patch, key)?;
    let mut merged = own.clone();
    for value in &mut patch {
        let Value::Object(map) = value else { continue };
        let name = map.get(key).cloned().ok_or_else(|| no_key(map, key))?;
        match merged.iter_mut().find(|own| own.get(key) == Some(&name)) {
            Some(Value::Object(found)) => {
                let merging = std::mem::take(found);
                *found = item(merging, map)?;
            }
            _ => merged.push(value.clone()),
        }
    }
    // A patch that was merged has lost its directives, and perhaps its lists; its key it keeps.
    sort(merged, &patch, &own, Some(key))
}

/// Whether the items are maps; they are all of one type.
fn are_maps(own: &[Value], patch: &[Value]) -> Result<bool, Status> {
    let mut kinds = own.iter().chain(patch).map(kind_of);
    let first = kinds.next().unwrap_or_default();
    if first == "[]interface {}" {
        return Err(unprocessable());
    }
    if kinds.any(|kind| kind != first) {
        let lists = Value::Array(vec![own.to_vec().into(), patch.to_vec().into()]);
        return Err(failed(format!("list element types are not identical: {}", go_map(&lists))));
    }
    Ok(first == "map[string]interface {}")
}

/// Carries out the directives among the items; what is left of both lists (`mergeSliceWithSpecialElements`).
fn special(own: Vec<Value>, patch: &[Value], key: &str) -> Result<(Vec<Value>, Vec<Value>), Status> {
    let (mut own, mut plain, mut replaces) = (own, Vec::new(), false);
    for value in patch {
        let Some(map) = value.as_object() else { continue };
        let Some(directive) = map.get(DIRECTIVE) else {
            plain.push(value.clone());
            continue;
        };
        match directive.as_str() {
            Some("delete") => {
                let name = map.get(key).ok_or_else(|| no_key(map, key))?;
                own.retain(|own| own.get(key) != Some(name));
            }
            Some("replace") => replaces = true,
            Some("merge") => return Err(failed("merging lists cannot yet be specified in the patch")),
            _ => return Err(unknown_directive(directive, map)),
        }
    }
    Ok(if replaces { (plain, Vec::new()) } else { (own, plain) })
}

/// Checks that a patch's items stand in an order that was given (`validatePatchWithSetOrderList`).
pub(super) fn check_order(patch: &[Value], order: &[Value], key: Key<'_>) -> Result<(), Status> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let mut wanted = order.iter();
    for item in patch.iter().filter(|item| item.get(DIRECTIVE).is_none()) {
        let mut found = false;
        for place in wanted.by_ref() {
            found = are_same(item, place, key)?;
            if found {
                break;
            }
        }
        if !found {
            let [patch, order] = [patch, order].map(|list| go_map(&list.to_vec().into()));
            return Err(failed(format!(
                "The order in patch list:\n{patch}\n doesn't match $setElementOrder list:\n{order}\n"
            )));
        }
    }
    Ok(())
}

fn are_same(one: &Value, other: &Value, key: Key<'_>) -> Result<bool, Status> {
    match key {
        None => Ok(one == other),
        Some(key) => Ok(name(one, key)? == name(other, key)?),
    }
}

/// The value of an item's key.
fn name<'a>(item: &'a Value, key: &str) -> Result<&'a Value, Status> {
    let Some(map) = item.as_object() else {
        let kind = kind_of(item);
        return Err(failed(format!("expected a map[string]interface {{}}, but received a {kind}")));
    };
    map.get(key).ok_or_else(|| no_key(map, key))
}

/// Puts what an order names in that order, and the other items among them as they stood before (`normalizeElementOrder`).
pub(super) fn sort(
    merged: Vec<Value>,
    order: &[Value],
    before: &[Value],
    key: Key<'_>,
) -> Result<Vec<Value>, Status> {
    if let Some(key) = key {
        for item in merged.iter().chain(order).chain(before) {
            name(item, key)?;
        }
    }
    let place = |list: &[Value], item: &Value| {
        list.iter().position(|other| match key {
            None => other == item,
            Some(key) => other.get(key) == item.get(key),
        })
    };
    let (mut named, mut others): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| place(order, item).is_some());
    named.sort_by_key(|item| place(order, item));
    others.sort_by_key(|item| place(before, item));
    let mut sorted = Vec::with_capacity(named.len() + others.len());
    let (mut named, mut others) = (named.into_iter().peekable(), others.into_iter().peekable());
    loop {
        let goes_first = match (others.peek(), named.peek()) {
            (Some(other), Some(named)) => {
                place(before, other).zip(place(before, named)).is_some_and(|(other, named)| other < named)
            }
            (other, _) => other.is_some(),
        };
        match if goes_first { others.next() } else { named.next() } {
            Some(item) => sorted.push(item),
            None => return Ok(sorted),
        }
    }
}

fn no_key(map: &Fields, key: &str) -> Status {
    let map = go_map(&Value::Object(map.clone()));
    failed(format!("map: {map} does not contain declared merge key: {key}"))
}
