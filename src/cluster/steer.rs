//! The machine in the hands of whoever explores all orders: after a step it stops, tells what may happen next, and does what it
//! is told, a step of a controller at a time.
//!
//! The choices are those of a [`Deviation`](super::Deviation), so that each way through them can be written down and replayed.
//! A cache that hears of nothing does so for one step; the next step may have it go on so. What happens while a step waits
//! by itself (`wait`), and on forks, goes the usual order.

use super::queue::Work;
use super::schedule::{Coming, Patience, Schedule};
use super::{AtRest, Caching, Cluster, Next};

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// The next step comes, before caches hear of anything more.
    Next,
    /// The next step comes, as nothing more happens by itself.
    Rest,
    /// A cache hears of what was written.
    Hears(Caching),
    /// A cache hears of nothing until the next step is done.
    Lags(Caching),
    /// One of the works goes that are due together; or what is under way goes on.
    Goes(usize),
}

impl Move {
    /// Whether the next step comes.
    pub(crate) fn is_next(self) -> bool {
        matches!(self, Move::Next | Move::Rest)
    }
}

/// What may happen next, and how much of it need not be tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moves {
    /// What is to be tried, the usual first.
    pub(crate) moves: Vec<Move>,
    /// How many others come to the same.
    pub(crate) spared: u64,
}

impl Cluster {
    /// From now on stops after each step, for whoever [moves](Cluster::make) it on.
    pub(crate) fn steer(&mut self) {
        self.random.draw_by_name();
        self.schedule = Schedule::steered();
    }

    /// What may happen next.
    ///
    /// With `reduce`, a work that changes nothing but when it looks again goes before all else, and nothing else is tried beside
    /// it: only its place in the queue goes, and whatever would have changed its mind later wakes it again (controllers go by what
    /// is there, not by what happened). Only that the next step comes before caches hear is tried as well.
    pub(crate) fn moves(&self, reduce: bool) -> Moves {
        let Some(patience) = self.schedule.patience() else { return Moves::default() };
        let may_come = patience != Patience::Full;
        let next = may_come.then_some(Move::Next);
        let mut heard = self.fork();
        heard.observe(self.now);
        let hears = |cache| self.unheard(cache).count() > heard.unheard(cache).count();
        let begun = |cache| cache == Caching::Authorizer || self.caches.revision() > 0;
        let caches = [Caching::Authorizer, Caching::Controllers].into_iter();
        let open =
            caches.filter(|cache| begun(*cache)).find(|cache| self.schedule.may_lag(*cache) && hears(*cache));
        if let Some(cache) = open {
            let moves = [Move::Hears(cache), Move::Lags(cache)].into_iter().chain(next).collect();
            return Moves { moves, spared: 0 };
        }
        let news = hears(Caching::Authorizer) || hears(Caching::Controllers);
        match heard.ready() {
            0 => {
                let moves = [Move::Rest].into_iter().chain(next.filter(|_| news)).collect();
                Moves { moves, spared: 0 }
            }
            ready => {
                let idle = (0..ready).find(|number| reduce && heard.is_idle(*number));
                let all = ready as u64 + u64::from(may_come);
                let moves: Vec<Move> = match idle {
                    Some(number) => [Move::Goes(number)].into_iter().chain(next.filter(|_| news)).collect(),
                    None => (0..ready).map(Move::Goes).chain(next).collect(),
                };
                let spared = all - moves.len() as u64;
                Moves { moves, spared }
            }
        }
    }

    /// The next step comes so.
    pub(crate) fn let_come(&mut self, coming: Coming) {
        self.schedule.lets_come(coming);
    }

    /// Does what was chosen.
    pub(crate) fn make(&mut self, chosen: Move) {
        let patience = self.schedule.patience().unwrap_or(Patience::Usual);
        match chosen {
            Move::Next => self.comes(Next::After(self.schedule.units()), patience),
            Move::Rest => {
                self.observe(self.now);
                if patience == Patience::Full {
                    self.wait_for_all();
                }
                self.comes(Next::AtRest(AtRest::AtRest), patience);
            }
            Move::Hears(cache) => self.schedule.decide(cache, false),
            Move::Lags(cache) => self.schedule.decide(cache, true),
            Move::Goes(number) => {
                self.schedule.go(number);
                self.waits.give_room(Some(1));
                self.settle();
                self.waits.give_room(None);
                // Nobody tells of it.
                self.journal.clear();
            }
        }
    }

    /// How many things may go now; none if nothing happens by itself.
    fn ready(&self) -> usize {
        let (settle, now) = (true, self.now);
        let others =
            self.waits.next_due().into_iter().chain(self.next_expiry().filter(|due| *due <= now)).min();
        let work = self.queue.first(now, settle);
        match (self.waits.has_left(), others, work) {
            (true, ..) => 1,
            (false, Some(other), work) if work.is_none_or(|work| other <= work) => 1,
            (false, _, Some(_)) => self.queue.together(now, now, settle).count(),
            (false, _, None) => 0,
        }
    }

    /// Whether a work comes to nothing: it finds everything as it should be, or what it asks for changes nothing.
    fn is_idle(&self, number: usize) -> bool {
        let left = self.waits.left().next().map(|progress| &progress.work);
        let Some(work) = left.or_else(|| self.queue.together(self.now, self.now, true).nth(number)) else {
            return false;
        };
        let mut after = self.fork();
        after.make(Move::Goes(number));
        while after.waits.has_left() {
            after.make(Move::Goes(0));
        }
        // When it looks again by itself is no matter of order: all that is due now is due at one instant.
        let is_this =
            |(_, other, _): &(_, &Work, _)| (other.controller, &other.key) == (work.controller, &work.key);
        let again = after.queue.all().find(is_this).map(|(_, again, _)| !again.awaited && again.attempt == 0);
        let others = after.queue.all().count() - usize::from(again.is_some());
        let went = again.unwrap_or(true) && others + usize::from(left.is_none()) == self.queue.all().count();
        let same = after.store.revision() == self.store.revision() && after.mounts.ptr_eq(&self.mounts);
        went && same && after.now == self.now && after.waits.next_due().is_none()
    }
}
