//! The door for whoever wants to read afterwards why something was answered as it was.
//!
//! A request's way is told by its trace; what a refusal needs besides (what came nearest, what the authorizer has not seen
//! yet) is looked up here, in the cluster as the request found it, and nowhere else.

use super::{Cluster, Reply};
use crate::api::fact::Hint;
use crate::api::{Attributes, Fact, Finding, Outcome, Request, RequestInfo, Stage, Trace};
use crate::authorize::{self, Sight};
use crate::delegate::Questions;
use std::fmt;
use std::sync::Arc;

/// A request that was made, and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The answer, with its trace.
    pub reply: Reply,
    /// Of a refusal, where it is kept: the cluster as the request found it.
    pub moment: Option<Arc<Moment>>,
}

/// What is about to be asked: what `explain` proves its cures on.
#[derive(Clone)]
pub struct Moment {
    /// The cluster as the question found it.
    pub cluster: Cluster,
    /// The question, with whoever asks.
    pub question: Question,
}

/// What a cluster is asked.
#[derive(Clone, Debug)]
pub enum Question {
    /// A request.
    Request(Request),
    /// Only whether somebody may, as by `kubectl auth can-i`.
    Access(Attributes),
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.question, self.cluster.now())
    }
}

impl Cluster {
    /// From now on requests are explained, and each refused one keeps the cluster as it found it.
    pub fn keep_moments(&mut self) {
        self.keeps_moments = true;
    }

    /// Makes a request of which somebody may want to read afterwards.
    pub fn exchange(&mut self, request: Request) -> Exchange {
        let before = self.keeps_moments.then(|| self.fork());
        let mut reply = self.handle_now(request.clone());
        let moment = before.and_then(|before| {
            before.explain(&mut reply.trace);
            (!reply.response.ok()).then(|| before.moment_of(request.clone()))
        });
        Exchange { request, reply, moment }
    }

    /// The moment in which this cluster gets a request.
    pub fn moment_of(self, request: Request) -> Arc<Moment> {
        self.moment(Question::Request(request))
    }

    /// The moment in which this cluster is asked something; it has no past.
    fn moment(mut self, question: Question) -> Arc<Moment> {
        self.keeps_moments = false;
        self.journal.clear();
        self.audit.clear();
        Arc::new(Moment { cluster: self, question })
    }

    /// Adds to a trace what the authorizers' answers rest on, while the cluster is as the request found it.
    pub fn explain(&self, trace: &mut Trace) {
        let facts = self.aside(|outside| self.behind(outside, trace));
        for (finding, facts) in trace.findings.iter_mut().zip(facts) {
            finding.facts.extend(facts);
        }
    }

    /// What looks like a mistake in who asks, or in what is asked for.
    pub(crate) fn hints(&self, attributes: &Attributes) -> Vec<Hint> {
        authorize::hints(self.resources(), &self.store, self.authorizer.rbac(), attributes)
    }

    /// What is to be added to each finding.
    fn behind(&self, outside: &Questions, trace: &Trace) -> Vec<Vec<Fact>> {
        let Some(user) = &trace.user else { return Vec::new() };
        let sight = Sight {
            resources: self.resources(),
            authorizers: &self.setup.authorizers,
            outside,
            knowledge: &self.authorizer,
            store: &self.store,
            now: self.now,
            lag: self.authorizer_lag(),
        };
        let explain = |info: RequestInfo, allowed: bool| {
            authorize::explain(&sight, &Attributes { user: user.clone(), info }, allowed)
        };
        let behind = |finding: &Finding| {
            // A right that is needed besides the request's own.
            let besides = finding.facts.iter().find_map(|fact| match fact {
                Fact::MayNot(wanted) => Some(wanted.info()),
                _ => None,
            });
            match (besides, finding.stage) {
                (Some(info), _) => explain(info, false),
                (None, Stage::Authorize) => explain(trace.info.clone(), finding.outcome != Outcome::Refused),
                (None, _) => Vec::new(),
            }
        };
        trace.findings.iter().map(behind).collect()
    }
}
