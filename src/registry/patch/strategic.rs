//! Strategic merge patches (`apimachinery/pkg/util/strategicpatch`): as JSON merge patches, but lists merge as their type
//! says, and directives say what else is meant.

use super::{failed, go_map, unprocessable};
use crate::api::schema::{Definition, Field, Schema, Strategy, Type};
use crate::api::value::Fields;
use crate::api::{Dig, Status};
use serde_json::{Map, Value};

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_VALUES: &str = "$deleteFromPrimitiveList/";
const ORDER: &str = "$setElementOrder/";

/// What a patch finds at a place.
#[derive(Clone, Copy)]
enum Kind {
    Fields(&'static Definition),
    /// A map from names to values of a type.
    Map(&'static Type),
    Unknown,
}

/// Merges by a schema.
pub(super) struct Merger {
    schema: &'static Schema,
}

/// Puts a patch over an object of a definition.
pub(super) fn merge(
    object: &mut Value,
    patch: &Value,
    definition: Option<&'static Definition>,
    schema: &'static Schema,
) -> Result<(), Status> {
    let kind = definition.map_or(Kind::Unknown, Kind::Fields);
    match patch.as_object() {
        Some(patch) => Merger { schema }.object(object, patch, kind),
        None => {
            Err(Status::bad_request("json: cannot unmarshal into Go value of type map[string]interface {}"))
        }
    }
}

impl Merger {
    fn kind(&self, of: &'static Type) -> Kind {
        match (of, self.schema.of_type(of)) {
            (_, Some(definition)) => Kind::Fields(definition),
            (Type::Map(item), None) => Kind::Map(item),
            (_, None) => Kind::Unknown,
        }
    }

    /// Kind and field of a child.
    fn child(&self, kind: Kind, name: &str) -> (Kind, Option<&'static Field>) {
        match kind {
            Kind::Fields(definition) => match definition.field(name) {
                Some(field) => (self.kind(&field.kind), Some(field)),
                None => (Kind::Unknown, None),
            },
            Kind::Map(item) => (self.kind(item), None),
            Kind::Unknown => (Kind::Unknown, None),
        }
    }

    fn object(&self, object: &mut Value, patch: &Fields, kind: Kind) -> Result<(), Status> {
        match patch.get(DIRECTIVE) {
            None => {}
            Some(Value::String(directive)) => match directive.as_str() {
                "replace" => {
                    *object = Value::Object(plain(patch));
                    return Ok(());
                }
                "delete" => {
                    *object = Value::Object(Map::new());
                    return Ok(());
                }
                "merge" => {}
                other => return Err(unknown_directive(other, patch)),
            },
            Some(other) => return Err(unknown_directive(&other.to_string(), patch)),
        }
        if !object.is_object() {
            *object = Value::Object(Map::new());
        }
        let Some(own) = object.as_object_mut() else { return Ok(()) };
        if let Some(retained) = patch.get(RETAIN_KEYS) {
            retain(own, retained, patch)?;
        }
        for (key, values) in patch.iter().filter_map(|(key, v)| Some((key.strip_prefix(DELETE_VALUES)?, v))) {
            let values = values.as_array().ok_or_else(|| Status::bad_request(BAD_LIST))?;
            if let Some(list) = own.get_mut(key).and_then(Value::as_array_mut) {
                list.retain(|value| !values.contains(value));
            }
        }
        for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
            if value.is_null() {
                own.remove(key);
                continue;
            }
            let (child, field) = self.child(kind, key);
            let place = own.entry(key.clone()).or_insert(Value::Null);
            self.value(place, value, child, field)?;
        }
        for (key, order) in patch.iter().filter_map(|(key, v)| Some((key.strip_prefix(ORDER)?, v))) {
            let order = order.as_array().ok_or_else(|| Status::bad_request(BAD_ORDER))?;
            let (_, field) = self.child(kind, key);
            if let (Some(list), Some(field)) = (own.get_mut(key).and_then(Value::as_array_mut), field) {
                sort(list, order, field.strategy);
            }
        }
        Ok(())
    }

    fn value(
        &self,
        place: &mut Value,
        patch: &Value,
        kind: Kind,
        field: Option<&'static Field>,
    ) -> Result<(), Status> {
        let strategy = field.map_or(Strategy::Plain, |field| field.strategy);
        match (patch, strategy) {
            (Value::Object(map), Strategy::Replace) if !map.contains_key(DIRECTIVE) => {
                place.clone_from(patch)
            }
            (Value::Object(map), _) => self.object(place, map, kind)?,
            (Value::Array(patch), Strategy::MergeBy(key)) => {
                let item = field.map(|field| &field.kind).and_then(|kind| match kind {
                    Type::List(item) => Some(self.kind(item)),
                    _ => None,
                });
                self.list(place, patch, key, item.unwrap_or(Kind::Unknown))?;
            }
            (Value::Array(patch), Strategy::Merge) => merge_values(place, patch),
            _ => place.clone_from(patch),
        }
        Ok(())
    }

    /// A list of objects that are told apart by a key.
    fn list(&self, place: &mut Value, patch: &[Value], key: &str, item: Kind) -> Result<(), Status> {
        let directive = |value: &Value| value.text(DIRECTIVE).to_owned();
        let mut own = match place.take() {
            Value::Array(list) => list,
            _ => Vec::new(),
        };
        if patch.iter().any(|value| directive(value) == "replace") {
            own.clear();
        }
        for value in patch {
            let Some(map) = value.as_object() else { return Err(unprocessable()) };
            if directive(value) == "replace" && map.len() == 1 {
                continue;
            }
            let Some(name) = map.get(key) else { return Err(no_key(value, key)) };
            let at = own.iter().position(|own| own.get(key) == Some(name));
            match (directive(value).as_str(), at) {
                ("delete", _) => own.retain(|own| own.get(key) != Some(name)),
                ("" | "merge", Some(at)) => {
                    if let Some(own) = own.get_mut(at) {
                        self.object(own, map, item)?;
                    }
                }
                ("" | "merge" | "replace", _) => {
                    let mut new = Value::Null;
                    self.object(&mut new, &plain(map), item)?;
                    own.push(new);
                }
                (other, _) => return Err(unknown_directive(other, map)),
            }
        }
        *place = Value::Array(own);
        Ok(())
    }
}

/// A patch without its directive.
fn plain(patch: &Fields) -> Fields {
    patch
        .iter()
        .filter(|(key, _)| *key != DIRECTIVE)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn no_key(value: &Value, key: &str) -> Status {
    failed(format!("map: {} does not contain declared merge key: {key}", go_map(value)))
}

fn unknown_directive(directive: &str, patch: &Fields) -> Status {
    let map = go_map(&Value::Object(patch.clone()));
    failed(format!("Unknown patch type found: {directive} in map: {map}"))
}

const BAD_LIST: &str = "The patch for a primitive list must be a list";
const BAD_RETAIN: &str = "Bad patch format for retainKeys";
const BAD_ORDER: &str = "The patch for the setElementOrder list must be a list";

/// Keeps only the keys that a patch names; the patch may give no other.
fn retain(own: &mut Fields, retained: &Value, patch: &Fields) -> Result<(), Status> {
    let kept = retained.as_array().ok_or_else(|| Status::bad_request(BAD_RETAIN))?;
    let keeps = |key: &str| kept.iter().any(|kept| kept == key);
    if patch.keys().any(|key| !key.starts_with('$') && !keeps(key)) {
        return Err(Status::bad_request(BAD_RETAIN));
    }
    own.retain(|key, _| keeps(key));
    Ok(())
}

/// A list of plain values is a set: what is new comes last.
fn merge_values(place: &mut Value, patch: &[Value]) {
    let Some(own) = place.as_array_mut() else {
        *place = Value::Array(patch.to_vec());
        return;
    };
    for value in patch {
        if !own.contains(value) {
            own.push(value.clone());
        }
    }
}

/// Puts a list in the order that a patch gives; what it does not name keeps its place among the others.
fn sort(list: &mut Vec<Value>, order: &[Value], strategy: Strategy) {
    let same = |item: &Value, wanted: &Value| match strategy {
        Strategy::MergeBy(key) => item.get(key) == wanted.get(key),
        Strategy::Merge | Strategy::Plain | Strategy::Replace => item == wanted,
    };
    let place = |item: &Value| order.iter().position(|wanted| same(item, wanted));
    let mut named: Vec<Value> = list.iter().filter(|item| place(item).is_some()).cloned().collect();
    named.sort_by_key(|item| place(item));
    let mut named = named.into_iter();
    let mut sorted = Vec::with_capacity(list.len());
    for item in list.drain(..) {
        match place(&item) {
            Some(_) => sorted.extend(named.next()),
            None => sorted.push(item),
        }
    }
    *list = sorted;
}
