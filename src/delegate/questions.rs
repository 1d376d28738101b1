//! The questions of one request, and the answers that everybody's are remembered by.

use super::answer::{self, Failure};
use super::client::Client;
use super::document::{Document, Read, Shelf};
use crate::api::{Answer, Dig, Effect, Heard};
use crate::json::Value;
use crate::store::{Expiring, Remembered};
use jiff::{SignedDuration, Timestamp};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How often a webhook is called that seems to have trouble for a moment.
const TRIES: u32 = 5;
/// How long the first pause is (`retryBackoff`); each further one is half as long again.
const PAUSE: Duration = Duration::from_millis(500);

/// A question: the review as it is sent, or the URL of a document.
type Key = Arc<str>;

/// Answers that are remembered, whoever asked.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    /// The status of each review.
    reviews: Expiring<Key, Arc<Value>>,
    /// What each document says.
    documents: Shelf,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Known {
    /// The review's status, or the document.
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
    of: Asked,
    key: Key,
    failed: u32,
    paused: bool,
}

/// Whom a question is for.
#[derive(Clone, Debug)]
enum Asked {
    /// A webhook, which is sent a review.
    Review(Arc<Client>, Value),
    /// Whoever publishes a document.
    Document(Document),
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
        let key: Key = review.to_string().into();
        let unheard = !self.said.borrow().0.contains_key(&key);
        if let Some(kept) = self.cache.reviews.get(&key, self.now).filter(|_| unheard) {
            let known = Known { status: kept.value.clone(), cached: Some(kept.remembered) };
            self.said.borrow_mut().0.insert(key.clone(), Said::Settled(Ok(known)));
        }
        self.settle(key, || Asked::Review(client.clone(), review))
    }

    /// A document as it was read last, if anybody ever tried.
    pub(crate) fn known(&self, document: &Document) -> Option<&Read> {
        self.cache.documents.get(document)
    }

    /// What a document says now; none where it must be read first. One request reads it once.
    pub(crate) fn read(&self, document: &Document) -> Option<Result<Arc<Value>, String>> {
        let settled = self.settle(document.url.as_str().into(), || Asked::Document(document.clone()));
        settled.map(|known| known.map(|known| known.status))
    }

    /// What was answered to this request; none where the question must be open first.
    fn settle(&self, key: Key, of: impl FnOnce() -> Asked) -> Option<Result<Known, String>> {
        if self.open.borrow().is_some() {
            return None;
        }
        let (failed, paused) = match self.said.borrow().0.get(&key) {
            Some(Said::Settled(answer)) => return Some(answer.clone()),
            Some(Said::Again { failed, paused }) => (*failed, *paused),
            None => (0, true),
        };
        *self.open.borrow_mut() = Some(Box::new(Open { of: of(), key, failed, paused }));
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
        match &self.of {
            Asked::Document(document) => Effect::Get(Box::new(document.get())),
            Asked::Review(client, review) if self.paused => {
                Effect::Post(Box::new(client.post(review.clone())))
            }
            Asked::Review(..) => {
                Effect::Pause(PAUSE * 3_u32.pow(self.failed - 1) / 2_u32.pow(self.failed - 1))
            }
        }
    }

    /// Takes what happened into account: for the request that asked, and for all others.
    pub fn heard(self, answer: Option<Answer>, said: &mut Dialogue, cache: &mut Cache, now: Timestamp) {
        let Open { of, key, failed, .. } = self;
        if answer == Some(Answer::Passed) {
            said.0.insert(key, Said::Again { failed, paused: true });
            return;
        }
        let settled = match of {
            Asked::Document(document) => Said::Settled(read(&document, answer, cache, now)),
            Asked::Review(client, review) => {
                let answered = answered(&client, &review, answer);
                let ttl = answered.as_ref().ok().and_then(|status| client.remembers(&review, status));
                if let (Ok(status), Some(ttl)) = (&answered, ttl) {
                    cache.reviews.set(key.clone(), status.clone(), now, ttl);
                }
                match answered {
                    Ok(status) => Said::Settled(Ok(Known { status, cached: None })),
                    Err(Failure { passes: true, .. }) if failed + 1 < TRIES => {
                        Said::Again { failed: failed + 1, paused: false }
                    }
                    Err(failure) => Said::Settled(Err(failure.why)),
                }
            }
        };
        said.0.insert(key, settled);
    }
}

/// The status in a webhook's answer.
fn answered(client: &Client, review: &Value, answer: Option<Answer>) -> Result<Arc<Value>, Failure> {
    let heard = match answer {
        Some(Answer::Post(heard)) => heard,
        _ => Heard::Failed("EOF".to_owned()),
    };
    let answer = answer::review(&client.post(Value::Null), review, &heard)?;
    Ok(Arc::new(answer.at("status").clone()))
}

/// A document that was read just now, kept for everybody.
fn read(
    document: &Document,
    answer: Option<Answer>,
    cache: &mut Cache,
    now: Timestamp,
) -> Result<Known, String> {
    let (heard, fresh) = match answer {
        Some(Answer::Document(heard, fresh)) => (heard, fresh),
        _ => (Heard::Failed("EOF".to_owned()), std::time::Duration::ZERO),
    };
    let said = document.said(&heard);
    let fresh = SignedDuration::try_from(fresh).unwrap_or(SignedDuration::MAX);
    cache.documents.put(document, &said, now, fresh);
    Ok(Known { status: said?, cached: None })
}
