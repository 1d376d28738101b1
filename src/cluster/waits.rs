//! Requests that nobody stands beside and that must wait: those of controllers, and of the server itself.
//!
//! Where webhooks are scripted, what they say comes when their time has passed. Where they are real, whoever drives the
//! cluster calls them ([`Cluster::take_asked`]) and brings what they said ([`Cluster::answer_asked`]); the cluster itself
//! knows only the time. Such a cluster also leaves to them what is much work ([`Cluster::answer_aside`]).

use super::work::{Awaits, Progress};
use super::{Answered, Aside, Cluster, Look, Prepared, Waiting};
use crate::admit::{Answer, Effect, Heard, Post};
use imbl::{OrdMap, Vector};
use jiff::{SignedDuration, Timestamp};

/// What somebody outside does for a request.
#[derive(Clone)]
pub struct Asked {
    /// Which request waits for it.
    pub id: u64,
    /// What it is.
    pub errand: Errand,
}

/// What there is to do outside.
#[derive(Clone)]
pub enum Errand {
    /// Webhooks are called, all of them at the same time.
    Posts(Vec<Post>),
    /// A request is answered beside the cluster.
    Aside(Box<Aside>),
    /// A controller looks beside the cluster; nothing but its key waits for it.
    Look(Box<Look>),
}

/// A request that waits, and who waits for its answer.
#[derive(Clone)]
struct Wait {
    waiting: Box<Waiting>,
    awaits: Awaits,
}

/// What waits.
#[derive(Clone, Default)]
pub(super) struct Waits {
    /// Whether somebody outside calls webhooks.
    real: bool,
    /// For an instant, with the answers that are known then.
    due: OrdMap<(Timestamp, u64), (Wait, Vec<Answer>)>,
    /// For the world outside.
    asked: OrdMap<u64, Wait>,
    /// For what is done beside the cluster.
    aside: OrdMap<u64, Awaits>,
    /// What nobody has taken outside yet.
    outbox: Vec<Asked>,
    count: u64,
    /// Works of controllers that were left where they were, because others shall have their turn.
    left: Vector<Box<Progress>>,
    /// How many more steps of controllers are taken before others have their turn; none where nobody else waits.
    room: Option<usize>,
}

impl Waits {
    /// When the first goes on.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// Leaves something to somebody outside: its number.
    pub(super) fn leave_for_outside(&mut self, errand: Errand) -> u64 {
        let id = self.number();
        self.outbox.push(Asked { id, errand });
        id
    }

    /// A number that no other wait has.
    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// Whether somebody outside calls webhooks, and answers requests that are much work.
    pub(super) fn are_real(&self) -> bool {
        self.real
    }

    /// Forgets them all.
    pub(super) fn clear(&mut self) {
        *self = Waits { real: self.real, count: self.count, ..Waits::default() };
    }

    /// Controllers may take so many steps.
    pub(super) fn give_room(&mut self, steps: Option<usize>) {
        self.room = steps;
    }

    /// A step of a controller.
    pub(super) fn step(&mut self) {
        self.room = self.room.map(|room| room.saturating_sub(1));
    }

    /// Whether it is others' turn.
    pub(super) fn is_over(&self) -> bool {
        self.room == Some(0)
    }

    /// A work that was left, to be gone on with.
    pub(super) fn take_left(&mut self) -> Option<Box<Progress>> {
        self.left.pop_front()
    }

    /// Whether a work was left.
    pub(super) fn has_left(&self) -> bool {
        !self.left.is_empty()
    }

    /// Drops what a controller has left or waits for; what it asked is answered, and nobody hears of it.
    pub(super) fn forget(&mut self, controller: usize) {
        self.left.retain(|progress| progress.work.controller != controller);
        let keys: Vec<_> = self.due.keys().copied().collect();
        for key in keys {
            let Some((wait, _)) = self.due.get_mut(&key) else { continue };
            let mut inner = &mut wait.awaits;
            while let Awaits::Request(_, outer) = inner {
                inner = outer;
            }
            if matches!(inner, Awaits::Work(progress) if progress.work.controller == controller) {
                *inner = Awaits::Nobody;
            }
        }
    }

    /// The works that were left, in order.
    pub(super) fn left(&self) -> impl Iterator<Item = &Progress> {
        self.left.iter().map(|progress| &**progress)
    }

    /// Leaves a work where it is.
    pub(super) fn leave(&mut self, progress: Box<Progress>) {
        self.left.push_back(progress);
    }
}

