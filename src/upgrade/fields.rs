//! Where two releases store the same object otherwise, field by field.

use super::found::Found;
use super::machine::{is_masked, masked};
use super::{Releases, What};
use crate::api::Dig;
use crate::json::{Text, Value};
use std::collections::BTreeSet;

/// What a server keeps of an object for itself.
const KEPT_BY_SERVERS: [&str; 7] = [
    "status",
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.creationTimestamp",
    "metadata.generation",
    "metadata.selfLink",
    "metadata.managedFields",
];
/// What a server draws where nothing is asked for.
const DRAWN: [&str; 4] = ["clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort"];
/// Values are shown so far.
const SHOWN: usize = 120;

/// The fields of an object, as it was sent, that are stored otherwise.
pub(super) fn compare(releases: Releases, sent: &Value, was: &Value, now: &Value) -> Vec<Found> {
    let mut texts = BTreeSet::new();
    collect(sent, &mut texts);
    let plain = |object: &Value| {
        let mut object = object.clone();
        KEPT_BY_SERVERS.iter().for_each(|path| drop(object.take_out(path)));
        mask(&mut object, &texts);
        object
    };
    let mut walk = Walk { releases, found: Vec::new() };
    walk.step("", Some(sent), Some(&plain(was)), Some(&plain(now)));
    walk.found
}

fn collect<'v>(value: &'v Value, texts: &mut BTreeSet<&'v str>) {
    match value {
        Value::String(text) => drop(texts.insert(text)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Masks random names that nobody sent.
fn mask(value: &mut Value, sent: &BTreeSet<&str>) {
    match value {
        Value::String(text) if !sent.contains(text.as_str()) => *text = masked(text).into(),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, sent)),
        Value::Object(fields) => fields.values_mut().for_each(|field| mask(field, sent)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

struct Walk {
    releases: Releases,
    found: Vec<Found>,
}

/// A part of an object as it was sent, as it was stored, as it is stored.
type Part<'v> = Option<&'v Value>;

impl Walk {
    fn step(&mut self, path: &str, sent: Part<'_>, was: Part<'_>, now: Part<'_>) {
        // A null says as little as a field that isn't there.
        let [was, now] = [was, now].map(|part| part.filter(|value| !value.is_null()));
        let random = |part: Part<'_>| part.and_then(Value::as_str).is_some_and(is_masked);
        let drawn = sent.is_none()
            && (DRAWN.iter().any(|key| path.rsplit('.').next() == Some(key)) || random(was) && random(now));
        match (was, now) {
            _ if was == now || drawn => {}
            (Some(Value::Object(of_old)), Some(Value::Object(of_new))) => {
                let keys: BTreeSet<&Text> = of_old.keys().chain(of_new.keys()).collect();
                for key in keys {
                    let sent = sent.and_then(|sent| sent.get(key));
                    self.step(&join(path, key), sent, of_old.get(key), of_new.get(key));
                }
            }
            (Some(Value::Array(of_old)), Some(Value::Array(of_new))) => {
                self.list(path, sent, of_old, of_new);
            }
            _ => self.found.extend(self.differs(path, sent, was, now)),
        }
    }

    /// Items are the same by name, or by number in lists of one length; what servers add under different names stands in
    /// for each other.
    fn list(&mut self, path: &str, sent: Part<'_>, was: &[Value], now: &[Value]) {
        let sent: &[Value] = sent.and_then(Value::as_array).map_or(&[], crate::json::List::as_slice);
        let named = |list: &[Value]| list.iter().all(|item| item.has("name"));
        if was.len() == now.len() {
            for (number, (was, now)) in was.iter().zip(now).enumerate() {
                let (place, sent) = (format!("{path}[{number}]"), sent.get(number));
                match sent.is_none() && is_another(was, now) {
                    true => self.found.extend(self.differs(&place, None, Some(was), Some(now))),
                    false => self.step(&place, sent, Some(was), Some(now)),
                }
            }
        } else if named(was) && named(now) {
            let of = |list: &[Value], name: &str| list.iter().position(|item| item.text("name") == name);
            let names: BTreeSet<&str> = was.iter().chain(now).map(|item| item.text("name")).collect();
            for name in names {
                let (in_sent, in_was, in_now) = (of(sent, name), of(was, name), of(now, name));
                let number = in_sent.or(in_now).or(in_was).unwrap_or_default();
                let get = |list: &'_ [Value], at: Option<usize>| at.and_then(|at| list.get(at).cloned());
                let parts = (get(sent, in_sent), get(was, in_was), get(now, in_now));
                let place = format!("{path}[{number}]");
                self.step(&place, parts.0.as_ref(), parts.1.as_ref(), parts.2.as_ref());
            }
        } else {
            let list = |items: &[Value]| Value::from(items.to_vec());
            let sent = (!sent.is_empty()).then(|| list(sent));
            self.found.extend(self.differs(path, sent.as_ref(), Some(&list(was)), Some(&list(now))));
        }
    }

    fn differs(&self, path: &str, sent: Part<'_>, was: Part<'_>, now: Part<'_>) -> Option<Found> {
        let from = self.releases.from;
        let (what, text) = match (sent, was, now) {
            (Some(_), Some(_), None) => (What::Dropped, format!("`{path}` is dropped, which {from} keeps")),
            (Some(_), None, Some(_)) => (What::Otherwise, format!("`{path}` is kept, which {from} drops")),
            (Some(_), Some(was), Some(now)) => (
                What::Otherwise,
                format!("`{path}` is stored as {}, by {from} as {}", shown(now), shown(was)),
            ),
            (None, None, Some(now)) => {
                (What::Otherwise, format!("`{path}` is filled in with {}", shown(now)))
            }
            (None, Some(was), None) => {
                (What::Otherwise, format!("`{path}` is not filled in, by {from} with {}", shown(was)))
            }
            (None, Some(was), Some(now)) => (
                What::Otherwise,
                format!("`{path}` is filled in with {}, by {from} with {}", shown(now), shown(was)),
            ),
            (_, None, None) => return None,
        };
        Some(Found::new(what, path, text))
    }
}

/// Whether items have another name, and not that alone.
fn is_another(was: &Value, now: &Value) -> bool {
    let nameless = |item: &Value| {
        let mut item = item.clone();
        item.take_out("name");
        item
    };
    was.text("name") != now.text("name") && nameless(was) != nameless(now)
}

/// The path of a field; keys with dots stand in brackets.
fn join(path: &str, key: &str) -> String {
    match (path, key.contains(['.', '/'])) {
        ("", _) => key.to_owned(),
        (_, true) => format!("{path}[{key}]"),
        (_, false) => format!("{path}.{key}"),
    }
}

/// A value, not at any length.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
