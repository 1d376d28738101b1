//! Somebody in front of a wait: how far it is, and Ctrl-C, which ends it and nothing else.

use super::super::paint::{Paint, paint};
use crate::scenario::session::Watch;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};

/// Of shorter waits nobody wants to know how far they are.
const LONG: u32 = 2_000;
/// How many pieces of work pass between two looks at the bar.
const SELDOM: u32 = 64;

/// Whoever waits.
#[derive(Default)]
pub(super) struct Waiting {
    /// Whether Ctrl-C was pressed.
    interrupted: Arc<AtomicBool>,
    /// Whether something is waited for.
    waits: Arc<AtomicBool>,
    /// How much has been done of the wait that is on.
    works: Cell<u32>,
    bar: RefCell<Option<ProgressBar>>,
    /// How long the last wait was that was ended so, until that was told.
    cut: Cell<Option<SignedDuration>>,
}

impl Waiting {
    /// Takes Ctrl-C from now on. While nothing is waited for it ends the program, unless somebody sits at a terminal, where it
    /// gives up the line.
    pub(super) fn listen(&self, terminal: bool) {
        listen(terminal, self.interrupted.clone(), self.waits.clone());
    }

    /// A line begins: what was pressed before is not meant for it.
    pub(super) fn begins(&self) {
        self.interrupted.store(false, Ordering::Relaxed);
        self.waits.store(true, Ordering::Relaxed);
        self.works.set(0);
    }

    /// A line is done: what there is to tell of its wait.
    pub(super) fn ends(&self) -> Option<String> {
        self.waits.store(false, Ordering::Relaxed);
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let passed = self.cut.take()?;
        let text = format!("the wait was ended after {passed:#}; what happened until then stands");
        Some(paint(Paint::Dim, &text) + "\n")
    }

    fn show(&self, passed: SignedDuration, of: SignedDuration) {
        let mut bar = self.bar.borrow_mut();
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(u64::try_from(of.as_secs()).unwrap_or_default());
            let style = ProgressStyle::with_template("{bar:30} {wide_msg}");
            style.into_iter().for_each(|style| bar.set_style(style));
            bar
        });
        bar.set_position(u64::try_from(passed.as_secs()).unwrap_or_default());
        let passed = SignedDuration::from_mins(passed.as_mins());
        bar.set_message(format!("{passed:#} of {of:#} · Ctrl-C ends the wait"));
    }
}

impl Watch for Waiting {
    fn goes_on(&self, passed: SignedDuration, of: SignedDuration) -> bool {
        let works = self.works.get().saturating_add(1);
        self.works.set(works);
        if works > LONG && works.is_multiple_of(SELDOM) {
            self.show(passed, of);
        }
        let interrupted = self.interrupted.load(Ordering::Relaxed);
        if interrupted {
            self.cut.set(Some(SignedDuration::from_secs(passed.as_secs())));
        }
        !interrupted
    }
}

/// Has somebody beside the shell take its interruptions.
fn listen(terminal: bool, interrupted: Arc<AtomicBool>, waits: Arc<AtomicBool>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
    let interruptions = {
        let _within = runtime.enter();
        signal(SignalKind::interrupt())
    };
    let Ok(mut interruptions) = interruptions else { return };
    std::thread::spawn(move || {
        runtime.block_on(async {
            while interruptions.recv().await.is_some() {
                if !waits.load(Ordering::Relaxed) && !terminal {
                    std::process::exit(130);
                }
                interrupted.store(true, Ordering::Relaxed);
            }
        });
    });
}
