//! Long waits of scenarios tell how far they are, beside the bar of whatever they are part of.

use crate::scenario::run::Watch;
use indicatif::ProgressBar;
use jiff::SignedDuration;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Of shorter waits, in pieces of work, nobody wants to know how far they are.
const LONG: u32 = 2_000;
/// How many pieces of work pass between two looks at the bar.
const SELDOM: u32 = 64;

/// Waits are told beside a bar.
pub(super) struct LongWaits {
    bar: ProgressBar,
    /// What is replayed.
    about: Mutex<String>,
    /// How much has been done of waits since the last one began.
    works: AtomicU32,
}

impl LongWaits {
    /// Beside this bar.
    pub(super) fn beside(bar: &ProgressBar) -> LongWaits {
        LongWaits { bar: bar.clone(), about: Mutex::default(), works: AtomicU32::new(0) }
    }

    /// This is replayed from now on.
    pub(super) fn is_about(&self, path: String) {
        self.bar.set_message(path.clone());
        *self.about.lock().unwrap_or_else(PoisonError::into_inner) = path;
    }
}

impl Watch for LongWaits {
    fn goes_on(&self, passed: SignedDuration, of: SignedDuration) -> bool {
        if passed.is_zero() {
            self.works.store(0, Ordering::Relaxed);
        }
        let works = self.works.fetch_add(1, Ordering::Relaxed);
        if works > LONG && works.is_multiple_of(SELDOM) {
            let about = self.about.lock().unwrap_or_else(PoisonError::into_inner);
            let passed = SignedDuration::from_mins(passed.as_mins());
            self.bar.set_message(format!("{about} · {passed:#} of {of:#} waited"));
        }
        true
    }
}
