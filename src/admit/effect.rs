//! What only the world outside the machine can answer: a webhook's call.
//!
//! A plugin asks [`Answers::to`]. Where nothing was answered yet the write stops with [`Stop::Wait`], the effects are
//! performed, and the write is run again from its decoded body with what was answered.
//!
//! INVARIANT (same-question): an answer counts only for the very question that was sent. Where the object has changed
//! meanwhile, the question is another one and is asked anew, as a real server does when it retries a write.

use super::Stop;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// A webhook's call.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
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

impl Effect {
    /// The URL with what a client adds to it, as errors show it.
    pub fn target(&self) -> String {
        format!("{}?timeout={}s", self.url, self.timeout.as_secs())
    }
}

/// What came of an effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
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

/// What the world outside has answered to a request so far, in order.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    given: Vec<(Effect, Answer)>,
    used: usize,
}

impl Answers {
    /// The answers to effects, or the wish that they be performed.
    pub fn to(&mut self, effects: Vec<Effect>) -> Result<Vec<Answer>, Stop> {
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
