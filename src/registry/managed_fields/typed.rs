//! Objects of a schema: which fields they have, how two differ, how they merge
//! (`structured-merge-diff/typed`).

use super::set::Set;
use crate::api::Version;
use crate::api::differences::KEYS_MAY_LACK;
use crate::api::schema::{Definition, Field, Schema, Strategy, Type, Zero};
use crate::api::structural::{Additional, ListType, Structural};
use crate::json::{Map, Text, Value};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How the parts of a value belong together.
#[derive(Clone, Copy)]
pub(crate) enum Shape<'a> {
    /// One thing: a scalar, or a list or an object that is taken as a whole.
    Leaf,
    /// An object with the fields of a definition.
    Fields(&'static Definition),
    /// A map from names.
    Map(&'static Type),
    /// A list whose elements are told apart by keys.
    Keyed(&'static Field, &'static Type),
    /// A list that is a set.
    Set,
    /// An object with the fields of a structural schema.
    Custom(&'a Structural),
    /// The same, which also has `apiVersion`, `kind` and `metadata`: a custom resource, or one embedded in it.
    Resource(&'a Structural),
    /// A list of a structural schema, whose elements are told apart by keys.
    CustomKeyed(&'a Structural),
    /// One thing of a structural schema's type.
    Scalar(&'a Structural),
    /// Of no schema: objects have fields, anything else is taken as a whole.
    Deduced,
}

/// How a value is walked through.
enum Walk {
    /// Not at all.
    Whole,
    /// Field by field.
    Object,
    /// Element by element.
    List,
}

impl<'a> Shape<'a> {
    /// The shape of what a structural schema describes (`kube-openapi/pkg/schemaconv`).
    fn of_schema(schema: &'a Structural) -> Shape<'a> {
        let told = !schema.properties.is_empty() || matches!(schema.additional, Additional::Schema(_));
        match schema.kind.as_str() {
            _ if schema.embedded => Shape::Resource(schema),
            "object" if schema.atomic_map => Shape::Leaf,
            "object" if told => Shape::Custom(schema),
            "array" => match schema.list {
                ListType::Map => Shape::CustomKeyed(schema),
                ListType::Set => Shape::Set,
                ListType::Atomic => Shape::Leaf,
            },
            "string" | "integer" | "number" | "boolean" => Shape::Scalar(schema),
            _ if schema.int_or_string => Shape::Leaf,
            _ => Shape::Deduced,
        }
    }

    fn walk<'v>(self, values: impl IntoIterator<Item = Option<&'v Value>>) -> Walk {
        match self {
            Shape::Leaf | Shape::Scalar(_) => Walk::Whole,
            Shape::Fields(_) | Shape::Map(_) | Shape::Custom(_) | Shape::Resource(_) => Walk::Object,
            Shape::Keyed(..) | Shape::Set | Shape::CustomKeyed(_) => Walk::List,
            Shape::Deduced => match values.into_iter().flatten().all(Value::is_object) {
                true => Walk::Object,
                false => Walk::Whole,
            },
        }
    }

    /// Whether the names of its fields are the client's, not a definition's.
    fn is_map_of(self, name: &str) -> bool {
        match self {
            Shape::Map(_) => true,
            Shape::Custom(schema) | Shape::Resource(schema) => !schema.properties.contains_key(name),
            Shape::Deduced => true,
            Shape::Leaf
            | Shape::Scalar(_)
            | Shape::Fields(_)
            | Shape::Keyed(..)
            | Shape::Set
            | Shape::CustomKeyed(_) => false,
        }
    }
}

/// A schema to walk by.
#[derive(Clone, Copy)]
pub(crate) struct Typed(pub(crate) &'static Schema);

impl Typed {
    fn of_type(self, kind: &'static Type) -> Shape<'static> {
        match kind {
            Type::Map(item) => Shape::Map(item),
            Type::Object(_) => match self.0.of_type(kind) {
                Some(definition) if !definition.atomic && !definition.fields().is_empty() => {
                    Shape::Fields(definition)
                }
                _ => Shape::Leaf,
            },
            Type::String
            | Type::Int32
            | Type::Int64
            | Type::Bool
            | Type::Double
            | Type::Quantity
            | Type::IntOrString
            | Type::Time
            | Type::MicroTime
            | Type::Bytes
            | Type::Any
            | Type::List(_) => Shape::Leaf,
        }
    }

    pub(crate) fn of_field(self, field: &'static Field) -> Shape<'static> {
        if field.atomic {
            return Shape::Leaf;
        }
        match (&field.kind, field.strategy) {
            (Type::List(item), _) if !field.map_keys.is_empty() => Shape::Keyed(field, item),
            (Type::List(item), Strategy::MergeBy(_)) if !field.set => Shape::Keyed(field, item),
            (Type::List(_), Strategy::Merge) => Shape::Set,
            (Type::List(_), _) if field.set => Shape::Set,
            (kind, _) => self.of_type(kind),
        }
    }

    /// The shape of a child of an object; none for a field that the definition does not have.
    pub(crate) fn of_child<'a>(self, shape: Shape<'a>, name: &str) -> Option<Shape<'a>> {
        match (shape, name) {
            (Shape::Fields(definition), _) => definition.field(name).map(|field| self.of_field(field)),
            (Shape::Map(item), _) => Some(self.of_type(item)),
            (Shape::Resource(_), "apiVersion" | "kind") => Some(Shape::Leaf),
            (Shape::Resource(_), "metadata") => self.0.definition("meta.v1.ObjectMeta").map(Shape::Fields),
            (Shape::Resource(schema) | Shape::Custom(schema), _) => match schema.field(name) {
                Some(field) => Some(Shape::of_schema(field)),
                None => schema.preserves.then_some(Shape::Deduced),
            },
            (Shape::Deduced, _) => Some(Shape::Deduced),
            (Shape::Leaf | Shape::Scalar(_) | Shape::Keyed(..) | Shape::Set | Shape::CustomKeyed(_), _) => {
                None
            }
        }
    }

    /// The elements of a list with their steps, and the shape of each.
    pub(crate) fn elements<'v>(self, shape: Shape<'_>, value: Option<&'v Value>) -> Vec<(String, &'v Value)> {
        let list = value.and_then(Value::as_array).map(crate::json::List::as_slice).unwrap_or_default();
        list.iter().map(|item| (step(shape, item), item)).collect()
    }

    pub(crate) fn of_element(self, shape: Shape<'_>) -> Shape<'_> {
        match shape {
            Shape::Keyed(_, item) => self.of_type(item),
            Shape::CustomKeyed(list) => list.items.as_deref().map_or(Shape::Deduced, Shape::of_schema),
            Shape::Leaf
            | Shape::Scalar(_)
            | Shape::Fields(_)
            | Shape::Map(_)
            | Shape::Set
            | Shape::Custom(_)
            | Shape::Resource(_)
            | Shape::Deduced => Shape::Leaf,
        }
    }

    /// The fields that an applied object speaks of.
    pub(crate) fn fields(self, value: &Value, shape: Shape<'_>) -> Set {
        let mut set = Set::default();
        match shape.walk([Some(value)]) {
            Walk::Whole => return Set::leaf(),
            Walk::Object => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let Some(child) = self.of_child(shape, name) else { continue };
                    let mut below = self.fields(value, child);
                    let empty = value.is_null() || value.as_object().is_some_and(Map::is_empty);
                    below.here |= empty || shape.is_map_of(name);
                    set.put(format!("f:{name}"), below);
                }
            }
            Walk::List => {
                for (step, item) in self.elements(shape, Some(value)) {
                    let mut below = self.fields(item, self.of_element(shape));
                    below.here = true;
                    set.put(step, below);
                }
            }
        }
        set
    }

    /// What does not fit the schema, if anything: where, and what (`typed.validate`).
    pub(crate) fn misfit(self, value: &Value, shape: Shape<'_>, release: Version) -> Option<String> {
        match shape.walk([Some(value)]) {
            Walk::Whole => match shape {
                Shape::Scalar(schema) => Some(format!(": {}", scalar_misfit(value, schema)?)),
                _ => None,
            },
            Walk::Object => value.as_object().into_iter().flatten().find_map(|(name, value)| {
                match self.of_child(shape, name) {
                    None => Some(format!(".{name}: field not declared in schema")),
                    Some(child) => Some(format!(".{name}{}", self.misfit(value, child, release)?)),
                }
            }),
            Walk::List => self.list_misfit(value, shape, release),
        }
    }

    fn list_misfit(self, value: &Value, shape: Shape<'_>, release: Version) -> Option<String> {
        let mut seen = BTreeSet::new();
        for (at, (step, item)) in self.elements(shape, Some(value)).into_iter().enumerate() {
            if let (Shape::CustomKeyed(list), false) = (shape, release.has(KEYS_MAY_LACK)) {
                let lacks = |key: &&String| key_of(list, item, key).is_none();
                if let Some(key) = list.map_keys.iter().find(lacks) {
                    return Some(format!(
                        ": element {at}: associative list with keys has an element that omits key field {key:?} (and doesn't have default value)"
                    ));
                }
            }
            let spoken = super::set::spoken(&step);
            if !seen.insert(step) && !matches!(shape, Shape::Keyed(..)) {
                return Some(format!(": duplicate entries for key {spoken}"));
            }
            if let Some(below) = self.misfit(item, self.of_element(shape), release) {
                return Some(format!("{spoken}{below}"));
            }
        }
        None
    }

    /// How a new value differs from an old one.
    pub(crate) fn compare(self, old: Option<&Value>, new: Option<&Value>, shape: Shape<'_>) -> Comparison {
        let mut changes = Comparison::default();
        // What did not change is most of an object; equality is told fast.
        if old == new {
            return changes;
        }
        match shape.walk([old, new]) {
            Walk::Whole => {}
            _ if is_empty(old) && is_empty(new) => {}
            Walk::Object => {
                let (was, is) = (old.and_then(Value::as_object), new.and_then(Value::as_object));
                let names: BTreeSet<&Text> = was.into_iter().chain(is).flat_map(Map::keys).collect();
                for name in names {
                    let Some(child) = self.of_child(shape, name) else { continue };
                    // What is written always is there, as null, where nobody gave it.
                    let written = matches!(shape, Shape::Fields(d) if d.field(name).is_some_and(|f| f.zero == Zero::Written));
                    let (a, b) = (was.and_then(|m| m.get(name)), is.and_then(|m| m.get(name)));
                    let (a, b) = (a.or(absent(was, written)), b.or(absent(is, written)));
                    if a != b {
                        changes.put(&format!("f:{name}"), self.compare(a, b, child));
                    }
                }
                changes.whole(old, new);
                return changes;
            }
            Walk::List => {
                let (was, is) = (self.elements(shape, old), self.elements(shape, new));
                let mut both: BTreeMap<&str, [Option<&Value>; 2]> = BTreeMap::new();
                // Of those with one step the first counts.
                for (side, elements) in [&was, &is].into_iter().enumerate() {
                    for (step, item) in elements {
                        both.entry(step).or_default()[side].get_or_insert(item);
                    }
                }
                for (step, [a, b]) in both {
                    changes.put(step, self.compare(a, b, self.of_element(shape)));
                }
                changes.whole(old, new);
                return changes;
            }
        }
        changes.whole(old, new);
        changes.modified.here = old.is_some() && new.is_some() && old != new;
        changes
    }

    /// Puts what was applied over what is there.
    pub(crate) fn merge(self, live: &mut Value, applied: &Value, shape: Shape<'_>) {
        match shape.walk([Some(&*live), Some(applied)]) {
            Walk::Whole => live.clone_from(applied),
            Walk::Object => {
                let (Some(map), Some(own)) = (applied.as_object(), live.as_object_mut()) else {
                    live.clone_from(applied);
                    return;
                };
                for (name, value) in map {
                    match (own.get_mut(name), self.of_child(shape, name)) {
                        (Some(own), Some(child)) => self.merge(own, value, child),
                        _ => drop(own.insert(name.clone(), value.clone())),
                    }
                }
            }
            Walk::List => {
                let (Some(list), true) = (applied.as_array(), live.is_array()) else {
                    live.clone_from(applied);
                    return;
                };
                let own = live.as_array_mut().map(std::mem::take).unwrap_or_default();
                *live = self.merge_lists(own.into(), list, shape).into();
            }
        }
    }

    /// The elements of two lists in one: each keeps the order of its own, as far as they agree (`visitListItems`).
    fn merge_lists(self, live: Vec<Value>, applied: &[Value], shape: Shape<'_>) -> Vec<Value> {
        let wanted: Vec<(String, &Value)> = applied.iter().map(|item| (step(shape, item), item)).collect();
        let mut own: Vec<(String, Option<Value>)> =
            live.into_iter().map(|item| (step(shape, &item), Some(item))).collect();
        let steps: BTreeSet<&str> = wanted.iter().map(|(step, _)| step.as_str()).collect();
        let is_wanted = |step: &str| steps.contains(step);
        // Of those with one step the first is merged.
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (at, (step, _)) in own.iter().enumerate() {
            places.entry(step.clone()).or_insert(at);
        }
        let mut shared: VecDeque<&str> =
            wanted.iter().map(|(step, _)| step.as_str()).filter(|step| places.contains_key(*step)).collect();
        let mut merged: BTreeSet<String> = BTreeSet::new();
        let mut out = Vec::new();
        let (mut l, mut r) = (0, 0);
        while l < own.len() || r < wanted.len() {
            if let (Some((mine, _)), Some((theirs, _))) = (own.get(l), wanted.get(r)) {
                let next_is_other = shared.front().is_some_and(|next| next != mine);
                if mine != theirs && is_wanted(mine) && next_is_other {
                    l += 1;
                    continue;
                }
            }
            if let Some((mine, item)) = own.get_mut(l) {
                if !is_wanted(mine) {
                    out.extend(item.take());
                    l += 1;
                    continue;
                }
                if merged.contains(mine) || wanted.get(r).is_some_and(|(theirs, _)| theirs == mine) {
                    l += 1;
                }
            }
            if let Some((theirs, item)) = wanted.get(r) {
                let mine =
                    places.get(theirs).and_then(|at| own.get_mut(*at)).and_then(|(_, item)| item.take());
                out.push(match mine {
                    Some(mut mine) => {
                        self.merge(&mut mine, item, self.of_element(shape));
                        mine
                    }
                    None => (*item).clone(),
                });
                merged.insert(theirs.clone());
                if shared.front() == Some(&theirs.as_str()) {
                    shared.pop_front();
                }
                r += 1;
            }
        }
        out
    }

    /// Takes out what only the last apply spoke of: members of `last` that nobody owns.
    pub(crate) fn prune(self, value: &mut Value, last: &Set, owned: &Set, shape: Shape<'_>) {
        let nobody = Set::default();
        let keeps = |step: &str| match (last.below.get(step), owned.below.get(step)) {
            (Some(last), None) => !last.here,
            _ => true,
        };
        match shape.walk([Some(&*value)]) {
            Walk::Whole => {}
            Walk::Object => {
                let Some(map) = value.as_object_mut() else { return };
                map.retain(|name, _| keeps(&format!("f:{name}")));
                for (name, value) in map.iter_mut() {
                    let step = format!("f:{name}");
                    if let (Some(last), Some(child)) = (last.below.get(&step), self.of_child(shape, name)) {
                        let full = !is_empty(Some(value));
                        self.prune(value, last, owned.below.get(&step).unwrap_or(&nobody), child);
                        // What nothing is left of is not left itself.
                        if full && is_empty(Some(value)) {
                            *value = Value::Null;
                        }
                    }
                }
                map.retain(|_, value| !value.is_null());
            }
            Walk::List => {
                let Some(list) = value.as_array_mut() else { return };
                list.retain(|item| keeps(&step(shape, item)));
                for item in list.iter_mut() {
                    let step = step(shape, item);
                    if let Some(last) = last.below.get(&step) {
                        let owned = owned.below.get(&step).unwrap_or(&nobody);
                        self.prune(item, last, owned, self.of_element(shape));
                    }
                }
            }
        }
    }
}

/// The step to an element of a list.
fn step(shape: Shape<'_>, item: &Value) -> String {
    let field = match shape {
        Shape::CustomKeyed(list) => return custom_step(list, item),
        Shape::Keyed(field, _) => field,
        _ => return format!("v:{item}"),
    };
    let mut keys = Map::new();
    let named: &[&str] = match (&field.map_keys[..], field.strategy) {
        ([], Strategy::MergeBy(key)) => &[key],
        (keys, _) => keys,
    };
    for key in named {
        match item.get(*key) {
            Some(value) => drop(keys.insert((*key).to_owned(), value.clone())),
            // The one key that has a default.
            None if *key == "protocol" => drop(keys.insert((*key).to_owned(), "TCP".into())),
            None => {}
        }
    }
    format!("k:{}", Value::Object(keys))
}

/// The step to an element of a list of a structural schema; a key that was not given has its default.
fn custom_step(list: &Structural, item: &Value) -> String {
    let mut keys = Map::new();
    for key in &list.map_keys {
        if let Some(value) = key_of(list, item, key) {
            keys.insert(key.clone(), value.clone());
        }
    }
    format!("k:{}", Value::Object(keys))
}

/// The value of a key of a list's element, or its default.
fn key_of<'v>(list: &'v Structural, item: &'v Value, key: &str) -> Option<&'v Value> {
    let default = || list.items.as_deref()?.properties.get(key)?.default.as_ref();
    item.get(key).or_else(default)
}

/// Why a value is none of a scalar type, if it isn't (`validateScalar`).
fn scalar_misfit(value: &Value, schema: &Structural) -> Option<String> {
    let (fits, expected) = match schema.kind.as_str() {
        "integer" | "number" => (value.is_number(), "numeric (int or float)"),
        "string" => (value.is_string(), "string"),
        _ => (value.is_boolean(), "boolean"),
    };
    if fits || value.is_null() {
        return None;
    }
    let shown = match (value, expected) {
        (Value::String(_), "numeric (int or float)") => "string".to_owned(),
        (Value::Bool(_), "numeric (int or float)") => "bool".to_owned(),
        (Value::Array(_), "numeric (int or float)") => "[]interface {}".to_owned(),
        (Value::Object(_), "numeric (int or float)") => "map[string]interface {}".to_owned(),
        (value, _) => go_plain(value),
    };
    Some(format!("expected {expected}, got {shown}"))
}

/// A value as the library prints one that is of the wrong type (`value.ToString`).
fn go_plain(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

static NULL: Value = Value::Null;

/// A field that is not in an object which is there: null if it is written always.
fn absent(object: Option<&Map>, written: bool) -> Option<&'static Value> {
    (object.is_some() && written).then_some(&NULL)
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_)) => false,
    }
}

/// The fields that differ.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) added: Set,
    pub(crate) modified: Set,
    pub(crate) removed: Set,
}

impl Comparison {
    fn put(&mut self, step: &str, inner: Comparison) {
        self.added.put(step.to_owned(), inner.added);
        self.modified.put(step.to_owned(), inner.modified);
        self.removed.put(step.to_owned(), inner.removed);
    }

    /// The place itself is new, or gone.
    fn whole(&mut self, old: Option<&Value>, new: Option<&Value>) {
        self.added.here = old.is_none() && new.is_some();
        self.removed.here = old.is_some() && new.is_none();
    }

    /// Whether nothing differs.
    pub(crate) fn is_same(&self) -> bool {
        self.added.is_empty() && self.modified.is_empty() && self.removed.is_empty()
    }
}
