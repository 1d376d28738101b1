//! What a cache believes: the store at an earlier revision (client-go's informers).

use super::{Event, Objects, Store};
use jiff::Timestamp;

/// Objects as of one revision.
#[derive(Clone, Debug, Default)]
pub struct View {
    objects: Objects,
    revision: u64,
}

impl View {
    /// The objects that this reader knows of.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// The revision that this reader has caught up with.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Learns of all writes up to and including those of `until`, and gives each of them to `seen`; true where the
    /// log no longer reaches back and everything was listed anew.
    pub fn catch_up(&mut self, store: &Store, until: Timestamp, mut seen: impl FnMut(&Event)) -> bool {
        if self.revision == store.revision() {
            return false;
        }
        let Some(events) = store.since(self.revision) else {
            self.objects = store.objects().clone();
            self.revision = store.revision();
            return true;
        };
        for event in events.take_while(|event| event.at <= until) {
            match &event.new {
                Some(new) => drop(self.objects.insert(&event.key, new.clone())),
                None => drop(self.objects.remove(&event.key)),
            }
            self.revision = event.revision;
            seen(event);
        }
        false
    }
}
