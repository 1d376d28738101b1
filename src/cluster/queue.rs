//! What falls due: a controller's work on a key, at an instant. Ties go by the order of arrival.

use crate::store::Key;
use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;
use std::ops::Bound;

/// One piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Work {
    /// The controller's number.
    pub(super) controller: usize,
    /// What it looks at.
    pub(super) key: Key,
    /// How often it failed before.
    pub(super) attempt: u32,
    /// Whether things are not at rest before it is done; a retry and a far-off expiry are not waited for.
    pub(super) awaited: bool,
}

/// When a piece falls due, and its number.
type Slot = (Timestamp, u64);

/// The work of all controllers; one piece a controller and key, as in a work queue of client-go.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    due: OrdMap<Slot, Work>,
    /// Of these, what is waited for: most of the rest is far off.
    awaited: OrdSet<Slot>,
    by_key: OrdMap<(usize, Key), Slot>,
    /// Keys that are worked on while others work: what is to be done about them must wait.
    held: OrdSet<(usize, Key)>,
    count: u64,
}

impl Queue {
    /// Adds work on a key, due at once; work that waits for later comes forward.
    pub(super) fn add(&mut self, controller: usize, key: Key, at: Timestamp) {
        let mut attempt = 0;
        if let Some(slot) = self.by_key.get(&(controller, key.clone())).copied() {
            match slot.0 <= at {
                true => return,
                false => attempt = self.take(&slot).map_or(0, |work| work.attempt),
            }
        }
        self.insert(Work { controller, key, attempt, awaited: true }, at);
    }

    /// Puts work back, to be done later.
    pub(super) fn again(&mut self, work: Work, at: Timestamp, failed: bool, awaited: bool) {
        // An event may have queued it meanwhile; the earlier of the two counts.
        if self.by_key.contains_key(&(work.controller, work.key.clone())) {
            return;
        }
        let attempt = if failed { work.attempt + 1 } else { 0 };
        self.insert(Work { attempt, awaited, ..work }, at);
    }

    fn insert(&mut self, work: Work, at: Timestamp) {
        self.count += 1;
        let slot = (at, self.count);
        self.by_key.insert((work.controller, work.key.clone()), slot);
        if work.awaited {
            self.awaited.insert(slot);
        }
        self.due.insert(slot, work);
    }

    fn take(&mut self, slot: &Slot) -> Option<Work> {
        self.awaited.remove(slot);
        self.due.remove(slot)
    }

    /// Drops all work of a controller.
    pub(super) fn forget(&mut self, controller: usize) {
        self.due = std::mem::take(&mut self.due)
            .into_iter()
            .filter(|(_, work)| work.controller != controller)
            .collect();
        self.awaited = self.due.iter().filter(|(_, work)| work.awaited).map(|(slot, _)| *slot).collect();
        self.by_key =
            std::mem::take(&mut self.by_key).into_iter().filter(|((of, _), _)| *of != controller).collect();
        self.held = std::mem::take(&mut self.held).into_iter().filter(|(of, _)| *of != controller).collect();
    }

    /// Keeps a key from others, while its work waits.
    pub(super) fn hold(&mut self, work: &Work) {
        self.held.insert((work.controller, work.key.clone()));
    }

    /// Gives a key free.
    pub(super) fn release(&mut self, work: &Work) {
        if !self.held.is_empty() {
            self.held.remove(&(work.controller, work.key.clone()));
        }
    }

    fn is_free(&self, work: &Work) -> bool {
        self.held.is_empty() || !self.held.contains(&(work.controller, work.key.clone()))
    }

    /// The pieces that are due together with the first, or by now: of these [`Queue::pop`] chooses one.
    pub(super) fn together(
        &self,
        now: Timestamp,
        until: Timestamp,
        settle: bool,
    ) -> impl Iterator<Item = &Work> {
        let together = self.first(until, settle).map(|first| now.max(first));
        let slots = self.ready(until, settle).take_while(move |slot| Some(slot.0) <= together);
        slots.filter_map(|slot| self.due.get(&slot))
    }

    /// The pieces that [`Queue::pop`] would choose from, the first one first.
    fn ready(&self, until: Timestamp, settle: bool) -> impl Iterator<Item = Slot> {
        let last = (until, u64::MAX);
        let by_then = self.due.range(..=last).map(|(slot, _)| slot);
        let later = settle.then(|| self.awaited.range((Bound::Excluded(last), Bound::Unbounded)));
        let all = by_then.chain(later.into_iter().flatten()).copied();
        all.filter(|slot| self.due.get(slot).is_some_and(|work| self.is_free(work)))
    }

    /// When the first piece falls due that [`Queue::pop`] would choose from.
    pub(super) fn first(&self, until: Timestamp, settle: bool) -> Option<Timestamp> {
        self.ready(until, settle).next().map(|slot| slot.0)
    }

    /// Takes a piece that is due by `until`; or, when things shall settle, one that is waited for, however long it
    /// takes. Of those that are due at the same time `choose` says which.
    pub(super) fn pop(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        settle: bool,
        choose: impl FnOnce(&mut dyn Iterator<Item = &Work>) -> usize,
    ) -> Option<Work> {
        let together = now.max(self.first(until, settle)?);
        let candidates = || self.ready(until, settle).take_while(|slot| slot.0 <= together);
        let chosen = choose(&mut candidates().filter_map(|slot| self.due.get(&slot)));
        let slot = candidates().nth(chosen)?;
        let work = self.take(&slot)?;
        self.by_key.remove(&(work.controller, work.key.clone()));
        Some(work)
    }

    /// All pieces, each with the instant that it is due, and whether nobody works on its key.
    pub(super) fn all(&self) -> impl Iterator<Item = (Timestamp, &Work, bool)> {
        self.due.iter().map(|(slot, work)| (slot.0, work, self.is_free(work)))
    }

    /// The pieces that are waited for, in order.
    pub(super) fn awaited(&self) -> impl Iterator<Item = &Work> {
        self.awaited.iter().filter_map(|slot| self.due.get(slot))
    }

    /// When the first piece falls due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.iter().find(|(_, work)| self.is_free(work)).map(|(slot, _)| slot.0)
    }
}
