//! The world outside of a scenario: what webhooks answer where there is no network.
//!
//! A scenario says it by the webhook's name (of one that admits) or by URL (of any); time is virtual, so that a webhook
//! that is too slow costs nothing. What is said must fit what the webhook is for: to admit writes, to authorize, or to
//! know whose a token is. Issuers of tokens are outside, too (`issuers.rs`).

mod access;
mod admission;
mod issuers;
#[cfg(test)]
mod tests;
mod token;

pub use issuers::{Issuer, Issuers, WantedToken};

use crate::api::{Attributes, Decision, Dig, Heard, Post, Version};
use crate::cel::{Activation, Env, Program, Type, Val};
use crate::json::Value;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;

/// What webhooks answer, by the webhook's name or by URL.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema)]
#[schemars(transparent)]
pub struct Webhooks(BTreeMap<String, Webhook>);

impl<'de> Deserialize<'de> for Webhooks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Webhooks, D::Error> {
        let webhooks = BTreeMap::<String, Webhook>::deserialize(deserializer)?;
        for (name, webhook) in &webhooks {
            webhook.purpose().map_err(|why| de::Error::custom(format!("`{name}`: {why}")))?;
        }
        Ok(Webhooks(webhooks))
    }
}

/// What one webhook answers.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Webhook {
    /// Whether it allows the write or the wish; yes unless told otherwise.
    #[serde(default = "yes")]
    pub allowed: bool,
    /// Whether it allows it: an expression of CEL over `request` (of a write) or `spec` (of a SubjectAccessReview), in the
    /// place of `allowed`.
    #[serde(default, deserialize_with = "expression")]
    #[schemars(with = "Option<String>")]
    pub allowed_if: Option<String>,
    /// Whether it denies a wish, so that no further authorizer is asked; no unless told otherwise.
    #[serde(default)]
    pub denied: bool,
    /// Whether it denies it: an expression of CEL over `spec`, in the place of `denied`.
    #[serde(default, deserialize_with = "expression")]
    #[schemars(with = "Option<String>")]
    pub denied_if: Option<String>,
    /// The tokens that it knows, and whose they are.
    #[serde(default)]
    pub tokens: BTreeMap<String, token::Holder>,
    /// What goes wrong when it looks at a token that it does not know.
    #[serde(default)]
    pub error: Option<String>,
    /// What it says when it refuses a write.
    #[serde(default)]
    pub message: Option<String>,
    /// The HTTP code of its refusal.
    #[serde(default)]
    pub code: Option<u16>,
    /// The reason of its refusal of a write, or of whatever it says of a wish.
    #[serde(default)]
    pub reason: Option<String>,
    /// A JSON patch of the object.
    #[serde(default)]
    pub patch: Option<Value>,
    /// Warnings for the client.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Notes for the audit log.
    #[serde(default)]
    pub audit: BTreeMap<String, String>,
    /// How long it takes to answer.
    #[serde(default, deserialize_with = "span")]
    #[schemars(with = "Option<String>")]
    pub latency: SignedDuration,
    /// It does not answer at all: the network's words.
    #[serde(default)]
    pub fails: Option<String>,
}

fn yes() -> bool {
    true
}

fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let span: SignedDuration = text
        .parse()
        .map_err(|_| de::Error::custom(format!("`{text}` is no duration such as 2s or 500ms")))?;
    if span.is_negative() { Err(de::Error::custom(format!("`{text}` is negative"))) } else { Ok(span) }
}

/// An expression that compiles.
fn expression<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match compile(&text) {
        Ok(_) => Ok(Some(text)),
        Err(why) => Err(de::Error::custom(format!("`{text}` does not compile: {why}"))),
    }
}

fn compile(text: &str) -> Result<Program, String> {
    Env::new(Version::NEWEST).with("request", Type::Dyn).with("spec", Type::Dyn).compile(text)
}

/// What an expression sees: the review that was sent.
struct Sight<'a>(&'a Value);

impl Activation for Sight<'_> {
    fn variable(&self, name: &str) -> Option<Result<Val, String>> {
        self.0.get(name).map(|part| Ok(Val::from_json(part)))
    }

    fn authorize(&self, _: &Attributes) -> (Decision, String) {
        (Decision::NoOpinion, String::new())
    }
}

/// What a webhook is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Admit,
    Authorize,
    Authenticate,
}

