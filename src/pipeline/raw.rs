//! JSON that the server does not look into is kept as it was written, and Go compares its bytes (`runtime.RawExtension`).
//!
//! A client that creates a revision with spaces in its data can label it by no patch: the patched object is written without
//! spaces and read again, so that its data, which may not change, is other. What is written by Go's own clients has none.
//!
//! Differs from Kubernetes: a webhook's patch, which writes the object anew, too, leaves the text as it was sent.

use super::Call;
use crate::api::resources::Resource;
use crate::api::{Dig, decode};
use crate::golang::json::{self, Json};
use crate::json::Value;
use crate::kinds;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The texts of such JSON in an object, in its order; none where they are as Go's encoder writes their values.
pub(crate) type Texts = Vec<String>;

/// The texts in the body of a request. YAML becomes JSON as Go writes it.
pub(super) fn of_body(call: &Call<'_>, object: &Value, row: &Resource) -> Texts {
    let path = kinds::of(row).raw();
    if path.is_empty() {
        return Texts::new();
    }
    let mut texts = Texts::new();
    match decode::as_json(&call.request.request().body, call.header("Content-Type"))
        .map(serde_json::from_slice)
    {
        Some(Ok(text)) => in_text(text, path, &mut texts),
        None | Some(Err(_)) => return Texts::new(),
    }
    peculiar(texts, object, path)
}

/// What a patch makes of stored texts that it does not touch: the object was written anew around it.
pub(crate) fn patched(call: &Call<'_>, old: &Value, object: &Value, row: &Resource) -> Texts {
    let path = kinds::of(row).raw();
    let stored = of_stored(call, old, row);
    if stored.is_empty() || plain(old, path) != plain(object, path) {
        return Texts::new();
    }
    peculiar(stored.iter().map(|text| compact(text)).collect(), object, path)
}

/// The stored object as the comparison with its successor sees it: without the JSON whose text has become another one.
pub(super) fn compared(call: &Call<'_>, old: &Value, new: &Value, row: &Resource) -> Option<Value> {
    let path = kinds::of(row).raw();
    let texts = |texts: &Texts, object| if texts.is_empty() { plain(object, path) } else { texts.clone() };
    let stored = of_stored(call, old, row);
    if path.is_empty() || !row.subresource.is_empty() || texts(&stored, old) == texts(&call.raw, new) {
        return None;
    }
    let mut seen = old.clone();
    in_value(&mut seen, path, &mut |json| *json = Value::Null);
    Some(seen)
}

/// The texts to be stored with an object: a subresource leaves them.
pub(super) fn stored(call: &Call<'_>, old: Option<&Value>, row: &Resource) -> Texts {
    match old.filter(|_| !row.subresource.is_empty()) {
        Some(old) => of_stored(call, old, row),
        None => call.raw.clone(),
    }
}

fn of_stored(call: &Call<'_>, old: &Value, row: &Resource) -> Texts {
    call.store.raw(&super::key_of(row, call.request.info(), old.name())).to_vec()
}

/// Nothing, if the texts are as Go's encoder writes their values.
fn peculiar(texts: Texts, object: &Value, path: &str) -> Texts {
    if texts == plain(object, path) { Texts::new() } else { texts }
}

/// The texts as Go's encoder writes the values.
fn plain(object: &Value, path: &str) -> Texts {
    let (mut object, mut texts) = (object.clone(), Texts::new());
    in_value(&mut object, path, &mut |json| texts.push(json::write(&Json::from(json.clone()))));
    texts
}

/// Visits what stands at a path, in each item of the lists on it.
fn in_value(value: &mut Value, path: &str, visit: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| in_value(item, path, visit)),
        Value::Null => {}
        value if path.is_empty() => visit(value),
        value => {
            let (key, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(value) = value.at_mut(key) {
                in_value(value, rest, visit);
            }
        }
    }
}

/// Adds the texts of what stands at a path, in each item of the lists on it.
fn in_text(value: &RawValue, path: &str, texts: &mut Texts) {
    let text = value.get();
    if path.is_empty() {
        if text != "null" {
            texts.push(text.to_owned());
        }
    } else if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
        items.into_iter().for_each(|item| in_text(item, path, texts));
    } else {
        let (key, rest) = path.split_once('.').unwrap_or((path, ""));
        let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
        if let Some(value) = fields.get(key) {
            in_text(value, rest, texts);
        }
    }
}

/// JSON as `encoding/json` writes it where it was written already (`json.Compact`, with markup as numbers).
fn compact(text: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::new(), false, false);
    for letter in text.chars() {
        match letter {
            ' ' | '\t' | '\r' | '\n' if !quoted => continue,
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)))
            }
            letter => out.push(letter),
        }
        quoted ^= letter == '"' && !escaped;
        escaped = quoted && letter == '\\' && !escaped;
    }
    out
}
