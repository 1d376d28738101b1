//! Strategic merge patches (`apimachinery/pkg/util/strategicpatch`): as JSON merge patches, but lists merge as their type
//! says (`lists.rs`), and directives say what else is meant.
//!
//! A patch is taken apart while it is merged, as in Go: an error shows what is left of it.

use super::directives::{DIRECTIVE, unknown_directive};
use super::{failed, lists};
use crate::api::differences::STRATEGIC_PATCHES_CLEANED;
use crate::api::field::go_kind;
use crate::api::schema::{self, Definition, Field, Schema, Strategy, Type};
use crate::api::value::Fields;
use crate::api::{Status, Version};
use crate::json::{Map, Text, Value};

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
#[derive(Clone, Copy)]
struct Merger {
    schema: &'static Schema,
    /// Whether nulls and directives are left out of what is new.
    cleans: bool,
}

/// Puts a patch over an object of a definition.
pub(super) fn merge(
    object: &mut Value,
    patch: &mut Fields,
    definition: Option<&'static Definition>,
    version: Version,
) -> Result<(), Status> {
    let merger = Merger { schema: schema::schema(version), cleans: version.has(STRATEGIC_PATCHES_CLEANED) };
    let kind = definition.map_or(Kind::Unknown, Kind::Fields);
    let own = match object.take() {
        Value::Object(own) => own,
        _ => Map::new(),
    };
    *object = Value::Object(merger.map(own, patch, kind)?);
    Ok(())
}

impl Merger {
    fn kind(self, of: &'static Type) -> Kind {
        match (of, self.schema.of_type(of)) {
            (_, Some(definition)) => Kind::Fields(definition),
            (Type::Map(item), None) => Kind::Map(item),
            (_, None) => Kind::Unknown,
        }
    }

    /// Kind and field of a child (`LookupPatchMetadata`).
    fn child(self, kind: Kind, name: &str) -> Result<(Kind, Option<&'static Field>), Status> {
        match kind {
            Kind::Fields(definition) => match definition.field(name) {
                Some(field) => Ok((self.kind(&field.kind), Some(field))),
                None => {
                    let of = definition.name.rsplit('.').next().unwrap_or_default();
                    Err(failed(format!(
                        "unable to find api field in struct {of} for the json field {}",
                        crate::api::field::quote(name)
                    )))
                }
            },
            Kind::Map(item) => Ok((self.kind(item), None)),
            Kind::Unknown => Ok((Kind::Unknown, None)),
        }
    }

    /// What becomes of a map (`mergeMap`).
    fn map(self, mut own: Fields, patch: &mut Fields, kind: Kind) -> Result<Fields, Status> {
        if let Some(directive) = patch.get(DIRECTIVE) {
            return match directive.as_str() {
                Some("replace") => {
                    patch.remove(DIRECTIVE);
                    Ok(std::mem::take(patch))
                }
                Some("delete") => Ok(Map::new()),
                _ => Err(unknown_directive(directive, patch)),
            };
        }
        if let Some(retained) = patch.remove(RETAIN_KEYS) {
            retain(&mut own, &retained, patch)?;
        }
        let orders: Vec<Text> = patch.keys().filter(|key| key.starts_with(ORDER)).cloned().collect();
        for order in orders {
            self.order(&mut own, patch, &order, kind)?;
        }
        for (key, value) in patch.iter_mut() {
            let (key, deletes) = match key.strip_prefix(DELETE_VALUES) {
                Some(key) => (key, true),
                None => (key.as_str(), false),
            };
            if value.is_null() {
                own.remove(key);
                continue;
            }
            if own.get(key).is_none_or(|own| go_kind(own) != go_kind(value)) {
                if !(deletes && self.cleans) {
                    self.put(&mut own, key, value);
                }
                continue;
            }
            let Some(place) = own.get_mut(key) else { continue };
            match (place.take(), &mut *value) {
                (Value::Object(old), Value::Object(new)) => {
                    let (child, field) = self.child(kind, key)?;
                    *place = Value::Object(match strategy(field) {
                        Strategy::Replace => new.clone(),
                        Strategy::Plain | Strategy::Merge | Strategy::MergeBy(_) => {
                            self.map(old, new, child)?
                        }
                    });
                }
                (Value::Array(old), Value::Array(new)) => {
                    let (_, field) = self.child(kind, key)?;
                    *place = self.list(old.into(), new, field, deletes)?.into();
                }
                _ => self.put(&mut own, key, value),
            }
        }
        Ok(own)
    }

