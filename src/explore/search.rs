//! All orders of events, up to a number of states: a search over what may happen next, those ways first that depart from the usual
//! order in the fewest choices. So one that is cut off has followed the usual order, and each ending is told by as few as it takes.
//!
//! A state is the machine between two of its steps, with what was done so far. Two ways to the same state go on alike, so
//! the second is not followed (states are told by [a text](Cluster::state) and kept as its hash); and of works that change
//! nothing no order is tried ([`Cluster::moves`]). Both are counted, and both can be left out. Where the search comes to its end,
//! what it found are all endings that there are: a property that none of them breaks is proven for the scenario, as far as
//! [choices](Cluster::make) go.
//!
//! No sleep sets (Godefroid 1996): they spare ways to states that are met anyway, and each state is met once as it is. What would
//! leave out states is to know of works that change something whether they bear on each other; nothing is taken for independent here
//! that is not known to be.
//!
//! Own code and not stateright: its model hands out every action of a state as a value and keeps states whole, and here a
//! state is some megabytes that forks share, an action is a call, and what is wanted are not only properties but each
//! ending with the way to it. What would be left to it is the loop below.

use super::{Endings, Explorer, Outcome, Reached};
use crate::cluster::Cluster;
use crate::error::Error;
use crate::scenario::report::StepReport;
use crate::scenario::run::Play;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many states are looked at.
    pub states: u64,
    /// Whether states are met once, and orders left out that come to the same as one that is tried; else each order is tried
    /// from beginning to end.
    pub reduce: bool,
}

/// How far a search came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Searched {
    /// How many states there are, or were looked at.
    pub states: u64,
    /// How often a state was reached again, in another way.
    pub again: u64,
    /// How many moves were left out because one that was tried comes to the same.
    pub spared: u64,
    /// Whether every order was tried.
    pub complete: bool,
}

/// The replay as far as it has come, and the step that was done last.
struct Node<'a> {
    play: Play<'a>,
    step: Arc<StepReport>,
    /// How the steps before ended.
    ended: Outcome,
}

/// What is to be followed, by how many choices it departs from the usual order.
#[derive(Default)]
struct Open<'a>(BTreeMap<usize, Vec<Node<'a>>>);

impl<'a> Open<'a> {
    /// Takes up what may come next, the usual first.
    fn add(&mut self, nodes: Vec<Node<'a>>) {
        for node in nodes.into_iter().rev() {
            self.0.entry(node.play.cluster().deviations().len()).or_default().push(node);
        }
    }

    /// What is followed next.
    fn next(&mut self) -> Option<Node<'a>> {
        let mut fewest = self.0.first_entry()?;
        let node = fewest.get_mut().pop();
        if fewest.get().is_empty() {
            fewest.remove();
        }
        node
    }
}

/// What was found so far.
struct Search {
    bounds: Bounds,
    /// From which revision on states differ.
    since: u64,
    seen: BTreeSet<[u8; 16]>,
    searched: Searched,
    endings: Endings,
}

impl Explorer<'_> {
    /// Tries every order, up to bounds.
    ///
    /// # Errors
    /// A mistake in the file, which shows in the usual order.
    pub fn search(&self, bounds: Bounds) -> Result<(Endings, Searched), Error> {
        let usual = self.usual()?;
        let mut play = self.prepared.fork();
        play.cluster_mut().steer();
        let since = play.cluster().store().revision();
        let (seen, searched) = (BTreeSet::new(), Searched { complete: true, ..Searched::default() });
        let mut search = Search { bounds, since, seen, searched, endings: Endings::default() };
        let mut open = Open::default();
        let mut first = Vec::new();
        for coming in play.comings() {
            let mut play = play.fork();
            play.cluster_mut().let_come(coming);
            first.extend(search.act(play, Outcome::default()));
        }
        open.add(first);
        while let Some(node) = open.next() {
            if search.searched.states == bounds.states {
                search.searched.complete = false;
                break;
            }
            if search.is_new(&node) {
                open.add(search.follow(&node));
            }
        }
        // With fewer states than that takes, the usual order still was followed to its end.
        if !search.searched.complete && !search.endings.0.contains_key(&usual.outcome) {
            search.endings.add(0, &usual);
        }
        Ok((search.endings, search.searched))
    }
}

impl Search {
    /// Does the next step; none if that was the end.
    fn act<'a>(&mut self, mut play: Play<'a>, mut ended: Outcome) -> Option<Node<'a>> {
        match play.act() {
            Ok(Some(step)) if play.is_told() => {
                ended.note(&step, &[]);
                self.end(play.cluster(), ended)
            }
            Ok(Some(step)) => Some(Node { play, step: Arc::new(step), ended }),
            Ok(None) => self.end(play.cluster(), ended),
            Err(error) => self.end(play.cluster(), ended.stopped(&error)),
        }
    }

    /// Notes an ending.
    fn end<'a>(&mut self, cluster: &Cluster, outcome: Outcome) -> Option<Node<'a>> {
        let schedule: Vec<_> = cluster.deviations().iter().map(|made| made.deviation.clone()).collect();
        let shortest = (schedule.len(), 0, schedule);
        self.endings.reached(outcome, Reached { runs: 1, seed: 0, shortest });
        None
    }

    fn is_new(&mut self, node: &Node<'_>) -> bool {
        let of_step = || node.step.requests.iter().map(|request| (&request.request, request.code));
        let beside =
            || format!("{:?} {:?} {:?}", node.ended, node.play.state(), of_step().collect::<Vec<_>>());
        let state = self.bounds.reduce.then(|| node.play.cluster().state(self.since)).flatten();
        let new = state.is_none_or(|state| {
            let mut hash = [0; 16];
            let digest = Sha256::new().chain_update(state).chain_update(beside()).finalize();
            hash.iter_mut().zip(digest).for_each(|(byte, of)| *byte = of);
            self.seen.insert(hash)
        });
        match new {
            true => self.searched.states += 1,
            false => self.searched.again += 1,
        }
        new
    }

    /// What may come next.
    fn follow<'a>(&mut self, node: &Node<'a>) -> Vec<Node<'a>> {
        let moves = node.play.cluster().moves(self.bounds.reduce);
        self.searched.spared += moves.spared;
        let mut made = Vec::new();
        for chosen in moves.moves {
            let mut play = node.play.fork();
            play.cluster_mut().make(chosen);
            match chosen.is_next() {
                false => made.push(Node { play, step: node.step.clone(), ended: node.ended.clone() }),
                true => self.next(play, node, &mut made),
            }
        }
        made
    }

    /// The next step comes: what whoever does it finds, and what comes of it.
    fn next<'a>(&mut self, mut play: Play<'a>, node: &Node<'a>, made: &mut Vec<Node<'a>>) {
        let mut ended = node.ended.clone();
        match play.ask(&node.step) {
            Ok(broken) => ended.note(&node.step, &broken),
            Err(error) => return drop(self.end(play.cluster(), ended.stopped(&error))),
        }
        let comings = play.comings();
        if comings.is_empty() {
            return drop(self.end(play.cluster(), ended));
        }
        for coming in comings {
            let mut play = play.fork();
            play.cluster_mut().let_come(coming);
            made.extend(self.act(play, ended.clone()));
        }
    }
}
