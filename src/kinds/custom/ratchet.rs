//! What is stored where a value stands, to tell whether an update changes it (`apiserver/pkg/cel/common.CorrelatedObject`).

use crate::api::structural::{ListType, Structural};
use crate::json::{Text, Value};

/// A stored value with the schema that tells its parts apart.
#[derive(Clone, Copy)]
pub(crate) struct Stored<'a> {
    pub(crate) value: &'a Value,
    pub(crate) schema: &'a Structural,
}

impl<'a> Stored<'a> {
    /// The field of that name, if it is stored.
    pub(crate) fn field(self, name: &str) -> Option<Stored<'a>> {
        Some(Stored { value: self.value.get(name)?, schema: self.schema.field(name)? })
    }

    /// The stored item with the keys of a new one; items of lists that are no maps have no counterpart.
    pub(crate) fn item(self, new: &Value) -> Option<Stored<'a>> {
        if self.schema.list != ListType::Map {
            return None;
        }
        let is_it = |old: &&Value| self.schema.map_keys.iter().all(|key| old.get(key) == new.get(key));
        let value = self.value.as_array()?.iter().find(is_it)?;
        Some(Stored { value, schema: self.schema.items.as_deref()? })
    }

    /// Whether a new value is the stored one; maps in another order are the same.
    pub(crate) fn is_as(self, new: &Value) -> bool {
        match (self.value, new) {
            (Value::Object(old), Value::Object(fields)) => {
                let same = |(name, value): (&Text, &Value)| match self.field(name) {
                    Some(stored) => stored.is_as(value),
                    None => old.get(name) == Some(value),
                };
                old.len() == fields.len() && fields.iter().all(same)
            }
            (Value::Array(old), Value::Array(items)) if self.schema.list == ListType::Map => {
                let same = |item: &Value| self.item(item).is_some_and(|stored| stored.is_as(item));
                old.len() == items.len() && items.iter().all(same)
            }
            (old, new) => old == new,
        }
    }
}