/// How effects begin.
enum Begun {
    /// They are over already.
    Answered(Vec<Answer>),
    /// They are over at an instant.
    Until(Timestamp, Vec<Answer>),
    /// Webhooks must be called.
    Outside(Vec<Post>),
    /// The server asks itself.
    Inside(Box<crate::api::Request>),
}

impl Cluster {
    /// From now on somebody outside calls the webhooks that controllers' requests meet, and does what is much work.
    pub fn call_webhooks_outside(&mut self) {
        self.waits.real = true;
    }

    /// What there is to do outside since this was last asked; nothing waits less because nobody does it.
    pub fn take_asked(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.waits.outbox)
    }

    /// Goes on with a request whose webhooks have been called.
    pub fn answer_asked(&mut self, id: u64, heard: Vec<Heard>) {
        if let Some(Wait { waiting, awaits }) = self.waits.asked.remove(&id) {
            let answers = heard.into_iter().map(Answer::Post).collect();
            let answered = self.resume(*waiting, answers);
            self.go_on(answered, awaits);
        }
    }

    /// Goes on with a request that was answered beside the cluster.
    pub fn answer_aside(&mut self, id: u64, prepared: Prepared) {
        if let Some(awaits) = self.waits.aside.remove(&id) {
            let answered = self.take_over(prepared);
            self.go_on(answered, awaits);
        }
    }

    /// Goes on with the first whose time has come.
    pub(super) fn go_on_with_first(&mut self) {
        let (first, rest) = self.waits.due.without_min();
        self.waits.due = rest;
        if let Some((Wait { waiting, awaits }, answers)) = first {
            let answered = self.resume(*waiting, answers);
            self.go_on(answered, awaits);
        }
    }

    /// Goes on until everything is done that this answer was waited for, or it must be waited for again.
    pub(super) fn go_on(&mut self, mut answered: Answered, mut awaits: Awaits) {
        loop {
            (answered, awaits) = match answered {
                Answered::Wait(effects, waiting) => match self.begin(effects) {
                    Begun::Answered(answers) => (self.resume(*waiting, answers), awaits),
                    Begun::Inside(request) => {
                        (self.handle(*request), Awaits::Request(waiting, Box::new(awaits)))
                    }
                    Begun::Until(due, answers) => {
                        self.hold_for(&awaits);
                        let id = self.waits.number();
                        self.waits.due.insert((due, id), (Wait { waiting, awaits }, answers));
                        return;
                    }
                    Begun::Outside(posts) => {
                        self.hold_for(&awaits);
                        let id = self.waits.leave_for_outside(Errand::Posts(posts));
                        self.waits.asked.insert(id, Wait { waiting, awaits });
                        return;
                    }
                },
                Answered::Aside(aside) => {
                    self.hold_for(&awaits);
                    let id = self.waits.leave_for_outside(Errand::Aside(aside));
                    self.waits.aside.insert(id, awaits);
                    return;
                }
                Answered::Done(reply) => match awaits {
                    Awaits::Nobody => return,
                    Awaits::Request(waiting, outer) => {
                        let answer = Answer::Response(Box::new(reply.response));
                        (self.resume(*waiting, vec![answer]), *outer)
                    }
                    Awaits::Work(mut progress) => {
                        self.take_reply(&mut progress, reply);
                        match self.ask_next(progress) {
                            Some((answered, progress)) => (answered, Awaits::Work(progress)),
                            None => return,
                        }
                    }
                },
            };
        }
    }

    /// The key that is worked on is nobody else's while it waits.
    fn hold_for(&mut self, awaits: &Awaits) {
        let mut inner = awaits;
        while let Awaits::Request(_, outer) = inner {
            inner = outer;
        }
        if let Awaits::Work(progress) = inner {
            self.hold(progress);
        }
    }

    fn begin(&mut self, effects: Vec<Effect>) -> Begun {
        let mut posts = Vec::new();
        for effect in effects {
            match effect {
                Effect::Post(post) => posts.push(*post),
                // None of these comes with a token of an issuer outside.
                Effect::Get(_) => {
                    let nothing = Heard::Failed("EOF".to_owned());
                    return Begun::Answered(vec![Answer::Document(nothing, std::time::Duration::ZERO)]);
                }
                Effect::Request(request) => return Begun::Inside(request),
                Effect::Pause(time) => {
                    let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
                    return Begun::Until(self.now + time, vec![Answer::Passed]);
                }
            }
        }
        if self.waits.real {
            return Begun::Outside(posts);
        }
        let (heard, took) = self.scripted(&posts);
        let answers = heard.into_iter().map(Answer::Post).collect();
        if took.is_zero() { Begun::Answered(answers) } else { Begun::Until(self.now + took, answers) }
    }
}
