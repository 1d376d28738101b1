//! Types from YAML, with the place of what is wrong. A field of text takes a scalar as it is written; where a field takes anything,
//! a scalar means what it does for kubectl and the API server: `yes` is true, and `0644` is 420.

use super::convert;
use super::resolve::{Meaning, resolve};
use crate::error::{Error, Place, nearest};
use crate::golang::json::Json;
use crate::json::Value;
use crate::yaml::{self, Is, Misread, Node, Scalar};
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use std::borrow::Cow;
use std::fmt;
use std::iter::Enumerate;
use std::{slice, vec};

/// Reads the one document of a text; of no document, what null is.
///
/// # Errors
/// What is no YAML or over its bounds, a second document, and what the type does not take.
pub(crate) fn typed<T: DeserializeOwned>(text: &str) -> Result<T, Mistyped> {
    let text = text.trim_start_matches('\u{feff}');
    let documents = yaml::read(text, true).map_err(Mistyped::of)?;
    match documents.as_slice() {
        [] => T::deserialize(().into_deserializer()),
        [node] => T::deserialize(Typed(node)),
        [_, second, ..] => {
            let hint = "one document is read of this file: write the other into a file of its own";
            let wrong = Mistyped::new("a second document begins here");
            Err(Mistyped { at: Some(second.at), hint: Some(hint.to_owned()), ..wrong })
        }
    }
}

/// Why a text is none of a type.
#[derive(Debug)]
pub(crate) struct Mistyped {
    words: String,
    hint: Option<String>,
    at: Option<(usize, usize)>,
    /// The keys and items that lead to it, the last first.
    way: Vec<String>,
}

impl Mistyped {
    fn new(words: impl Into<String>) -> Mistyped {
        Mistyped { words: words.into(), hint: None, at: None, way: Vec::new() }
    }

    fn of(misread: Misread) -> Mistyped {
        Mistyped { at: Some(misread.at), ..Mistyped::new(misread.words) }
    }

    /// Nothing is known by that name; what is, to choose from.
    fn unknown(what: &str, name: &str, known: &[&str]) -> Mistyped {
        let hint = match nearest(name, known.iter().copied()) {
            Some(name) => Some(format!("did you mean `{name}`?")),
            None if known.is_empty() => None,
            None => Some(format!("known here: {}", known.join(", "))),
        };
        Mistyped { hint, ..Mistyped::new(format!("unknown {what} `{name}`")) }
    }

    /// The same at a place, unless a narrower one is known.
    fn at(self, at: (usize, usize)) -> Mistyped {
        Mistyped { at: self.at.or(Some(at)), ..self }
    }

    /// The same below a key or an item.
    fn below(mut self, step: impl Into<String>) -> Mistyped {
        self.way.push(step.into());
        self
    }

    /// As an error of a file.
    pub(crate) fn in_file(&self, path: &str, text: &str) -> Error {
        let line = self.at.and_then(|(line, _)| text.lines().nth(line.saturating_sub(1))).map(str::to_owned);
        let at = Place { path: path.to_owned(), position: self.at, line };
        Error { at: Some(at), hint: self.hint.clone(), ..Error::new(self.to_string()) }
    }
}

/// `steps[1].expect: unknown key `kod``.
impl fmt::Display for Mistyped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way: String = self.way.iter().rev().map(String::as_str).collect();
        match way.trim_start_matches('.') {
            "" => f.write_str(&self.words),
            way => write!(f, "{way}: {}", self.words),
        }
    }
}

impl std::error::Error for Mistyped {}

/// What stands between an error's words and its hint, where serde takes one text.
const HINT: &str = "\nhint: ";

/// An error of ours among serde's, with its hint.
pub(crate) fn custom<E: de::Error>(error: Error) -> E {
    let hint = error.hint.map(|hint| format!("{HINT}{hint}")).unwrap_or_default();
    E::custom(error.message + &hint)
}

