//! A value in an object, and the one that an update puts it in place of (`apiserver/pkg/cel/common.CorrelatedObject`).

use crate::api::structural::Structural;
use crate::json::Value;
use crate::kinds::custom::Stored;

/// A value, and what is known of its past.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) value: &'a Value,
    /// The value before.
    pub(super) old: Option<&'a Value>,
    pub(super) schema: &'a Structural,
    /// What was stored here, or around here where it can't be told, and what is there now.
    twin: Option<(Stored<'a>, &'a Value)>,
    /// Whether the twin is of this very value.
    is_correlated: bool,
    is_top: bool,
}

impl<'a> Place<'a> {
    /// The place of a whole object, with what is stored of it, if that counts.
    pub(super) fn root(
        value: &'a Value,
        old: Option<&'a Value>,
        schema: &'a Structural,
        stored: Option<Stored<'a>>,
    ) -> Place<'a> {
        let twin = stored.map(|stored| (stored, value));
        Place { value, old, schema, twin, is_correlated: stored.is_some(), is_top: true }
    }

    /// The place of a part, whose twin is found so.
    fn part(
        self,
        value: &'a Value,
        old: Option<&'a Value>,
        schema: &'a Structural,
        find: impl Fn(Stored<'a>) -> Option<Stored<'a>>,
    ) -> Place<'a> {
        let found = self.twin.filter(|_| self.is_correlated).and_then(|(stored, _)| find(stored));
        Place {
            value,
            old: old.filter(|old| !old.is_null()),
            schema,
            twin: found.map(|stored| (stored, value)).or(self.twin),
            is_correlated: found.is_some(),
            is_top: false,
        }
    }

    pub(super) fn field(self, name: &str, value: &'a Value, schema: &'a Structural) -> Place<'a> {
        let part =
            self.part(value, self.old.and_then(|old| old.get(name)), schema, |stored| stored.field(name));
        // Both are of the same version here, whatever was stored.
        match self.is_top && matches!(name, "apiVersion" | "kind") {
            true => Place { twin: None, is_correlated: false, ..part },
            false => part,
        }
    }

    pub(super) fn item(self, value: &'a Value, schema: &'a Structural) -> Place<'a> {
        let old = self
            .old
            .and_then(|value_of_list| Stored { value: value_of_list, schema: self.schema }.item(value));
        self.part(value, old.map(|stored| stored.value), schema, |stored| stored.item(value))
    }

    /// Whether an update left the value, or what is around it, as it was.
    pub(super) fn is_as_before(self) -> bool {
        self.twin.is_some_and(|(stored, value)| stored.is_as(value))
    }
}
