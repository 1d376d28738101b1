//! A list of objects as it travels.

use crate::json::Value;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::sync::{Arc, OnceLock};

/// Objects in a list, shared with whoever keeps them: each is written from where it stands, and one tree of them all is
/// made only where somebody reads it.
#[derive(Clone, Debug)]
pub struct List {
    /// `PodList`.
    pub kind: String,
    /// Group and version.
    pub api_version: String,
    /// Revision, and what a page says of the next.
    pub metadata: Value,
    items: Vec<Arc<Value>>,
    /// Whether each says its kind and version, too, as custom resources do.
    pub named: bool,
    /// The list as a tree.
    tree: OnceLock<Value>,
}

impl List {
    /// A list of a kind's objects.
    pub fn new(
        kind: String,
        api_version: String,
        metadata: Value,
        items: Vec<Arc<Value>>,
        named: bool,
    ) -> List {
        List { kind, api_version, metadata, items, named, tree: OnceLock::new() }
    }

    /// The objects, in order.
    pub fn items(&self) -> &[Arc<Value>] {
        &self.items
    }

    /// The objects, to be changed.
    pub fn items_mut(&mut self) -> &mut [Arc<Value>] {
        self.tree = OnceLock::new();
        &mut self.items
    }

    /// The list as a tree, which copies every object.
    pub fn tree(&self) -> &Value {
        self.tree.get_or_init(|| crate::json::to_value(self).unwrap_or_default())
    }
}

impl PartialEq for List {
    fn eq(&self, other: &List) -> bool {
        self.tree() == other.tree()
    }
}

/// Fields in the order of their names, as everywhere.
impl Serialize for List {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items: Vec<Item<'_>> =
            self.items.iter().map(|object| Item { object, named: self.named }).collect();
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("apiVersion", &self.api_version)?;
        map.serialize_entry("items", &items)?;
        map.serialize_entry("kind", &self.kind)?;
        map.serialize_entry("metadata", &self.metadata)?;
        map.end()
    }
}

/// An object in a list, which says once what its items are.
struct Item<'a> {
    object: &'a Value,
    named: bool,
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.object {
            Value::Object(fields) if !self.named => serializer.collect_map(
                fields.iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "apiVersion")),
            ),
            object => object.serialize(serializer),
        }
    }
}
