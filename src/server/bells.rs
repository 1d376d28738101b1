//! Who waits for writes: a bell for each resource that is watched, so that a write wakes only whom it concerns.

use crate::store::Store;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// A bell for each resource, by the name under which its objects are kept.
#[derive(Debug, Default)]
pub(super) struct Bells(Mutex<BTreeMap<String, Arc<Notify>>>);

impl Bells {
    /// The bell of a resource.
    pub(super) fn of(&self, resource: &str) -> Arc<Notify> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(resource.to_owned()).or_default().clone()
    }

    /// Rings for everything that was written after a revision; all bells, where the log no longer says what that was.
    pub(super) fn ring(&self, store: &Store, after: u64) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match store.since(after) {
            None => bells.values().for_each(|bell| bell.notify_waiters()),
            Some(events) => {
                for event in events {
                    if let Some(bell) = bells.get(&*event.key.resource) {
                        bell.notify_waiters();
                    }
                }
            }
        }
    }
}