impl Purpose {
    /// What a webhook is for that is sent such a review.
    fn of(review: &Value) -> Purpose {
        match review.text("kind") {
            "SubjectAccessReview" => Purpose::Authorize,
            "TokenReview" => Purpose::Authenticate,
            _ => Purpose::Admit,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Purpose::Admit => "admits",
            Purpose::Authorize => "authorizes",
            Purpose::Authenticate => "authenticates",
        }
    }
}

impl Webhooks {
    /// The names and URLs, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// These, and of the others those that they say nothing of.
    pub fn or(&self, others: &Webhooks) -> Webhooks {
        let mut all = others.0.clone();
        all.extend(self.0.clone());
        Webhooks(all)
    }

    /// The same, but for one that takes longer than anybody waits.
    pub(super) fn slower(&self, name: &str) -> Webhooks {
        let mut all = self.0.clone();
        if let Some(webhook) = all.get_mut(name) {
            webhook.latency = SignedDuration::MAX;
        }
        Webhooks(all)
    }

    /// What comes of a call, and after what time.
    pub fn answer(&self, post: &Post) -> (Heard, SignedDuration) {
        let Some(webhook) = self.0.get(&post.webhook).or_else(|| self.0.get(&post.url)) else {
            return (Heard::Failed(nobody(post)), SignedDuration::ZERO);
        };
        let timeout = SignedDuration::try_from(post.timeout).unwrap_or(SignedDuration::MAX);
        if webhook.latency > timeout {
            return (Heard::TimedOut, timeout);
        }
        let answer = match &webhook.fails {
            Some(why) => Heard::Failed(why.clone()),
            None => webhook.says(post),
        };
        (answer, webhook.latency)
    }
}

/// What a dialer says where nobody listens.
fn nobody(post: &Post) -> String {
    let host = post.url.trim_start_matches("https://").split('/').next().unwrap_or_default();
    let at = post.dial.as_deref().unwrap_or(host);
    let at = if at.contains(':') { at.to_owned() } else { format!("{at}:443") };
    format!("dial tcp {at}: connect: connection refused")
}

impl Webhook {
    /// What it is for, as far as its fields tell; one that tells of two is none.
    fn purpose(&self) -> Result<Option<(Purpose, &'static str)>, String> {
        let told = [
            (Purpose::Admit, "message", self.message.is_some()),
            (Purpose::Admit, "code", self.code.is_some()),
            (Purpose::Admit, "patch", self.patch.is_some()),
            (Purpose::Admit, "warnings", !self.warnings.is_empty()),
            (Purpose::Admit, "audit", !self.audit.is_empty()),
            (Purpose::Authorize, "denied", self.denied),
            (Purpose::Authorize, "denied-if", self.denied_if.is_some()),
            (Purpose::Authenticate, "tokens", !self.tokens.is_empty()),
            (Purpose::Authenticate, "error", self.error.is_some()),
        ];
        let mut given = told.into_iter().filter(|(_, _, given)| *given);
        let Some((purpose, field, _)) = given.next() else { return Ok(None) };
        match given.find(|(other, _, _)| *other != purpose) {
            None => Ok(Some((purpose, field))),
            Some((other, also, _)) => Err(format!(
                "`{field}` is of a webhook that {}, `{also}` of one that {}",
                purpose.word(),
                other.word()
            )),
        }
    }

    /// What it answers to a review.
    fn says(&self, post: &Post) -> Heard {
        let asked = Purpose::of(&post.review);
        if let Ok(Some((purpose, field))) = self.purpose()
            && purpose != asked
        {
            let (is, sent) = (purpose.word(), post.review.text("kind"));
            return Heard::Failed(format!(
                "`{field}` is of a webhook that {is}, and a {sent} was sent to it"
            ));
        }
        let said = match asked {
            Purpose::Admit => self.admits(&post.review),
            Purpose::Authorize => self.authorizes(&post.review),
            Purpose::Authenticate => Ok(self.authenticates(&post.review)),
        };
        match said {
            Ok(review) => {
                let body = review.to_string().into_bytes().into();
                Heard::Http { code: 200, media: "application/json".to_owned(), body }
            }
            // An expression that can't be evaluated is a server that breaks.
            Err(why) => {
                Heard::Http { code: 500, media: "text/plain".to_owned(), body: why.into_bytes().into() }
            }
        }
    }

    /// What an expression says of a review, or else the plain word.
    fn holds(expression: &Option<String>, otherwise: bool, review: &Value) -> Result<bool, String> {
        let Some(text) = expression else { return Ok(otherwise) };
        match compile(text)?.eval(&Sight(review))? {
            Val::Bool(holds) => Ok(holds),
            _ => Err(format!("`{text}` is neither true nor false")),
        }
    }
}
