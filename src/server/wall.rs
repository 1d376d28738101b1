//! The wall clock: the one place where the time of the world comes in.

use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

/// Time as it passes, from an instant on.
#[derive(Clone, Copy, Debug)]
pub struct Wall {
    start: Timestamp,
    since: Instant,
}

impl Wall {
    /// A clock that stands at the world's time now and runs on evenly.
    #[expect(clippy::disallowed_methods, reason = "serve follows real time")]
    pub fn new() -> Wall {
        Wall { start: Timestamp::now(), since: Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.start + SignedDuration::try_from(self.since.elapsed()).unwrap_or_default()
    }

    /// How long it is until an instant.
    pub fn until(&self, at: Timestamp) -> Duration {
        at.duration_since(self.now()).try_into().unwrap_or_default()
    }
}

impl Default for Wall {
    fn default() -> Wall {
        Wall::new()
    }
}
