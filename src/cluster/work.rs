//! A controller's work on a key: it reconciles, and its requests are made in order, as whoever it is.
//!
//! A request that must wait (a real webhook, a pause) holds nobody up: what is left of the work is kept, and goes on with
//! the answer. Meanwhile nobody else works on the key, as in a work queue of client-go.

use super::course::called;
use super::queue::Work;
use super::{Answered, Cluster, Entry, Errand, Look, Looked, Reply, Waiting};
use crate::api::{Credential, Request};
use crate::controllers::{self, Again, Call, Controller, Plan};
use crate::random::Random;
use jiff::SignedDuration;
use std::collections::VecDeque;
use std::sync::Arc;

/// How often a conflict is met with another look at once.
const CONFLICTS: u32 = 3;

/// A controller's work, as far as it has come.
#[derive(Clone)]
pub(super) struct Progress {
    pub(super) work: Work,
    random: Random,
    /// What is still to be asked, in order; what follows a granted request comes before the rest.
    pub(super) calls: VecDeque<Call>,
    /// The request under way.
    sent: Option<(Call, Request)>,
    /// When to look again.
    pub(super) again: Option<Again>,
    /// Whether a request was refused that matters: what is left of `calls` tells of it.
    pub(super) refused: bool,
}

/// Who waits for an answer.
#[derive(Clone)]
pub(super) enum Awaits {
    /// A controller.
    Work(Box<Progress>),
    /// A request that could not go on without this one's answer, and who waits for it.
    Request(Box<Waiting>, Box<Awaits>),
    /// Nobody: what the server notes for itself.
    Nobody,
}

impl Cluster {
    /// Lets one controller reconcile one key.
    pub(super) fn perform(&mut self, work: Work) {
        self.waits.step();
        let _ = self.counts();
        let controllers = &self.setup.controllers;
        let mut random = self.random.fork_of(|| called(controllers, &work));
        if self.looks_aside(&work.key) {
            self.queue.hold(&work);
            self.waits.leave_for_outside(Errand::Look(Box::new(Look::new(self, work, random))));
            return;
        }
        let plan = self.plan(&work, &mut random);
        self.carry_out(Looked { work, random, plan });
    }

    /// What a controller wants about a key.
    pub(super) fn plan(&self, work: &Work, random: &mut Random) -> Plan {
        let controller = self.setup.controllers.get(work.controller);
        let look = |controller: &&Controller| (controller.reconcile)(self.cx(&self.setup, random), &work.key);
        controller.map(look).unwrap_or_default()
    }

    /// Does what a controller wants.
    pub fn carry_out(&mut self, looked: Looked) {
        let Looked { work, random, plan } = looked;
        let (calls, again) = (plan.requests.into(), plan.again);
        let progress = Progress { work, random, calls, sent: None, again, refused: false };
        self.go_on_with(Box::new(progress));
    }

    /// Goes on with a work that waits for nothing.
    pub(super) fn go_on_with(&mut self, progress: Box<Progress>) {
        if let Some((answered, progress)) = self.ask_next(progress) {
            self.go_on(answered, Awaits::Work(progress));
        }
    }

    /// Makes the next request of a work, if it is not others' turn; with none left the work is done.
    pub(super) fn ask_next(&mut self, mut progress: Box<Progress>) -> Option<(Answered, Box<Progress>)> {
        if !progress.calls.is_empty() && self.is_over() {
            self.hold(&progress);
            self.waits.leave(progress);
            return None;
        }
        let Some(call) = progress.calls.pop_front() else {
            self.conclude(*progress);
            return None;
        };
        self.waits.step();
        let setup = self.setup.clone();
        let controller = setup.controllers.get(progress.work.controller)?;
        let user = call.user.clone().unwrap_or_else(|| controller.user(&setup.config));
        let request = call.request.clone().header("User-Agent", controller.agent());
        let sent = Request { credential: Credential::Component(user), ..request };
        progress.sent = Some((call, sent.clone()));
        Some((self.handle(sent), progress))
    }

    /// Takes an answer into account: the plan goes on, or ends here.
    pub(super) fn take_reply(&mut self, progress: &mut Progress, mut reply: Box<Reply>) {
        let setup = self.setup.clone();
        let Some(controller) = setup.controllers.get(progress.work.controller) else { return };
        let Some((call, sent)) = progress.sent.take() else { return };
        let response = reply.response.clone();
        let request = format!("{} {}", sent.method, sent.target);
        let moment = (self.keeps_moments && !response.ok()).then(|| {
            // A refusal changed nothing: the cluster still is as the request found it.
            self.explain(&mut reply.trace);
            self.fork().moment_of(sent)
        });
        self.journal.push(Entry::new(controller.name, self.now, request, &reply, moment));
        let key = &progress.work.key;
        // What may fail is kept as it fails: it tells the kubelet why a container cannot be made.
        if let Some(place) = call.keep.clone().filter(|_| response.ok() || call.optional) {
            self.mounts.insert(place, Arc::new(response.object().clone()));
        }
        if !response.ok() {
            if call.optional {
                return;
            }
            progress.calls.clear();
            // What it tells of a refusal may be refused, too; that is the end of it.
            if std::mem::replace(&mut progress.refused, true) {
                return;
            }
            // A conflict means that the cache was behind: at once, with a newer one.
            if response.code == 409 && progress.work.attempt < CONFLICTS {
                progress.again = Some(Again { after: SignedDuration::from_millis(5), awaited: true });
                return;
            }
            let after = controllers::backoff(progress.work.attempt);
            progress.again = Some(Again { after, awaited: false });
            let told = (controller.refused)(self.cx(&setup, &mut progress.random), key, &response);
            progress.calls = told.requests.into();
            return;
        }
        if let Some(then) = call.then {
            let next = then(self.cx(&setup, &mut progress.random), key, &response);
            for call in next.requests.into_iter().rev() {
                progress.calls.push_front(call);
            }
        }
    }

    /// The work is done; it may want to look again.
    fn conclude(&mut self, progress: Progress) {
        let Progress { work, again, refused, .. } = progress;
        self.queue.release(&work);
        if let Some(again) = again {
            self.queue.again(work, self.now + again.after, refused, again.awaited);
        }
    }

    /// Nobody works on a key whose work waits.
    pub(super) fn hold(&mut self, progress: &Progress) {
        self.queue.hold(&progress.work);
    }
}
