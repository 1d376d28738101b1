//! How a strategic merge patch merges lists: by a key or as a set, and in which order (`mergeSlice`, `normalizeElementOrder`).

use super::directives::{DIRECTIVE, unknown_directive};
use super::{failed, unprocessable};
use crate::api::Status;
use crate::api::field::{go_kind, go_plain};
use crate::api::value::Fields;
use crate::json::Value;
use std::collections::{BTreeMap, BTreeSet};

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
        (false, _) if deletes => {
            let gone: BTreeSet<String> = patch.iter().map(Value::to_string).collect();
            return Ok(own.into_iter().filter(|value| !gone.contains(&value.to_string())).collect());
        }
        (false, _) => {
            let mut both = own.clone();
            let mut known: BTreeSet<String> = own.iter().map(Value::to_string).collect();
            both.extend(patch.iter().filter(|value| known.insert(value.to_string())).cloned());
            return sort(both, patch, &own, None);
        }
        (true, None) => {
            return Err(failed("cannot merge lists without merge key for type map"));
        }
        (true, Some(key)) => key,
    };
    let (own, mut patch) = special(own, patch, key)?;
    let mut merged = own.clone();
    let mut places = Places::of(&merged, Some(key));
    for value in &mut patch {
        let Value::Object(map) = value else { continue };
        if !map.contains_key(key) {
            return Err(no_key(map, key));
        }
        let place = places.of_or(value, merged.len());
        let Value::Object(map) = value else { continue };
        match merged.get_mut(place) {
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
    let mut kinds = own.iter().chain(patch).map(go_kind);
    let first = kinds.next().unwrap_or_default();
    if first == "[]interface {}" {
        return Err(unprocessable());
    }
    if kinds.any(|kind| kind != first) {
        let lists = Value::from(vec![own.to_vec(), patch.to_vec()]);
        return Err(failed(format!("list element types are not identical: {}", go_plain(&lists))));
    }
    Ok(first == "map[string]interface {}")
}

/// Carries out the directives among the items; what is left of both lists (`mergeSliceWithSpecialElements`).
fn special(own: Vec<Value>, patch: &[Value], key: &str) -> Result<(Vec<Value>, Vec<Value>), Status> {
    let (mut own, mut plain, mut replaces) = (own, Vec::new(), false);
    let mut gone = BTreeSet::new();
    for value in patch {
        let Some(map) = value.as_object() else { continue };
        let Some(directive) = map.get(DIRECTIVE) else {
            plain.push(value.clone());
            continue;
        };
        match directive.as_str() {
            Some("delete") => {
                let name = map.get(key).ok_or_else(|| no_key(map, key))?;
                gone.insert(name.to_string());
            }
            Some("replace") => replaces = true,
            Some("merge") => return Err(failed("merging lists cannot yet be specified in the patch")),
            _ => return Err(unknown_directive(directive, map)),
        }
    }
    if !gone.is_empty() {
        own.retain(|own| own.get(key).is_none_or(|name| !gone.contains(&name.to_string())));
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
            let [patch, order] = [patch, order].map(|list| go_plain(&list.to_vec().into()));
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
        let kind = go_kind(item);
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
    let [order, before] = [order, before].map(|list| Places::of(list, key));
    let (mut named, mut others): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| order.place(item).is_some());
    named.sort_by_cached_key(|item| order.place(item));
    others.sort_by_cached_key(|item| before.place(item));
    let mut sorted = Vec::with_capacity(named.len() + others.len());
    let (mut named, mut others) = (named.into_iter().peekable(), others.into_iter().peekable());
    loop {
        let goes_first = match (others.peek(), named.peek()) {
            (Some(other), Some(named)) => {
                before.place(other).zip(before.place(named)).is_some_and(|(other, named)| other < named)
            }
            (other, _) => other.is_some(),
        };
        match if goes_first { others.next() } else { named.next() } {
            Some(item) => sorted.push(item),
            None => return Ok(sorted),
        }
    }
}

/// Where the items of a list stand first, by their keys as texts: what is equal has one text.
struct Places<'a> {
    key: Key<'a>,
    places: BTreeMap<String, usize>,
}

impl<'a> Places<'a> {
    fn of(list: &[Value], key: Key<'a>) -> Places<'a> {
        let mut places = Places { key, places: BTreeMap::new() };
        for (at, item) in list.iter().enumerate() {
            places.of_or(item, at);
        }
        places
    }

    fn text(&self, item: &Value) -> String {
        match self.key {
            None => item.to_string(),
            Some(key) => item.get(key).map(Value::to_string).unwrap_or_default(),
        }
    }

    /// Where an item of that key stands.
    fn place(&self, item: &Value) -> Option<usize> {
        self.places.get(&self.text(item)).copied()
    }

    /// Where an item of that key stands; if none does, this one shall stand there.
    fn of_or(&mut self, item: &Value, at: usize) -> usize {
        *self.places.entry(self.text(item)).or_insert(at)
    }
}

fn no_key(map: &Fields, key: &str) -> Status {
    let map = go_plain(&Value::Object(map.clone()));
    failed(format!("map: {map} does not contain declared merge key: {key}"))
}
