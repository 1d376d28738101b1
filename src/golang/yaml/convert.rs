//! From a tree of YAML to JSON (`yaml.v2`'s decoder into `interface{}`, `yaml.YAMLToJSON`): aliases and merges in their places,
//! keys as text.

use super::Document;
use super::float;
use super::resolve::{Meaning, resolve};
use crate::golang::json::{Json, Number};
use crate::json::Text;
use crate::yaml::{Is, Node};
use std::collections::BTreeMap;

/// What a node means.
enum Thing {
    Scalar(Meaning),
    List(Vec<Thing>),
    Map(Entries),
}

/// The entries of a map, and their places by what the keys are for Go: 1 and "1" are two.
#[derive(Default)]
struct Entries {
    entries: Vec<(Meaning, Thing)>,
    /// Where there are many.
    places: BTreeMap<String, usize>,
}

impl Entries {
    /// The value of a key that is there already.
    fn get_mut(&mut self, key: &Meaning) -> Option<&mut Thing> {
        let place = match self.places.is_empty() {
            true => self.entries.iter().position(|(known, _)| known == key),
            false => self.places.get(&key.to_string()).copied(),
        };
        self.entries.get_mut(place?).map(|(_, value)| value)
    }

    fn push(&mut self, key: Meaning, value: Thing) {
        const FEW: usize = 16;
        self.entries.push((key, value));
        // All of them once there are many, and each from then on.
        let known = if self.entries.len() > FEW { self.places.len() } else { self.entries.len() };
        for (place, (key, _)) in self.entries.iter().enumerate().skip(known) {
            self.places.insert(key.to_string(), place);
        }
    }
}

/// Makes JSON of a document.
pub(super) fn document(node: &Node) -> Result<Document, String> {
    let mut decoder = Decoder { decoded: 0, aliased: 0, within_aliases: 0, repeated: Vec::new() };
    let thing = decoder.thing(node)?;
    Ok(Document { json: json(thing)?, repeated: decoder.repeated })
}

struct Decoder {
    /// The nodes that were decoded, and those of them below an alias.
    decoded: u64,
    aliased: u64,
    within_aliases: u32,
    repeated: Vec<String>,
}

impl Decoder {
    fn thing(&mut self, node: &Node) -> Result<Thing, String> {
        self.decoded += 1;
        self.aliased += u64::from(self.within_aliases > 0);
        if self.is_excessive() {
            return Err("yaml: document contains excessive aliasing".to_owned());
        }
        match &node.is {
            Is::Scalar(scalar) => resolve(scalar).map(Thing::Scalar),
            Is::List(items) => {
                items.iter().map(|item| self.thing(item)).collect::<Result<_, _>>().map(Thing::List)
            }
            Is::Alias(named) => {
                self.within_aliases += 1;
                let thing = self.thing(named);
                self.within_aliases -= 1;
                thing
            }
            Is::Map(entries) => {
                let mut map = Entries::default();
                self.fill(&mut map, entries)?;
                Ok(Thing::Map(map))
            }
        }
    }

    /// `allowedAliasRatio`: of few nodes nearly all may stand below aliases, of many one in ten.
    fn is_excessive(&self) -> bool {
        const FEW: u64 = 400_000;
        const MANY: u64 = 4_000_000;
        let above = self.decoded.clamp(FEW, MANY) - FEW;
        // In millionths: from 0.99 down to 0.1.
        let allowed = 990_000 - 890_000 * above / (MANY - FEW);
        self.aliased > 100 && self.decoded > 1000 && self.aliased * 1_000_000 > allowed * self.decoded
    }

    fn fill(&mut self, map: &mut Entries, entries: &[(Node, Node)]) -> Result<(), String> {
        for (key, node) in entries {
            if is_merge(key) {
                self.merge(map, node)?;
                continue;
            }
            let key = match self.thing(key)? {
                Thing::Scalar(key) => key,
                thing => return Err(format!("yaml: invalid map key: {}", go_syntax(&thing))),
            };
            let value = self.thing(node)?;
            match map.get_mut(&key) {
                None => map.push(key, value),
                Some(old) => {
                    self.repeated.push(format!("line {}: key {key} already set in map", node.at.0));
                    *old = value;
                }
            }
        }
        Ok(())
    }