impl de::Error for Mistyped {
    fn custom<T: fmt::Display>(words: T) -> Mistyped {
        let words = words.to_string();
        match words.split_once(HINT) {
            Some((words, hint)) => Mistyped { hint: Some(hint.to_owned()), ..Mistyped::new(words) },
            None => Mistyped::new(words),
        }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Mistyped {
        Mistyped::new(format!("{} is wanted here, not {}", called(&expected.to_string()), form(&found)))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Mistyped {
        Mistyped::invalid_type(found, expected)
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> Mistyped {
        Mistyped::unknown("word", name, known)
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Mistyped {
        Mistyped::unknown("key", name, known)
    }

    fn missing_field(name: &'static str) -> Mistyped {
        Mistyped::new(format!("`{name}` is missing"))
    }

    fn duplicate_field(name: &'static str) -> Mistyped {
        Mistyped::new(format!("`{name}` stands here twice"))
    }
}

/// What serde calls a form, in the words of those who write YAML.
fn called(expected: &str) -> Cow<'_, str> {
    Cow::Borrowed(match expected {
        "a string" | "str" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list (lines that begin with `- `)",
        "unit" => "nothing",
        _ if expected.starts_with("struct ") || matches!(expected, "map" | "a map") => "a map (`key: value`)",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not negative,",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        _ if expected.starts_with("enum ") || expected.starts_with("variant ") => "one of the known words",
        _ => expected,
    })
}

/// What was found, said in those words.
fn form(found: &de::Unexpected<'_>) -> String {
    use de::Unexpected as It;
    match found {
        It::Bool(flag) => format!("`{flag}`"),
        It::Unsigned(number) => format!("the number {number}"),
        It::Signed(number) => format!("the number {number}"),
        It::Float(number) => format!("the number {number}"),
        It::Str(text) => format!("the text {text:?}"),
        It::Unit | It::Option => "nothing".to_owned(),
        It::Seq => "a list".to_owned(),
        It::Map => "a map".to_owned(),
        other => other.to_string(),
    }
}

/// A node that is read as a type.
#[derive(Clone, Copy)]
struct Typed<'a>(&'a Node);

impl Typed<'_> {
    fn is_null(self) -> bool {
        matches!(self.0.is(), Is::Scalar(scalar) if matches!(resolve(scalar), Ok(Meaning::Null)))
    }

    /// The scalar by its meaning, as JSON has it.
    fn visit_scalar<'de, V: Visitor<'de>>(scalar: &Scalar, visitor: V) -> Result<V::Value, Mistyped> {
        let value = resolve(scalar).and_then(convert::plain).and_then(Json::into_value);
        match value.map_err(Mistyped::new)? {
            Value::Bool(flag) => visitor.visit_bool(flag),
            Value::String(text) => visitor.visit_str(&text),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, Some(number)) => visitor.visit_f64(number),
                (None, None, None) => Err(Mistyped::new(format!("{number} is no number of 64 bits"))),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => visitor.visit_unit(),
        }
    }

    fn visit<'de, V: Visitor<'de>>(self, visitor: V, keys: Keys) -> Result<V::Value, Mistyped> {
        let visited = match self.0.is() {
            Is::List(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            Is::Map(entries) => {
                let entries = merged(entries).map_err(|error| error.at(self.0.at))?;
                visitor.visit_map(Entries { entries: entries.into_iter(), value: None, keys })
            }
            Is::Scalar(scalar) => Typed::visit_scalar(scalar, visitor),
            Is::Alias(named) => Typed(named).visit(visitor, keys),
        };
        visited.map_err(|error| error.at(self.0.at))
    }

    /// The text of a scalar, whatever it means.
    fn visit_text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        match self.0.text() {
            Some(text) => visitor.visit_str(text).map_err(|error: Mistyped| error.at(self.0.at)),
            None => self.visit(visitor, Keys::Written),
        }
    }
}

