//! The fewest deviations that still come to the same (delta debugging, Zeller and Hildebrandt 2002).

use super::{Explorer, Outcome};
use crate::cluster::Deviation;

/// A part of a schedule of which no piece can be left out: with any less of it the outcome is another.
pub(super) fn shrunk(explorer: &Explorer<'_>, outcome: &Outcome, schedule: Vec<Deviation>) -> Vec<Deviation> {
    let mut least = schedule;
    let mut parts = 2;
    while !least.is_empty() {
        let size = least.len().div_ceil(parts);
        let without = (0..least.len()).step_by(size).find_map(|from| {
            let rest = least.iter().enumerate().filter(|(at, _)| !(from..from + size).contains(at));
            let rest: Vec<Deviation> = rest.map(|(_, deviation)| deviation.clone()).collect();
            let run = explorer.follow(&rest);
            // What of the rest did not come up is left out at once.
            (run.outcome == *outcome).then(|| run.schedule())
        });
        match without {
            Some(rest) => (least, parts) = (rest, 2.max(parts - 1)),
            None if size == 1 => break,
            None => parts = (parts * 2).min(least.len()),
        }
    }
    least
}
