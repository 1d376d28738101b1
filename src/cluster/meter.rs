//! How much a cluster and its forks may do together, for whoever lets strangers ask.
//!
//! What counts is what happens and not how long it takes, so that the same asks come to their end at the same place on every
//! machine: each request by anybody, each look of a controller, each object that expires.

use super::Cluster;
use crate::api::Status;
use crate::error::Error;
use crate::limits::Limit;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A measure of work that a cluster shares with its forks. Once it is full nothing happens by itself any more, and
/// requests are refused: whoever reads of such a cluster asks [`Meter::check`] first.
#[derive(Clone)]
pub struct Meter(Arc<Measured>);

struct Measured {
    limit: Limit,
    done: AtomicU64,
    stopped: AtomicBool,
    /// What filled it.
    by: Mutex<Option<String>>,
}

impl Meter {
    /// A meter that is full once a limit is reached.
    pub fn new(limit: Limit) -> Meter {
        let (done, stopped, by) = (AtomicU64::default(), AtomicBool::default(), Mutex::default());
        Meter(Arc::new(Measured { limit, done, stopped, by }))
    }

    /// Begins anew, with what was done already.
    pub fn begin(&self, done: u64) {
        self.0.done.store(done, Ordering::Relaxed);
        *self.by() = None;
    }

    /// How much was done.
    pub fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    /// Nobody waits for what is done any more: it is full from now on.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether no more is done.
    pub fn is_full(&self) -> bool {
        self.done() > self.0.limit.value || self.0.stopped.load(Ordering::Relaxed)
    }

    /// Whether all was done that was to be done.
    ///
    /// # Errors
    /// The meter is full; the first who asked for too much is told of.
    pub fn check(&self, who: &str) -> Result<(), Error> {
        if !self.is_full() {
            return Ok(());
        }
        let by = self.by().get_or_insert_with(|| who.to_owned()).clone();
        let Limit { name, what, .. } = self.0.limit;
        let most = self.0.limit.shown();
        let error =
            Error::new(format!("{by} is too much at once: {what}: more than {most}, the limit {name}"));
        Err(error.hint("ask for less: fewer replicas, shorter waits, fewer lines"))
    }

    /// So much was done, or would have to be done again.
    pub fn count(&self, work: u64) {
        self.0.done.fetch_add(work, Ordering::Relaxed);
    }

    fn by(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.0.by.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

impl Cluster {
    /// Counts, from now on, what is done here and in all forks.
    pub fn measured_by(&mut self, meter: &Meter) {
        self.meter = Some(meter.clone());
    }

    /// Who counts what is done, if anybody does.
    pub fn meter(&self) -> Option<&Meter> {
        self.meter.as_ref()
    }

    /// Something is done; or what is said in its place, where that would be too much.
    pub(super) fn counts(&self) -> Option<Status> {
        let meter = self.meter.as_ref()?;
        meter.count(1);
        meter
            .is_full()
            .then(|| Status::plain(503, "ServiceUnavailable", "more was asked than is done at once"))
    }

    /// Whether nothing happens by itself for now.
    pub(super) fn is_over(&self) -> bool {
        self.waits.is_over() || self.meter.as_ref().is_some_and(Meter::is_full)
    }
}
