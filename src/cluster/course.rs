//! The course of events: time passes, what falls due happens, views learn of writes, and the schedule says in which order.

use super::deviation::{AtRest, Caching, Deviation, Next};
use super::fault::Fault;
use super::made::Made;
use super::queue::Work;
use super::schedule::{LONGEST, Patience, Schedule};
use super::{Cluster, RESTLESS};
use crate::api::Dig;
use crate::api::custom::{API_SERVICES, DEFINITIONS};
use crate::controllers::Controller;
use imbl::OrdMap;
use jiff::{SignedDuration, Timestamp};

impl Cluster {
    /// Lets every view catch up, and controllers do what they have in hand, until nothing more happens by itself.
    ///
    /// Work that takes its time (a container that starts) is waited for; a retry after a failure is not.
    pub fn settle(&mut self) {
        self.work(self.now, true);
    }

    /// Leaves to chance, from now on, what a real cluster leaves to it: all of it is drawn from a seed.
    pub fn draw_schedule(&mut self, seed: u64) {
        self.random.draw_by_name();
        self.schedule = Schedule::drawn(seed);
    }

    /// Goes the usual order from now on, but for what a list says.
    pub fn follow_schedule(&mut self, list: Vec<Deviation>) {
        self.random.draw_by_name();
        self.schedule = Schedule::told(list);
    }

    /// What fell otherwise than usual so far.
    pub fn deviations(&self) -> &[Made] {
        self.schedule.made()
    }

    /// The first of the [list](Cluster::follow_schedule) that did not happen.
    pub fn missed_deviation(&self) -> Option<usize> {
        self.schedule.missed()
    }

    /// Whose step comes after so many, of those who may come, by name and what they do; the first comes usually.
    pub fn whose_turn(&mut self, done: usize, able: Vec<(&str, String)>) -> usize {
        self.schedule.turn(done, able)
    }

    /// What goes wrong as the step after so many comes, of what may; nothing does usually.
    pub fn what_fails(&mut self, done: usize, may: Vec<(usize, &Fault)>) -> Option<usize> {
        self.schedule.fault(done, may)
    }

    /// A step of a scenario is done: what follows by itself follows, as far as whoever comes next waits for it. A step without
    /// a number is one on a fork, where everything is as usual.
    pub fn end_step(&mut self, number: Option<usize>, patience: Patience) {
        let mut next = self.schedule.end_step(number, patience, self.now);
        if let (Patience::Full, Some(other)) = (patience, &mut self.other) {
            other.catch_up(&self.store, self.now);
        }
        if self.schedule.patience().is_some() {
            return;
        }
        if let Next::After(steps) = next {
            self.waits.give_room(Some(steps));
        }
        self.settle();
        if patience == Patience::Full {
            self.wait_for_all();
        }
        if !self.waits.is_over() {
            next = Next::AtRest(AtRest::AtRest);
        }
        self.waits.give_room(None);
        self.comes(next, patience);
    }

    /// The next step comes.
    pub(super) fn comes(&mut self, next: Next, patience: Patience) {
        // Who comes as usual finds a server that is ready.
        if self.authorizer.view().revision() == 0 && Schedule::is_usual(next, patience) {
            self.authorizer.catch_up(&self.store, self.now);
        }
        let (queue, controllers) = (&self.queue, &self.setup.controllers);
        // What is awaited and has not happened yet: works by controller and key, in order.
        let not_yet = || queue.awaited().map(|work| called(controllers, work)).collect();
        self.schedule.came(next, patience, not_yet);
    }

    /// Lets every view learn of all writes, however far behind it is; no controller does anything yet.
    pub fn catch_up(&mut self) {
        self.schedule.lets_hear();
        self.observe(self.now + self.authorizer_lag());
        if let Some(other) = &mut self.other {
            other.catch_up(&self.store, self.now);
        }
    }

    /// Whether every view has heard of all that is stored, as far as what it is for hangs on it.
    pub fn has_caught_up(&self) -> bool {
        let both = [Caching::Authorizer, Caching::Controllers];
        both.iter().all(|cache| self.unheard(*cache).next().is_none())
            && self.unheard_by_other().next().is_none()
    }

    /// How far the authorizers' knowledge is behind, on the server that is asked.
    pub(super) fn authorizer_lag(&self) -> SignedDuration {
        if self.at_other { LONGEST } else { self.first_lag() }
    }

    /// The same on the first server.
    fn first_lag(&self) -> SignedDuration {
        let lag = self.setup.config.authorizer_lag.unwrap_or_default();
        SignedDuration::from_millis(i64::try_from(lag).unwrap_or(i64::MAX))
    }

    /// Moves time on to an instant; everything that falls due on the way happens.
    pub fn run_until(&mut self, until: Timestamp) {
        self.work(until, false);
        self.now = self.now.max(until);
        self.observe(self.now);
    }

    /// The same, as long as whoever watches says so, who is asked before each piece of work; whether the instant came. Where it
    /// did not, all that fell due by the time that came has happened.
    pub fn run_while(&mut self, until: Timestamp, goes_on: &mut dyn FnMut(Timestamp) -> bool) -> bool {
        if self.work_while(until, false, goes_on) {
            self.run_until(until);
            return true;
        }
        // At a full second, which can be written down as how long was waited.
        let whole = Timestamp::from_second(self.now.as_second() + 1).unwrap_or(until);
        self.run_until(whole.min(until));
        false
    }

    /// Moves time on to an instant, and lets controllers take so many steps on the way; what they leave undone they do later.
    /// Whether everything was done that falls due.
    ///
    /// For whoever must answer others meanwhile, as a real server does while its controllers are busy.
    pub fn run_steps(&mut self, until: Timestamp, steps: usize) -> bool {
        self.waits.give_room(Some(steps));
        self.run_until(until);
        let done = !self.waits.is_over();
        self.waits.give_room(None);
        done
    }

