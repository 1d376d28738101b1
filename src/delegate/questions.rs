//! The questions of one request, and the answers that everybody's are remembered by.

use super::answer::{self, Failure};
use super::client::Client;
use crate::api::{Answer, Dig, Effect};
use crate::store::{Expiring, Remembered};
use jiff::Timestamp;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How often a webhook is called that seems to have trouble for a moment.
const TRIES: u32 = 5;
/// How long the first pause is (`retryBackoff`); each further one is half as long again.
const PAUSE: Duration = Duration::from_millis(500);

/// A question: the review as it is sent.
type Key = Arc<str>;

/// Answers that are remembered, whoever asked: the status of each review.
#[derive(Clone, Debug, Default)]
pub struct Cache(Expiring<Key, Arc<Value>>);

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    /// The review's status.
    pub status: Arc<Value>,
    /// Whether it comes from the cache.
    pub cached: Option<Remembered>,
}

/// What one request has heard so far.
#[derive(Clone, Debug, Default)]
pub struct Dialogue(BTreeMap<Key, Said>);

#[derive(Clone, Debug)]
enum Said {
    /// The answer, or why there is none.
    Settled(Result<Known, String>),
    /// It failed so often, and is called again after a pause, or once the pause is over.
    Again { failed: u32, paused: bool },
}

/// A question without an answer.
#[derive(Clone, Debug)]
pub struct Open {
    client: Arc<Client>,
    key: Key,
    review: Value,
    failed: u32,
    paused: bool,
}

/// Where a run of a request asks.
#[derive(Debug)]
pub struct Questions {
    cache: Cache,
    now: Timestamp,
    said: RefCell<Dialogue>,
    open: RefCell<Option<Box<Open>>>,
}

impl Questions {
    /// The questions of a request that has heard something, or nothing yet.
    pub fn new(cache: &Cache, now: Timestamp, said: Dialogue) -> Questions {
        Questions { cache: cache.clone(), now, said: RefCell::new(said), open: RefCell::default() }
    }

    /// What a webhook answers; none where it must be asked first.
    pub(super) fn ask(&self, client: &Arc<Client>, review: Value) -> Option<Result<Known, String>> {
        if self.open.borrow().is_some() {
            return None;
        }
        let key: Key = review.to_string().into();
        let mut said = self.said.borrow_mut();
        let (failed, paused) = match said.0.get(&key) {
            Some(Said::Settled(answer)) => return Some(answer.clone()),
            Some(Said::Again { failed, paused }) => (*failed, *paused),
            None => (0, true),
        };
        if let Some(kept) = self.cache.0.get(&key, self.now) {
            let known = Known { status: kept.value.clone(), cached: Some(kept.remembered) };
            said.0.insert(key, Said::Settled(Ok(known.clone())));
            return Some(Ok(known));
        }
        let open = Open { client: client.clone(), key, review, failed, paused };
        *self.open.borrow_mut() = Some(Box::new(open));
        None
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What was heard, and the question that must be answered before the request can go on.
    pub fn end(self) -> (Dialogue, Option<Box<Open>>) {
        (self.said.into_inner(), self.open.into_inner())
    }
}

impl Open {
    /// What must happen for an answer.
    pub fn effect(&self) -> Effect {
        match self.paused {
            true => Effect::Post(Box::new(self.client.post(self.review.clone()))),
            false => Effect::Pause(PAUSE * 3_u32.pow(self.failed - 1) / 2_u32.pow(self.failed - 1)),
        }
    }

    /// Takes what happened into account: for the request that asked, and for all others.
    pub fn heard(self, answer: Option<Answer>, said: &mut Dialogue, cache: &mut Cache, now: Timestamp) {
        let failed = self.failed;
        let heard = match answer {
            Some(Answer::Post(heard)) => heard,
            Some(Answer::Passed) => {
                said.0.insert(self.key, Said::Again { failed, paused: true });
                return;
            }
            Some(Answer::Response(_)) | None => crate::api::Heard::Failed("EOF".to_owned()),
        };
        let post = self.client.post(Value::Null);
        let settled = match answer::review(&post, &self.review, &heard) {
            Ok(review) => {
                let status = Arc::new(review.at("status").clone());
                if let Some(ttl) = self.client.remembers(&self.review, &status) {
                    cache.0.set(self.key.clone(), status.clone(), now, ttl);
                }
                Ok(Known { status, cached: None })
            }
            Err(Failure { passes: true, .. }) if failed + 1 < TRIES => {
                said.0.insert(self.key, Said::Again { failed: failed + 1, paused: false });
                return;
            }
            Err(failure) => Err(failure.why),
        };
        said.0.insert(self.key, Said::Settled(settled));
    }
}
