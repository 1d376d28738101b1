//! Sets of fields, as `fieldsV1` writes them (`structured-merge-diff/fieldpath`).

use crate::json::{Map, Value};
use std::collections::BTreeMap;

/// A set of paths: whether this place itself is in it, and what is below.
///
/// A step is its text in `fieldsV1`: `f:NAME`, `k:{KEYS}`, `v:VALUE`, `i:INDEX`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set {
    /// Whether the place itself is a member.
    pub(crate) here: bool,
    /// The steps below.
    pub(crate) below: BTreeMap<String, Set>,
}

impl Set {
    /// The set of one place: the root of it.
    pub(crate) fn leaf() -> Set {
        Set { here: true, below: BTreeMap::new() }
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        !self.here && self.below.is_empty()
    }

    /// Puts a set below a step, unless it is empty.
    pub(crate) fn put(&mut self, step: String, set: Set) {
        if !set.is_empty() {
            self.below.insert(step, set);
        }
    }

    /// Adds all of another set.
    pub(crate) fn add(&mut self, other: &Set) {
        self.here |= other.here;
        for (step, set) in &other.below {
            match self.below.get_mut(step) {
                Some(own) => own.add(set),
                None => drop(self.below.insert(step.clone(), set.clone())),
            }
        }
    }

    /// Takes the members of another set out.
    pub(crate) fn subtract(&mut self, other: &Set) {
        self.here &= !other.here;
        self.below.retain(|step, set| {
            if let Some(other) = other.below.get(step) {
                set.subtract(other);
            }
            !set.is_empty()
        });
    }

    /// The members that both have.
    pub(crate) fn intersection(&self, other: &Set) -> Set {
        let mut both = Set { here: self.here && other.here, below: BTreeMap::new() };
        for (step, set) in &self.below {
            if let Some(other) = other.below.get(step) {
                both.put(step.clone(), set.intersection(other));
            }
        }
        both
    }

    /// The paths of the members, as a message writes them (`.spec.containers[name="c"].image`).
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.walk("", &mut paths);
        paths
    }

    fn walk(&self, prefix: &str, paths: &mut Vec<String>) {
        if self.here {
            paths.push(prefix.to_owned());
        }
        for (step, set) in &self.below {
            set.walk(&format!("{prefix}{}", spoken(step)), paths);
        }
    }

    /// The set as `fieldsV1`.
    pub(crate) fn to_fields(&self) -> Value {
        let mut fields = Map::new();
        if self.here && !self.below.is_empty() {
            fields.insert(".".to_owned(), Value::Object(Map::new()));
        }
        for (step, set) in &self.below {
            fields.insert(step.clone(), set.to_fields());
        }
        Value::Object(fields)
    }

    /// Reads `fieldsV1`; none if it is none.
    pub(crate) fn of_fields(fields: &Value) -> Option<Set> {
        let mut set = Set::of_inner(fields)?;
        set.here = fields.get(".").is_some();
        Some(set)
    }

    fn of_inner(fields: &Value) -> Option<Set> {
        let fields = fields.as_object()?;
        let mut set = Set { here: fields.is_empty() || fields.contains_key("."), below: BTreeMap::new() };
        for (step, inner) in fields.iter().filter(|(step, _)| *step != ".") {
            if !matches!(step.as_bytes(), [b'f' | b'k' | b'v' | b'i', b':', ..]) {
                return None;
            }
            set.below.insert(step.to_string(), Set::of_inner(inner)?);
        }
        Some(set)
    }
}

/// A step as a message writes it.
pub(super) fn spoken(step: &str) -> String {
    let (kind, rest) = step.split_once(':').unwrap_or(("f", step));
    match kind {
        "k" => {
            let keys: Value = serde_json::from_str(rest).unwrap_or_default();
            let keys: Vec<String> =
                keys.as_object().into_iter().flatten().map(|(key, value)| format!("{key}={value}")).collect();
            format!("[{}]", keys.join(","))
        }
        "v" => format!("[={rest}]"),
        "i" => format!("[{rest}]"),
        _ => format!(".{rest}"),
    }
}
