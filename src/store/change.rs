//! What is written to the store.

use super::Key;
use crate::json::Value;

/// One write of one object. Only what was admitted becomes one (`pipeline::commit`), and no one else can make it. A store
/// takes changes from whoever has one,
///
/// ```
/// # use kubeverdict::store::{Change, Store};
/// fn write(store: &mut Store, change: Change) {
///     store.apply(change, jiff::Timestamp::UNIX_EPOCH);
/// }
/// ```
///
/// but an object alone is none:
///
/// ```compile_fail
/// # use kubeverdict::store::{Change, Key, Store};
/// fn write(store: &mut Store, key: Key, object: crate::json::Value) {
///     store.apply(Change::put(key, object), jiff::Timestamp::UNIX_EPOCH);
/// }
/// ```
#[derive(Debug)]
pub struct Change {
    pub(super) key: Key,
    /// The object; none where it goes.
    pub(super) object: Option<Value>,
    /// The texts of JSON in it that is kept as it was written, where they are not as Go's encoder writes their values.
    pub(super) raw: Vec<String>,
}

impl Change {
    /// An object is made or changed.
    pub(crate) fn put(key: Key, object: Value) -> Change {
        Change { key, object: Some(object), raw: Vec::new() }
    }

    /// An object goes.
    pub(crate) fn remove(key: Key) -> Change {
        Change { key, object: None, raw: Vec::new() }
    }

    /// With the texts of JSON that is kept as it was written.
    pub(crate) fn raw(self, raw: Vec<String>) -> Change {
        Change { raw, ..self }
    }
}
