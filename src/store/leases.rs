//! What is kept for a time only: events, counted from their last write (`pkg/registry/core/event/storage`'s `TTLFunc`;
//! a lease of etcd). How long is for whoever asks to say (`--event-ttl`).

use super::Key;
use crate::api::Dig;
use crate::json::Value;
use imbl::OrdMap;
use jiff::Timestamp;

/// What is kept for a time only.
const RESOURCE: &str = "events";

/// The last write of each such object, by revision: the oldest comes first.
#[derive(Clone, Debug, Default)]
pub(super) struct Leases(OrdMap<u64, (Timestamp, Key)>);

impl Leases {
    /// An object was written.
    pub(super) fn written(&mut self, key: &Key, old: Option<&Value>, revision: u64, at: Timestamp) {
        if &*key.resource == RESOURCE {
            if let Some(old) = old {
                self.gone(key, old);
            }
            self.0.insert(revision, (at, key.clone()));
        }
    }

    /// An object is no longer what it was.
    pub(super) fn gone(&mut self, key: &Key, old: &Value) {
        if &*key.resource == RESOURCE
            && let Ok(revision) = old.text("metadata.resourceVersion").parse::<u64>()
        {
            self.0.remove(&revision);
        }
    }

    /// The object whose last write is the oldest, and when that was.
    pub(super) fn oldest(&self) -> Option<(Timestamp, &Key)> {
        self.0.get_min().map(|(_, (at, key))| (*at, key))
    }
}
