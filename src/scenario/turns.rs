//! Whose step comes next: those of the scenario itself in order, then those of its actors, each actor's in order.
//!
//! Which actor comes is left to chance. The usual order is one after the other: whoever did the last step goes on, and when they
//! are done comes the first who is not, in the order in which they are written. So what others do in between is what departs
//! from it, as where threads are preempted (Musuvathi and Qadeer, "Iterative Context Bounding", 2007): an ending that the usual
//! order does not have is one that only actors at the same time come to, and the fewest departures tell how.
//!
//! Differs from Kubernetes: a step is one piece; nobody comes between the requests of one line.

use super::format::{Scenario, Step};
use super::report::StepReport;
use super::variables::Variables;
use crate::cluster::Steps;

/// How far a scenario's steps are done.
#[derive(Clone)]
pub(super) struct Turns<'a> {
    scenario: &'a Scenario,
    /// How many of its own steps are done.
    own: usize,
    actors: Vec<Stand>,
    /// Which actor did the last step.
    last: Option<usize>,
    /// What the steps are called that were done, in order.
    done: Vec<String>,
}

/// How an actor stands.
#[derive(Clone, Debug, Default)]
struct Stand {
    /// How many of their steps are behind them.
    at: usize,
    /// How often they have tried the next one again.
    again: u32,
    /// What they know; none before their first step.
    saved: Option<Variables>,
}

/// A step that may come next.
pub(super) struct Turn<'a> {
    pub(super) step: &'a Step,
    /// Its number: `3`, or `alice.1`.
    pub(super) number: String,
    /// Its place among all steps, as they are written.
    place: usize,
    /// Whose it is.
    actor: Option<usize>,
}

impl Turn<'_> {
    /// As sentences call it: `step 3`, `alice's step 1`.
    pub(super) fn in_words(&self) -> String {
        match self.number.split_once('.') {
            Some((actor, number)) => format!("{actor}'s step {number}"),
            None => format!("step {}", self.number),
        }
    }

    /// Whose it is, by name; nobody's of the scenario's own.
    pub(super) fn actor(&self) -> &str {
        self.number.split_once('.').map_or("", |(actor, _)| actor)
    }
}

impl<'a> Turns<'a> {
    /// Before the first step.
    pub(super) fn new(scenario: &'a Scenario) -> Turns<'a> {
        let actors = vec![Stand::default(); scenario.actors.len()];
        Turns { scenario, own: 0, actors, last: None, done: Vec::new() }
    }

    /// The steps that may come next, the usual one first; none after the last.
    pub(super) fn able(&self) -> Vec<Turn<'a>> {
        if let Some(step) = self.scenario.steps.get(self.own) {
            return vec![Turn { step, number: (self.own + 1).to_string(), place: self.own, actor: None }];
        }
        let mut place = self.own;
        let mut able = Vec::new();
        for (index, (actor, stand)) in self.scenario.actors.iter().zip(&self.actors).enumerate() {
            if let Some(step) = actor.steps.get(stand.at) {
                let number = format!("{}.{}", actor.actor, stand.at + 1);
                able.push(Turn { step, number, place: place + stand.at, actor: Some(index) });
            }
            place += actor.steps.len();
        }
        able.sort_by_key(|turn| turn.actor != self.last);
        able
    }

    /// What whoever comes knows, if they have variables of their own.
    pub(super) fn known(&self, turn: &Turn<'_>, of_all: &Variables) -> Option<Variables> {
        let stand = self.actors.get(turn.actor?)?;
        Some(stand.saved.clone().unwrap_or_else(|| of_all.clone()))
    }

    /// A step was done, with what its actor knows now. Where it is to be tried again, nothing was expected of it.
    pub(super) fn took(&mut self, turn: &Turn<'_>, report: &mut StepReport, saved: Option<Variables>) {
        self.done.push(turn.in_words());
        self.last = turn.actor;
        report.place = turn.place;
        let Some(stand) = turn.actor.and_then(|actor| self.actors.get_mut(actor)) else {
            self.own += 1;
            return;
        };
        stand.saved = saved;
        let retry = turn.step.fields.retry;
        match retry.filter(|retry| report.code() == Some(retry.on) && stand.again < retry.most()) {
            Some(retry) => {
                stand.at = retry.from.map_or(stand.at, |from| from.saturating_sub(1));
                stand.again += 1;
                report.failures.clear();
            }
            None => {
                stand.at += 1;
                stand.again = if retry.is_some() { 0 } else { stand.again };
            }
        }
    }

    /// How many steps were done, those that were tried again among them.
    pub(super) fn done(&self) -> usize {
        self.done.len()
    }

    /// Whether the last step is done.
    pub(super) fn is_over(&self) -> bool {
        self.able().is_empty()
    }

    /// How the steps are called.
    pub(super) fn steps(&self) -> Steps {
        let actors = self.scenario.actors.iter().map(|actor| actor.steps.len()).sum::<usize>();
        Steps::new(self.done.clone(), self.scenario.steps.len() + actors)
    }

    /// What of it bears on what comes.
    pub(super) fn state(&self) -> impl std::fmt::Debug {
        (self.own, &self.actors)
    }
}
