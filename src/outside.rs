//! The world outside of a scenario: what admission webhooks answer where there is no network.
//!
//! A scenario says it by the webhook's name or by URL; time is virtual, so that a webhook that is too slow costs nothing.

use crate::admit::{Answer, Effect};
use crate::api::Dig;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What webhooks answer, by the webhook's name or by URL.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Webhooks(BTreeMap<String, Webhook>);

/// What one webhook answers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Webhook {
    /// Whether it allows the write; yes unless told otherwise.
    #[serde(default = "yes")]
    pub allowed: bool,
    /// What it says when it refuses.
    #[serde(default)]
    pub message: Option<String>,
    /// The HTTP code of its refusal.
    #[serde(default)]
    pub code: Option<u16>,
    /// The reason of its refusal.
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
    let span: SignedDuration =
        text.parse().map_err(|_| de::Error::custom(format!("`{text}` is no duration such as 2s or 500ms")))?;
    match span.is_negative() {
        true => Err(de::Error::custom(format!("`{text}` is negative"))),
        false => Ok(span),
    }
}

impl Webhooks {
    /// What comes of a call, and after what time.
    pub fn answer(&self, effect: &Effect) -> (Answer, SignedDuration) {
        let Some(webhook) = self.0.get(&effect.webhook).or_else(|| self.0.get(&effect.url)) else {
            return (Answer::Failed(nobody(effect)), SignedDuration::ZERO);
        };
        let timeout = SignedDuration::try_from(effect.timeout).unwrap_or(SignedDuration::MAX);
        if webhook.latency > timeout {
            return (Answer::TimedOut, timeout);
        }
        let answer = match &webhook.fails {
            Some(why) => Answer::Failed(why.clone()),
            None => webhook.says(effect),
        };
        (answer, webhook.latency)
    }
}

/// What a dialer says where nobody listens.
fn nobody(effect: &Effect) -> String {
    let host = effect.url.trim_start_matches("https://").split('/').next().unwrap_or_default();
    let at = effect.dial.as_deref().unwrap_or(host);
    let at = if at.contains(':') { at.to_owned() } else { format!("{at}:443") };
    format!("dial tcp {at}: connect: connection refused")
}

impl Webhook {
    fn says(&self, effect: &Effect) -> Answer {
        let mut response = json!({"uid": effect.review.at("request.uid"), "allowed": self.allowed});
        if let (true, Some(patch)) = (self.allowed, &self.patch) {
            response.set("patchType", "JSONPatch");
            response.set("patch", STANDARD.encode(patch.to_string()));
        }
        let status = [
            ("message", self.message.clone().map(Value::from)),
            ("code", self.code.map(Value::from)),
            ("reason", self.reason.clone().map(Value::from)),
        ];
        for (key, value) in status {
            if let (false, Some(value)) = (self.allowed, value) {
                response.make("status").set(key, value);
            }
        }
        response.set("warnings", json!(self.warnings));
        response.set("auditAnnotations", json!(self.audit));
        let review = json!({
            "kind": "AdmissionReview", "apiVersion": effect.review.at("apiVersion"), "response": response,
        });
        let body = review.to_string().into_bytes().into();
        Answer::Http { code: 200, media: "application/json".to_owned(), body }
    }
}