    /// Does what falls due by an instant, or what is waited for, as long as there is room for it.
    fn work(&mut self, until: Timestamp, settle: bool) {
        self.work_while(until, settle, &mut |_| true);
    }

    /// The same, as long as whoever watches says so: whether they always did.
    fn work_while(
        &mut self,
        until: Timestamp,
        settle: bool,
        goes_on: &mut dyn FnMut(Timestamp) -> bool,
    ) -> bool {
        let mut at_once = 0;
        while !self.is_over() {
            if !goes_on(self.now) {
                return false;
            }
            self.observe(self.now);
            if let Some(progress) = self.waits.take_left() {
                self.go_on_with(progress);
                continue;
            }
            let waits = self.waits.next_due().filter(|due| settle || *due <= until);
            let work = self.queue.first(until, settle);
            let expiry = self.next_expiry().filter(|due| *due <= until);
            let back = self.next_back().filter(|due| *due <= until);
            let heard = self.schedule.next_heard(self.now).filter(|due| *due <= until);
            let due = waits.into_iter().chain(work).chain(expiry).chain(back).chain(heard).min();
            let Some(due) = due else { break };
            at_once = if due > self.now { 0 } else { at_once + 1 };
            if heard == Some(due) {
                self.now = self.now.max(due);
            } else if back == Some(due) {
                self.now = self.now.max(due);
                self.come_back();
            } else if expiry == Some(due) {
                self.now = self.now.max(due);
                self.waits.step();
                let _ = self.counts();
                self.store.expire_oldest(self.now);
            } else if waits == Some(due) {
                self.now = self.now.max(due);
                self.waits.step();
                self.go_on_with_first();
            } else if let Some(work) = self.pop(until, settle) {
                assert!(
                    at_once < RESTLESS,
                    "controllers wake each other for ever at {} (seed {}): {work:?}",
                    self.now,
                    self.setup.config.seed
                );
                self.now = self.now.max(due);
                self.perform(work);
            }
        }
        true
    }

    /// The work that goes next.
    fn pop(&mut self, until: Timestamp, settle: bool) -> Option<Work> {
        let (controllers, schedule) = (&self.setup.controllers, &mut self.schedule);
        let choose =
            |works: &mut dyn Iterator<Item = &Work>| schedule.choose(works, |work| called(controllers, work));
        self.queue.pop(self.now, until, settle, choose)
    }

    /// When the next object goes that is kept for a time only (`--event-ttl`).
    pub(super) fn next_expiry(&self) -> Option<Timestamp> {
        let seconds = self.setup.config.event_ttl;
        let time = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        // A lease of no time is none.
        let written = self.store.oldest_lease().filter(|_| seconds > 0)?;
        Some(written.saturating_add(time).unwrap_or(Timestamp::MAX))
    }

    /// When the next work falls due, if there is any.
    pub fn next_due(&self) -> Option<Timestamp> {
        let left = self.waits.has_left().then_some(self.now);
        let due = left.into_iter().chain(self.queue.next_due()).chain(self.waits.next_due());
        due.chain(self.next_expiry()).chain(self.next_back()).min()
    }

    /// Lets the views learn of all writes until an instant; each write wakes the controllers that watch for it.
    pub(super) fn observe(&mut self, until: Timestamp) {
        let lag = self.authorizer_lag();
        let lag_of_other = if self.at_other { self.first_lag() } else { LONGEST };
        if !self.schedule.holds(Caching::Authorizer, self.now) {
            self.authorizer.catch_up(&self.store, until - lag);
        }
        if let Some(other) = &mut self.other {
            other.catch_up(&self.store, until - lag_of_other);
        }
        // Controllers begin once their caches have listed what is there (client-go's `WaitForCacheSync`).
        let begun = self.caches.revision() > 0;
        if begun && self.schedule.holds(Caching::Controllers, self.now) {
            return;
        }
        let (queue, controllers, down) = (&mut self.queue, &self.setup.controllers, &self.down);
        let now = self.now;
        let objects = self.store.objects();
        let (mounts, exits) = (&mut self.mounts, &mut self.exits);
        let mut defined = false;
        let anew = self.caches.catch_up(&self.store, until, |event| {
            defined |= matches!(&*event.key.resource, DEFINITIONS | API_SERVICES);
            if let ("pods", Some(pod), None) = (&*event.key.resource, &event.old, &event.new) {
                forget(mounts, pod.uid());
                forget(exits, pod.uid());
            }
            for (number, controller) in controllers.iter().enumerate() {
                if down.contains_key(&number) {
                    continue;
                }
                for key in (controller.wakes)(event, objects) {
                    queue.add(number, key, now + controller.delay);
                }
            }
        });
        if defined || anew {
            self.served.follow(self.caches.objects(), self.store.revision());
        }
    }
}

/// How a schedule calls a work: by its controller and key.
pub(super) fn called(controllers: &[&'static Controller], work: &Work) -> String {
    let name = controllers.get(work.controller).map(|controller| controller.name).unwrap_or_default();
    format!("{name} {}", work.key)
}

/// What a kubelet holds of a pod goes with the pod.
fn forget<T: Clone>(held: &mut OrdMap<(String, String), T>, uid: &str) {
    let from = (uid.to_owned(), String::new());
    let of_pod = held.range(from..).map(|(place, _)| place).take_while(|(pod, _)| pod == uid);
    for place in of_pod.cloned().collect::<Vec<_>>() {
        held.remove(&place);
    }
}
