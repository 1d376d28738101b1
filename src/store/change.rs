//! What is written to the store.

use super::{Key, Store};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// One write of one object. Only what was admitted becomes one (`pipeline::commit`).
#[derive(Debug)]
pub struct Change {
    key: Key,
    /// The object; none where it goes.
    object: Option<Value>,
}

impl Change {
    /// An object is made or changed.
    pub(crate) fn put(key: Key, object: Value) -> Change {
        Change { key, object: Some(object) }
    }

    /// An object goes.
    pub(crate) fn remove(key: Key) -> Change {
        Change { key, object: None }
    }
}

impl Store {
    /// Applies a change: the only way for a request to the store. The object as it is stored, or the one that went.
    pub fn apply(&mut self, Change { key, object }: Change, at: Timestamp) -> Option<Arc<Value>> {
        match object {
            Some(object) => Some(self.put(key, object, at)),
            None => self.remove(&key, at),
        }
    }

    /// Loads an object that no request brings: of a fresh cluster, or of a dump.
    pub fn load(&mut self, key: Key, object: Value, at: Timestamp) -> Arc<Value> {
        self.put(key, object, at)
    }

    /// Takes an object out that no request deletes.
    pub fn unload(&mut self, key: &Key, at: Timestamp) -> Option<Arc<Value>> {
        self.remove(key, at)
    }
}
