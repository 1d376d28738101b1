//! Departures from the usual order that happened, in sentences.

use super::deviation::{Caching, Choice, Deviation, Next};

/// A deviation that happened, and what would have been usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What was chosen.
    pub deviation: Deviation,
    /// What was to go first, or what had not happened when the next step came.
    pub before: Vec<String>,
}

/// How a scenario's steps are called, in the order in which they are done.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    done: Vec<String>,
    of: usize,
}

impl Steps {
    /// Those that were done, and how many there are.
    pub fn new(done: Vec<String>, of: usize) -> Steps {
        Steps { of: of.max(done.len()), done }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.of
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.of == 0
    }

    /// How one is called: `step 3`, `alice's step 1`.
    fn name(&self, number: usize) -> String {
        let done = number.checked_sub(1).and_then(|index| self.done.get(index));
        done.cloned().unwrap_or_else(|| format!("step {number}"))
    }

    /// How several are called that follow one another.
    fn span(&self, from: usize, to: usize) -> String {
        let (first, last) = (self.name(from), self.name(to));
        match (first.strip_prefix("step "), last.strip_prefix("step ")) {
            (Some(first), Some(last)) => format!("steps {first} to {last}"),
            _ => format!("{first} to {last}"),
        }
    }
}

/// How many works a sentence names.
const NAMED: usize = 3;

impl Made {
    /// What happened, in a sentence.
    pub fn in_words(&self, steps: &Steps) -> String {
        let Deviation { after, choice } = &self.deviation;
        let (last, next) = (steps.name(*after), steps.name(after + 1));
        match choice {
            Choice::Next(Next::AtRest(_)) => {
                format!("{next} came when nothing more followed from {last} by itself")
            }
            Choice::Next(Next::After(_)) if self.before.is_empty() => {
                format!("{next} came before caches had heard of what {last} wrote")
            }
            Choice::Next(Next::After(_)) | Choice::Turn(_) => format!("{next} came before {}", self.named()),
            Choice::Fault(fault) => fault.in_words(&next),
            Choice::First { work, .. } => format!("after {last}, {work} went before {}", self.named()),
            Choice::Lags { cache, steps: lasts } => {
                let who = match cache {
                    Caching::Authorizer => "the authorizer had",
                    Caching::Controllers => "admission plugins and controllers had",
                };
                let until = match lasts {
                    lasts if *lasts < 2 || after + 1 >= steps.len() => next,
                    lasts => steps.span(after + 1, steps.len().min(after + lasts)),
                };
                format!("{who} not heard of what {last} wrote, when {until} came")
            }
        }
    }

    fn named(&self) -> String {
        match self.before.split_at_checked(NAMED) {
            Some((named, rest)) if !rest.is_empty() => {
                format!("{} and {} more", named.join(", "), rest.len())
            }
            _ => self.before.join(", "),
        }
    }
}