    /// `<<`: the entries of another map, or of several, of which the first counts.
    fn merge(&mut self, map: &mut Entries, node: &Node) -> Result<(), String> {
        let mut of = |node: &Node| match node.is() {
            Is::Map(entries) => {
                self.decoded += 1;
                let aliased = u32::from(matches!(node.is, Is::Alias(_)));
                self.within_aliases += aliased;
                let filled = self.fill(map, entries);
                self.within_aliases -= aliased;
                filled
            }
            Is::Scalar(_) | Is::List(_) | Is::Alias(_) => {
                Err("yaml: map merge requires map or sequence of maps as the value".to_owned())
            }
        };
        match &node.is {
            Is::List(items) => items.iter().rev().try_for_each(of),
            Is::Scalar(_) | Is::Map(_) | Is::Alias(_) => of(node),
        }
    }
}

/// Whether a key asks for the entries of another map.
pub(super) fn is_merge(key: &Node) -> bool {
    match &key.is {
        Is::Scalar(scalar) => {
            let tagged = scalar.tag.as_deref() == Some("tag:yaml.org,2002:merge");
            scalar.text == "<<" && (scalar.plain && scalar.tag.is_none() || tagged)
        }
        Is::List(_) | Is::Map(_) | Is::Alias(_) => false,
    }
}

/// JSON, with the keys sorted as `json.Marshal` sorts them.
fn json(thing: Thing) -> Result<Json, String> {
    Ok(match thing {
        Thing::List(items) => Json::List(items.into_iter().map(json).collect::<Result<_, _>>()?),
        Thing::Map(entries) => {
            let entry = |(key, value): (Meaning, Thing)| Ok((text(key, &value)?.into(), json(value)?));
            let mut map =
                entries.entries.into_iter().map(entry).collect::<Result<Vec<(Text, Json)>, String>>()?;
            map.sort_by(|(one, _), (other, _)| one.cmp(other));
            // Of keys that are one as text, the last counts.
            map.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    std::mem::swap(later, kept);
                }
                same
            });
            Json::Map(map)
        }
        Thing::Scalar(meaning) => plain(meaning)?,
    })
}

/// The same of a scalar.
pub(super) fn plain(meaning: Meaning) -> Result<Json, String> {
    Ok(match meaning {
        Meaning::Null => Json::Null,
        Meaning::Bool(value) => Json::Bool(value),
        Meaning::Int(value) => Json::Number(Number::spelled(value.to_string())),
        Meaning::Uint(value) => Json::Number(Number::spelled(value.to_string())),
        Meaning::Float(value) if value.is_finite() => Json::Number(Number::of_float(value)),
        Meaning::Float(value) => {
            return Err(format!("json: unsupported value: {}", float::shortest(value)));
        }
        Meaning::Text(value) => Json::String(value.into()),
    })
}

/// A key as JSON has it.
pub(super) fn key(node: &Node) -> Result<String, String> {
    match node.is() {
        Is::Scalar(scalar) => text(resolve(scalar)?, &Thing::Scalar(Meaning::Null)),
        Is::List(_) | Is::Map(_) | Is::Alias(_) => Err("a key is a text, not a list or a map".to_owned()),
    }
}

/// A key as text.
fn text(key: Meaning, value: &Thing) -> Result<String, String> {
    let kind = match key {
        Meaning::Text(text) => return Ok(text),
        Meaning::Int(number) => return Ok(number.to_string()),
        Meaning::Float(number) => return Ok(float::key(number)),
        Meaning::Bool(flag) => return Ok(flag.to_string()),
        Meaning::Null => "%!s(<nil>)",
        Meaning::Uint(_) => "uint64",
    };
    Err(format!("unsupported map key of type: {kind}, key: {key}, value: {}", go_syntax(value)))
}

/// As Go's `%#v` prints it.
fn go_syntax(thing: &Thing) -> String {
    let join = |parts: Vec<String>| parts.join(", ");
    match thing {
        Thing::Scalar(Meaning::Null) => "interface {}(nil)".to_owned(),
        Thing::Scalar(meaning) => meaning.to_string(),
        Thing::List(items) => format!("[]interface {{}}{{{}}}", join(items.iter().map(go_syntax).collect())),
        Thing::Map(entries) => {
            let entry = |(key, value): &(Meaning, Thing)| format!("{key}:{}", go_syntax(value));
            format!(
                "map[interface {{}}]interface {{}}{{{}}}",
                join(entries.entries.iter().map(entry).collect())
            )
        }
    }
}