impl<'de> Deserializer<'de> for Typed<'_> {
    type Error = Mistyped;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        self.visit(visitor, Keys::Meant)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistyped> {
        visitor.visit_newtype_struct(self)
    }

    /// A null list is one without items (`encoding/json`).
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        if self.is_null() {
            visitor.visit_seq(Items([].iter().enumerate()))
        } else {
            self.visit(visitor, Keys::Written)
        }
    }

    /// A null map is one without entries.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        let nothing = || Entries { entries: Vec::new().into_iter(), value: None, keys: Keys::Written };
        let visited =
            if self.is_null() { visitor.visit_map(nothing()) } else { self.visit(visitor, Keys::Written) };
        visited.map_err(|error| error.at(self.0.at))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistyped> {
        self.deserialize_map(visitor)
    }

    /// A word, or one key with what belongs to it.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistyped> {
        let read = match self.0.is() {
            Is::Scalar(scalar) => visitor.visit_enum(StrDeserializer::new(&scalar.text)),
            Is::Map(entries) if entries.len() == 1 => {
                let entries =
                    Entries { entries: merged(entries)?.into_iter(), value: None, keys: Keys::Written };
                MapAccessDeserializer::new(entries).deserialize_enum(name, words, visitor)
            }
            Is::Map(_) | Is::List(_) | Is::Alias(_) => self.visit(visitor, Keys::Written),
        };
        read.map_err(|error| error.at(self.0.at))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        self.visit_text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        self.visit_text(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        self.visit_text(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

/// How the keys of a map are read.
#[derive(Clone, Copy)]
enum Keys {
    /// As they are written: the map has a type.
    Written,
    /// As JSON has them: `yes` is `true`.
    Meant,
}

/// The items of a list.
struct Items<'a>(Enumerate<slice::Iter<'a, Node>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Mistyped;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mistyped> {
        let Some((number, item)) = self.0.next() else { return Ok(None) };
        let read = seed.deserialize(Typed(item));
        read.map(Some).map_err(|error| error.at(item.at).below(format!("[{number}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The entries of a map.
struct Entries<'a> {
    entries: vec::IntoIter<(&'a Node, &'a Node)>,
    /// The key that was read last, and its value.
    value: Option<(&'a Node, &'a Node)>,
    keys: Keys,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Mistyped;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mistyped> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((key, value));
        let text = match (self.keys, key.text()) {
            (Keys::Written, Some(text)) => Ok(Cow::Borrowed(text)),
            (Keys::Written | Keys::Meant, _) => convert::key(key).map(Cow::Owned),
        };
        let read = text.map_err(Mistyped::new).and_then(|text| seed.deserialize(StrDeserializer::new(&text)));
        read.map(Some).map_err(|error: Mistyped| error.at(key.at))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Mistyped> {
        let Some((key, value)) = self.value.take() else {
            return Err(Mistyped::new("a value without its key"));
        };
        let below =
            |error: Mistyped| error.at(value.at).below(format!(".{}", key.text().unwrap_or_default()));
        seed.deserialize(Typed(value)).map_err(below)
    }
}

/// The entries with those of merges (`<<`) in their places; what a map says itself counts.
fn merged(entries: &[(Node, Node)]) -> Result<Vec<(&Node, &Node)>, Mistyped> {
    let own = entries.iter().filter(|(key, _)| !convert::is_merge(key));
    let mut all: Vec<(&Node, &Node)> = own.map(|(key, value)| (key, value)).collect();
    for (_, merge) in entries.iter().filter(|(key, _)| convert::is_merge(key)) {
        let maps = match merge.is() {
            Is::List(maps) => maps.as_slice(),
            Is::Map(_) | Is::Scalar(_) | Is::Alias(_) => slice::from_ref(merge),
        };
        for map in maps {
            let Is::Map(entries) = map.is() else {
                return Err(Mistyped::new("`<<` takes a map or a list of maps").at(map.at));
            };
            for (key, value) in merged(entries)? {
                if !all.iter().any(|(known, _)| known.text() == key.text()) {
                    all.push((key, value));
                }
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;
    use std::collections::BTreeMap;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Step {
        name: String,
        #[serde(default)]
        object: Value,
        #[serde(default)]
        codes: Vec<u16>,
        #[serde(default)]
        save: BTreeMap<String, String>,
    }

    #[test]
    fn text_is_as_written_and_what_may_be_anything_as_a_server_reads_it() {
        let read: Step =
            typed("name: yes\nsave: {N: on}\nobject: {a: yes, b: 0644, c: \"0644\", d: 0O17, e: 1_000, f: 1e3, g: ~, 8: y}")
                .unwrap();
        assert_eq!((read.name.as_str(), read.save["N"].as_str()), ("yes", "on"));
        let want =
            json!({"a": true, "b": 420, "c": "0644", "d": 15, "e": 1000, "f": 1000, "g": null, "8": true});
        assert_eq!(read.object, want);
    }

    #[test]
    fn entries_of_merges_count_less_than_a_maps_own() {
        let text =
            "- &a {name: a, codes: [200], object: {x: 1}}\n- {<<: *a, name: b}\n- {<<: [{codes: []}, *a]}";
        let read: Vec<Step> = typed(text).unwrap();
        let told: Vec<_> = read.iter().map(|step| (step.name.as_str(), step.codes.as_slice())).collect();
        assert_eq!(told, [("a", [200].as_slice()), ("b", &[200]), ("a", &[])]);
        assert!(read.iter().all(|step| step.object == json!({"x": 1})));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, place, words, hint) in [
            ("- name: a\n  cods: []", (2, 3), "[0]: unknown key `cods`", Some("did you mean `codes`?")),
            (
                "- name: a\n  codes: 5",
                (2, 10),
                "[0].codes: a list (lines that begin with `- `) is wanted here, not the number 5",
                None,
            ),
            ("- name: [a]", (1, 9), "[0].name: a text is wanted here, not a list", None),
            ("- codes: [200]", (1, 3), "[0]: `name` is missing", None),
            (
                "- name: a\n  codes:\n  - -1",
                (3, 5),
                "[0].codes[0]: a whole number, not negative, is wanted here, not the number -1",
                None,
            ),
            ("- name: a\n  name: b", (1, 3), "[0]: `name` stands here twice", None),
            (
                "[]\n---\n[]",
                (3, 1),
                "a second document begins here",
                Some("one document is read of this file: write the other into a file of its own"),
            ),
        ] {
            let wrong = typed::<Vec<Step>>(text).unwrap_err();
            assert_eq!(
                (wrong.at, wrong.to_string().as_str(), wrong.hint.as_deref()),
                (Some(place), words, hint),
                "{text}"
            );
        }
    }
}
