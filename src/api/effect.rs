//! What a stage can't know by itself: a webhook's answer, an issuer's document, a request of the server's own client, or
//! what a moment later will show.
//!
//! A plugin asks [`Answers`]. Where nothing was answered yet the write stops with [`Stop::Wait`], the effects are
//! performed, and the write is run again from its decoded body with what was answered.
//!
//! INVARIANT (same-question): an answer counts only for the very question that was sent. Where the object has changed
//! meanwhile, the question is another one and is asked anew, as a real server does when it retries a write.

use super::{Refusal, Request, Response, Status};
use crate::json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Why a request does not go on.
#[derive(Clone, Debug)]
pub enum Stop {
    /// Refused.
    Refused(Refusal),
    /// Something must happen first; the effects may be performed at the same time.
    Wait(Vec<Effect>),
}

impl Stop {
    /// A plugin's error that is no Status: a 500 of its bare text.
    pub fn error(text: impl Into<String>) -> Stop {
        Status::plain(500, "", text).into()
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl From<Status> for Stop {
    fn from(status: Status) -> Stop {
        Stop::Refused(status.into())
    }
}

/// What must happen before a request goes on. Others go on meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A webhook is called.
    Post(Box<Post>),
    /// A document is read.
    Get(Box<Get>),
    /// The server asks itself, through its own client.
    Request(Box<Request>),
    /// Time passes.
    Pause(Duration),
}

/// A webhook's call.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// The webhook's name.
    pub webhook: String,
    /// `clientConfig` of the webhook.
    pub client_config: Value,
    /// The URL that is posted to; a service's has its name in the cluster's DNS.
    pub url: String,
    /// Where to connect instead of the URL's host: a service's address.
    pub dial: Option<String>,
    /// The AdmissionReview to send.
    pub review: Value,
    /// How long to wait for the answer.
    pub timeout: Duration,
}

impl Post {
    /// The URL with what a client adds to it, as errors show it.
    pub fn target(&self) -> String {
        format!("{}?timeout={}s", self.url, self.timeout.as_secs())
    }
}

/// The reading of a document: what an issuer of tokens publishes.
#[derive(Clone, Debug, PartialEq)]
pub struct Get {
    /// Where it is.
    pub url: String,
    /// Whom its server is trusted by, as a webhook's `clientConfig` has it.
    pub client_config: Value,
    /// How long to wait for it.
    pub timeout: Duration,
}

/// What came of an effect: of each its own kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// What a webhook said.
    Post(Heard),
    /// A document, and for how long it counts, as its `Cache-Control` tells.
    Document(Heard, Duration),
    /// The server's answer to itself.
    Response(Box<Response>),
    /// The time has passed.
    Passed,
}

/// What came of a webhook's call, or of the reading of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// An HTTP answer: code, media type and body.
    Http {
        /// The code.
        code: u16,
        /// `Content-Type`.
        media: String,
        /// The body.
        body: Arc<[u8]>,
    },
    /// No answer: the network's words.
    Failed(String),
    /// No answer in time.
    TimedOut,
}

/// What was answered to a request so far, in order.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    given: Vec<(Effect, Answer)>,
    used: usize,
}

impl Answers {
    /// What webhooks say, all called at the same time.
    pub fn posts(&mut self, posts: Vec<Post>) -> Result<Vec<Heard>, Stop> {
        let effects = posts.into_iter().map(|post| Effect::Post(Box::new(post))).collect();
        let heard = |answer| match answer {
            Answer::Post(heard) => heard,
            Answer::Document(..) | Answer::Response(_) | Answer::Passed => Heard::Failed("EOF".to_owned()),
        };
        Ok(self.to(effects)?.into_iter().map(heard).collect())
    }

    /// What the server answers to its own request.
    pub fn request(&mut self, request: &Request) -> Result<Response, Stop> {
        match self.to(vec![Effect::Request(Box::new(request.clone()))])?.pop() {
            Some(Answer::Response(response)) => Ok(*response),
            Some(Answer::Post(_) | Answer::Document(..) | Answer::Passed) | None => {
                Ok(Status::internal("the server did not answer itself").into())
            }
        }
    }

    /// Whether the server has made this request already, and the answer is the next in order.
    pub fn requested(&self, request: &Request) -> bool {
        matches!(self.given.get(self.used), Some((Effect::Request(made), _)) if **made == *request)
    }

    /// Whether time was let pass, next in order.
    pub fn paused(&self) -> bool {
        matches!(self.given.get(self.used), Some((Effect::Pause(_), _)))
    }

    /// Lets time pass.
    pub fn pause(&mut self, time: Duration) -> Result<(), Stop> {
        self.to(vec![Effect::Pause(time)]).map(drop)
    }

    /// The answers to effects, or the wish that they be performed.
    fn to(&mut self, effects: Vec<Effect>) -> Result<Vec<Answer>, Stop> {
        let next = self.given.iter().skip(self.used).take(effects.len());
        if effects.iter().eq(next.clone().map(|(effect, _)| effect)) {
            let answers = next.map(|(_, answer)| answer.clone()).collect();
            self.used += effects.len();
            return Ok(answers);
        }
        self.given.truncate(self.used);
        Err(Stop::Wait(effects))
    }

    /// Adds what was answered.
    pub fn add(&mut self, effects: Vec<Effect>, answers: Vec<Answer>) {
        self.given.extend(effects.into_iter().zip(answers));
    }

    /// Begins anew with what was answered.
    pub fn rewind(&mut self) {
        self.used = 0;
    }
}
