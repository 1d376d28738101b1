//! What etcd and the caches in front of it hold.
//!
//! [`Store`] is the truth: objects by resource, namespace and name, a revision that rises with every write, and the
//! log of writes. [`View`] is what a reader believes: the same objects at an earlier revision. [`Expiring`] is what is
//! remembered for a while. All of them share structure, so a copy costs a pointer.
//!
//! INVARIANT (revisions-rise): every write has a revision of its own, higher than all before; it is the written
//! object's `resourceVersion`.

mod change;
mod expiring;
mod leases;
mod objects;
mod view;
mod weight;

pub use change::Change;
pub use expiring::{Expiring, Kept, Remembered};
pub use objects::{Key, Objects};
pub use view::View;
pub use weight::{is_light, weight};

use crate::api::Dig;
use crate::json::Value;
use imbl::{OrdMap, Vector};
use jiff::Timestamp;
use leases::Leases;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many writes the log remembers; a watch from before them is told so (410). etcd keeps those of the last minutes
/// (`--etcd-compaction-interval=5m`), a watch cache up to 102,400 of a resource (`defaultUpperBoundCapacity`).
const LOG: usize = 20_000;

/// How many bytes of objects it remembers.
const LOG_BYTES: usize = 256 << 20;

/// One write.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The revision that it made.
    pub revision: u64,
    /// When.
    pub at: Timestamp,
    /// Which object.
    pub key: Key,
    /// The object before; none if it is new.
    pub old: Option<Arc<Value>>,
    /// The object after; none if it is gone.
    pub new: Option<Arc<Value>>,
    /// How much the object [weighs](weight()).
    pub weight: usize,
}

/// A write in a copy of a store, with all that goes with it.
#[derive(Clone, Debug)]
pub struct Written {
    event: Event,
    /// The texts that the object has at the end.
    raw: Vec<String>,
}

/// Objects, revision, and the log of writes.
#[derive(Clone, Debug, Default)]
pub struct Store {
    objects: Objects,
    revision: u64,
    log: Vector<Event>,
    /// How much all of the log weighs.
    logged: usize,
    leases: Leases,
    /// The texts of JSON that is kept as it was written, of the objects where they are peculiar.
    raw: OrdMap<Key, Vec<String>>,
}

impl Store {
    /// The objects as they are now.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// The revision of the last write.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The texts of JSON in an object that is kept as it was written; none where they are as Go's encoder writes their values.
    pub fn raw(&self, key: &Key) -> &[String] {
        self.raw.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Applies a change: the only way for a request to the store. The object as it is stored, or the one that went.
    pub fn apply(&mut self, change: Change, at: Timestamp) -> Option<Arc<Value>> {
        match change.raw.is_empty() {
            true => self.raw.remove(&change.key),
            false => self.raw.insert(change.key.clone(), change.raw),
        };
        match change.object {
            Some(object) => Some(self.load(change.key, object, at)),
            None => self.unload(&change.key, at),
        }
    }

    /// Stores an object, and gives it its `resourceVersion`; by itself only one that no request brings: of a fresh
    /// cluster, or of a dump.
    pub fn load(&mut self, key: Key, mut object: Value, at: Timestamp) -> Arc<Value> {
        self.revision += 1;
        object.set("metadata.resourceVersion", self.revision.to_string());
        object.settle();
        let new = Arc::new(object);
        let old = self.objects.insert(&key, new.clone());
        self.leases.written(&key, old.as_deref(), self.revision, at);
        self.record(at, key, old, Some(new.clone()));
        new
    }

    /// Takes an object out; by itself only one that no request deletes.
    pub fn unload(&mut self, key: &Key, at: Timestamp) -> Option<Arc<Value>> {
        let old = self.objects.remove(key)?;
        self.revision += 1;
        self.leases.gone(key, &old);
        self.record(at, key.clone(), Some(old.clone()), None);
        Some(old)
    }

    /// What was written since a revision, oldest first, to be taken over elsewhere; none where that is more than is
    /// remembered.
    pub fn written_since(&self, revision: u64) -> Option<Vec<Written>> {
        let written = |event: &Event| Written { event: event.clone(), raw: self.raw(&event.key).to_vec() };
        self.since(revision).map(|events| events.map(written).collect())
    }

    /// Takes over what was written in a copy of it, oldest first, unless something that was replaced there has been replaced
    /// here, too (a transaction's compare and swap, as `etcd3/store.go` makes it of each key). The revision of each write
    /// there, and here.
    pub fn take_over(&mut self, written: Vec<Written>) -> Option<Vec<(u64, u64)>> {
        let mut keys = BTreeSet::new();
        let stands = |event: &Event| match (self.objects.of(&event.key), &event.old) {
            (Some(here), Some(there)) => Arc::ptr_eq(here, there),
            (here, there) => here.is_none() && there.is_none(),
        };
        if !written
            .iter()
            .map(|Written { event, .. }| event)
            .filter(|event| keys.insert(&event.key))
            .all(stands)
        {
            return None;
        }
        let mut revisions = Vec::new();
        for Written { event: Event { revision, at, key, new, .. }, raw } in written {
            self.apply(Change { key, object: new.map(Arc::unwrap_or_clone), raw }, at);
            revisions.push((revision, self.revision));
        }
        Some(revisions)
    }

    /// The objects as they were at a revision; none where the log no longer reaches back so far.
    pub fn at(&self, revision: u64) -> Option<Objects> {
        let mut objects = self.objects.clone();
        let undone: Vec<&Event> = self.since(revision)?.collect();
        for event in undone.into_iter().rev() {
            match &event.old {
                Some(old) => drop(objects.insert(&event.key, old.clone())),
                None => drop(objects.remove(&event.key)),
            }
        }
        Some(objects)
    }

    fn record(&mut self, at: Timestamp, key: Key, old: Option<Arc<Value>>, new: Option<Arc<Value>>) {
        let weight = new.as_ref().or(old.as_ref()).map_or(0, |object| weight(object));
        self.logged += weight;
        self.log.push_back(Event { revision: self.revision, at, key, old, new, weight });
        // The last one stays, whatever it weighs.
        while self.log.len() > LOG || self.logged > LOG_BYTES && self.log.len() > 1 {
            let gone = self.log.pop_front();
            self.logged -= gone.map_or(0, |gone| gone.weight);
        }
    }

    /// When the object was written that goes next because its time is over, if there is one.
    pub fn oldest_lease(&self) -> Option<Timestamp> {
        self.leases.oldest().map(|(at, _)| at)
    }

    /// Takes the object out that was written longest ago of those that are kept for a time only: no request does that.
    pub fn expire_oldest(&mut self, at: Timestamp) {
        if let Some((_, key)) = self.leases.oldest() {
            let key = key.clone();
            self.unload(&key, at);
        }
    }

    /// The writes after a revision, oldest first; none where the log no longer reaches back so far.
    pub fn since(&self, revision: u64) -> Option<impl Iterator<Item = &Event>> {
        let first = self.log.front().map_or(self.revision + 1, |event| event.revision);
        let from = revision.checked_add(1).filter(|from| *from >= first || revision >= self.revision)?;
        let known = usize::try_from(from.saturating_sub(first)).unwrap_or(usize::MAX).min(self.log.len());
        Some(self.log.focus().narrow(known..).into_iter())
    }
}
