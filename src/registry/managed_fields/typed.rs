//! Objects of a schema: which fields they have, how two differ, how they merge
//! (`structured-merge-diff/typed`).

use super::set::Set;
use crate::api::schema::{Definition, Field, Schema, Strategy, Type, Zero};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How the parts of a value belong together.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
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
}

/// A schema to walk by.
#[derive(Clone, Copy)]
pub(crate) struct Typed(pub(crate) &'static Schema);

impl Typed {
    fn of_type(self, kind: &'static Type) -> Shape {
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

    pub(crate) fn of_field(self, field: &'static Field) -> Shape {
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
    pub(crate) fn of_child(self, shape: Shape, name: &str) -> Option<Shape> {
        match shape {
            Shape::Fields(definition) => definition.field(name).map(|field| self.of_field(field)),
            Shape::Map(item) => Some(self.of_type(item)),
            Shape::Leaf | Shape::Keyed(..) | Shape::Set => None,
        }
    }

    /// The elements of a list with their steps, and the shape of each.
    pub(crate) fn elements(self, shape: Shape, value: Option<&Value>) -> Vec<(String, &Value)> {
        let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|item| (step(shape, item), item)).collect()
    }

    pub(crate) fn of_element(self, shape: Shape) -> Shape {
        match shape {
            Shape::Keyed(_, item) => self.of_type(item),
            Shape::Leaf | Shape::Fields(_) | Shape::Map(_) | Shape::Set => Shape::Leaf,
        }
    }

    /// The fields that an applied object speaks of.
    pub(crate) fn fields(self, value: &Value, shape: Shape) -> Set {
        let mut set = Set::default();
        match shape {
            Shape::Leaf => return Set::leaf(),
            Shape::Fields(_) | Shape::Map(_) => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let Some(child) = self.of_child(shape, name) else { continue };
                    let mut below = self.fields(value, child);
                    let empty = value.is_null() || value.as_object().is_some_and(Map::is_empty);
                    below.here |= empty || matches!(shape, Shape::Map(_));
                    set.put(format!("f:{name}"), below);
                }
            }
            Shape::Keyed(..) | Shape::Set => {
                for (step, item) in self.elements(shape, Some(value)) {
                    let mut below = self.fields(item, self.of_element(shape));
                    below.here = true;
                    set.put(step, below);
                }
            }
        }
        set
    }

    /// The path of a field that the schema does not have, if there is one.
    pub(crate) fn unknown(self, value: &Value, shape: Shape) -> Option<String> {
        match shape {
            Shape::Leaf | Shape::Set => None,
            Shape::Fields(_) | Shape::Map(_) => {
                value.as_object().into_iter().flatten().find_map(|(name, value)| {
                    match self.of_child(shape, name) {
                        None => Some(format!(".{name}")),
                        Some(child) => Some(format!(".{name}{}", self.unknown(value, child)?)),
                    }
                })
            }
            Shape::Keyed(..) => self.elements(shape, Some(value)).into_iter().find_map(|(step, item)| {
                let below = self.unknown(item, self.of_element(shape))?;
                Some(format!("{}{below}", super::set::spoken(&step)))
            }),
        }
    }

    /// How a new value differs from an old one.
    pub(crate) fn compare(self, old: Option<&Value>, new: Option<&Value>, shape: Shape) -> Comparison {
        let mut changes = Comparison::default();
        // What did not change is most of an object; equality is told fast.
        if old == new {
            return changes;
        }
        match shape {
            Shape::Leaf => {}
            _ if is_empty(old) && is_empty(new) => {}
            Shape::Fields(_) | Shape::Map(_) => {
                let (was, is) = (old.and_then(Value::as_object), new.and_then(Value::as_object));
                let names: BTreeSet<&String> = was.into_iter().chain(is).flat_map(Map::keys).collect();
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
            Shape::Keyed(..) | Shape::Set => {
                let (was, is) = (self.elements(shape, old), self.elements(shape, new));
                fn find<'v>(list: &[(String, &'v Value)], step: &str) -> Option<&'v Value> {
                    list.iter().find(|(other, _)| other == step).map(|(_, value)| *value)
                }
                let mut seen = BTreeSet::new();
                for (step, _) in was.iter().chain(&is) {
                    if seen.insert(step) {
                        let (a, b) = (find(&was, step), find(&is, step));
                        let inner = self.compare(a, b, self.of_element(shape));
                        changes.put(step, inner);
                    }
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
    pub(crate) fn merge(self, live: &mut Value, applied: &Value, shape: Shape) {
        match shape {
            Shape::Leaf => live.clone_from(applied),
            Shape::Fields(_) | Shape::Map(_) => {
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
            Shape::Keyed(..) | Shape::Set => {
                let (Some(list), true) = (applied.as_array(), live.is_array()) else {
                    live.clone_from(applied);
                    return;
                };
                let Some(own) = live.as_array_mut() else { return };
                for item in list {
                    let wanted = step(shape, item);
                    match own.iter_mut().find(|own| step(shape, own) == wanted) {
                        Some(own) => self.merge(own, item, self.of_element(shape)),
                        None => own.push(item.clone()),
                    }
                }
            }
        }
    }

    /// Takes out what only the last apply spoke of: members of `last` that nobody owns.
    pub(crate) fn prune(self, value: &mut Value, last: &Set, owned: &Set, shape: Shape) {
        let nobody = Set::default();
        let keeps = |step: &str| match (last.below.get(step), owned.below.get(step)) {
            (Some(last), None) => !last.here,
            _ => true,
        };
        match shape {
            Shape::Leaf => {}
            Shape::Fields(_) | Shape::Map(_) => {
                let Some(map) = value.as_object_mut() else { return };
                map.retain(|name, _| keeps(&format!("f:{name}")));
                for (name, value) in map.iter_mut() {
                    let step = format!("f:{name}");
                    if let (Some(last), Some(child)) = (last.below.get(&step), self.of_child(shape, name)) {
                        self.prune(value, last, owned.below.get(&step).unwrap_or(&nobody), child);
                    }
                }
            }
            Shape::Keyed(..) | Shape::Set => {
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
fn step(shape: Shape, item: &Value) -> String {
    let Shape::Keyed(field, _) = shape else { return format!("v:{item}") };
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

static NULL: Value = Value::Null;

/// A field that is not in an object which is there: null if it is written always.
fn absent(object: Option<&Map<String, Value>>, written: bool) -> Option<&'static Value> {
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
