//! What is written to the store.

use super::Key;
use serde_json::Value;

/// One write of one object. Only what was admitted becomes one (`pipeline::commit`).
#[derive(Debug)]
pub struct Change {
    pub(super) key: Key,
    /// The object; none where it goes.
    pub(super) object: Option<Value>,
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
