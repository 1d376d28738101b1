//! The door for whoever wants to read afterwards why something was answered as it was.
//!
//! A request's way is told by its trace; what a refusal needs besides (what came nearest, what the authorizer has not seen
//! yet) is looked up here, in the cluster as the request found it, and nowhere else.

use super::{Cluster, Reply};
use crate::api::{Attributes, Fact, Outcome, Request, RequestInfo, Stage, Trace};
use crate::authorize::{self, Sight};
use jiff::SignedDuration;
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
    /// From now on each refused request keeps the cluster as it found it.
    pub fn keep_moments(&mut self) {
        self.keeps_moments = true;
    }

    /// Makes a request of which somebody wants to read afterwards.
    pub fn exchange(&mut self, request: Request) -> Exchange {
        let before = self.fork();
        let mut reply = self.handle_now(request.clone());
        before.explain(&mut reply.trace);
        let kept = self.keeps_moments && !reply.response.ok();
        let moment = kept.then(|| before.moment_of(request.clone()));
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
        let Some(user) = trace.user.clone() else { return };
        let lag = self.setup.config.authorizer_lag.unwrap_or_default();
        let sight = Sight {
            version: self.version(),
            authorizers: &self.setup.authorizers,
            knowledge: &self.authorizer,
            store: &self.store,
            now: self.now,
            lag: SignedDuration::from_millis(i64::try_from(lag).unwrap_or(i64::MAX)),
        };
        let explain =
            |info: RequestInfo| authorize::explain(&sight, &Attributes { user: user.clone(), info });
        for finding in &mut trace.findings {
            // A right that is needed besides the request's own.
            let besides = finding.facts.iter().find_map(|fact| match fact {
                Fact::MayNot(wanted) => Some(wanted.info()),
                _ => None,
            });
            match (besides, finding.stage, finding.outcome) {
                (Some(info), ..) => finding.facts.extend(explain(info)),
                (None, Stage::Authorize, Outcome::Refused) => finding.facts = explain(trace.info.clone()),
                (None, Stage::Authorize, _) => finding.facts.extend(explain(trace.info.clone())),
                _ => {}
            }
        }
    }
}