    /// Takes a value as it is.
    fn put(self, own: &mut Fields, key: &str, value: &mut Value) {
        if !self.cleans {
            own.insert(key.to_owned(), value.clone());
            return;
        }
        discard_nulls(value);
        match without_directives(value) {
            Some(value) => own.insert(key.to_owned(), value),
            None => own.remove(key),
        };
    }

    /// What becomes of a list (`mergeSliceHandler`).
    fn list(
        self,
        own: Vec<Value>,
        patch: &mut [Value],
        field: Option<&'static Field>,
        deletes: bool,
    ) -> Result<Vec<Value>, Status> {
        let (key, item) = match (strategy(field), field.map(|field| &field.kind)) {
            (Strategy::MergeBy(key), Some(Type::List(item))) => (Some(key), self.kind(item)),
            (Strategy::Merge, _) => (None, Kind::Unknown),
            _ => return Ok(patch.to_vec()),
        };
        lists::merge(own, patch, key, deletes, &|own, patch| self.map(own, patch, item))
    }

    /// Merges a list whose order the patch gives, and takes both out of the patch (`mergePatchIntoOriginal`).
    fn order(self, own: &mut Fields, patch: &mut Fields, directive: &str, kind: Kind) -> Result<(), Status> {
        let order = list_of(patch.remove(directive).unwrap_or_default())?;
        let key = directive.strip_prefix(ORDER).unwrap_or(directive);
        let old = own.get(key).cloned().map(list_of).transpose()?;
        let new = patch.get(key).cloned().map(list_of).transpose()?;
        let (_, field) = self.child(kind, key)?;
        let merge_key = match strategy(field) {
            Strategy::MergeBy(key) => Some(key),
            Strategy::Plain | Strategy::Replace | Strategy::Merge => None,
        };
        lists::check_order(new.as_deref().unwrap_or_default(), &order, merge_key)?;
        let mut both = old.iter().chain(&new).map(Vec::as_slice);
        let is_empty = both.all(<[Value]>::is_empty);
        let merged = match (old.clone(), new) {
            (None, None) => return Ok(()),
            (Some(old), None) => old,
            (None, Some(new)) => new.iter().filter_map(without_directives).collect(),
            (Some(old), Some(mut new)) => self.list(old, &mut new, field, false)?,
        };
        if is_empty {
            return Err(failed("no elements in any of the given slices"));
        }
        let sorted = lists::sort(merged, &order, &old.unwrap_or_default(), merge_key)?;
        own.insert(key.to_owned(), sorted.into());
        patch.remove(key);
        Ok(())
    }
}

fn strategy(field: Option<&'static Field>) -> Strategy {
    field.map_or(Strategy::Plain, |field| field.strategy)
}

fn list_of(value: Value) -> Result<Vec<Value>, Status> {
    match value {
        Value::Array(list) => Ok(list.into()),
        other => Err(failed(format!("expected a []interface {{}}, but received a {}", go_kind(&other)))),
    }
}

/// Keeps only the keys that a patch names; the patch may give no other.
fn retain(own: &mut Fields, retained: &Value, patch: &Fields) -> Result<(), Status> {
    let bad = || Status::bad_request("invalid patch format of retainKeys");
    let kept = retained.as_array().ok_or_else(bad)?;
    let keeps = |key: &str| kept.iter().any(|kept| kept == key);
    let is_list = |key: &str| key.starts_with(DELETE_VALUES) || key.starts_with(ORDER);
    if patch.iter().any(|(key, value)| !value.is_null() && !is_list(key) && !keeps(key)) {
        return Err(bad());
    }
    own.retain(|key, _| keeps(key));
    Ok(())
}

/// Takes the keys out whose value is null.
fn discard_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(discard_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(discard_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A value without the maps that hold a directive; nothing where it is one (`removeDirectives`).
fn without_directives(value: &Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.contains_key(DIRECTIVE) => None,
        Value::Object(map) => {
            let kept = map.iter().filter_map(|(key, value)| Some((key.clone(), without_directives(value)?)));
            Some(Value::Object(kept.collect()))
        }
        Value::Array(items) => Some(items.iter().filter_map(without_directives).collect()),
        value => Some(value.clone()),
    }
}
