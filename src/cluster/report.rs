//! A request and its answer, as reports and explanations tell them.

use super::{Exchange, Moment, Reply};
use crate::api::{Body, Dig, Status, Trace};
use crate::json::Value;
use serde::Serialize;
use std::sync::Arc;

/// A request and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct RequestReport {
    /// `GET /api/v1/pods`.
    pub request: String,
    /// The HTTP code.
    pub code: u16,
    /// The status's reason.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The status's message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Warnings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Who decided: an authenticator, an authorizer, a plugin, `validation`, ….
    pub because: String,
    /// Everything that the stages found.
    pub trace: Trace,
    /// The body of the answer, where somebody was asked over HTTP.
    #[serde(skip)]
    pub answer: Option<Body>,
    /// Of a refused request, where it is kept: the request, and the cluster that it came to.
    #[serde(skip)]
    pub moment: Option<Arc<Moment>>,
}

impl RequestReport {
    /// Reports an answered request.
    pub fn new(request: String, reply: &Reply, moment: Option<Arc<Moment>>) -> RequestReport {
        let response = &reply.response;
        // What is no refusal isn't looked into: it may be a long list.
        let object = if response.ok() { &Value::Null } else { response.object() };
        let refused = object.text("kind") == "Status";
        let text = |path: &str| if refused { object.text(path).to_owned() } else { String::new() };
        RequestReport {
            request,
            code: response.code,
            reason: text("reason"),
            message: text("message"),
            warnings: response.headers.all("Warning").map(str::to_owned).collect(),
            because: because(&reply.trace),
            trace: reply.trace.clone(),
            answer: Some(response.body.clone()),
            moment,
        }
    }

    /// Reports a question to the authorizers alone.
    pub fn of_question(words: &str, refused: Option<Status>, trace: Trace, moment: Moment) -> RequestReport {
        let text =
            |part: fn(&Status) -> &str| refused.as_ref().map(|s| part(s).to_owned()).unwrap_or_default();
        RequestReport {
            request: words.to_owned(),
            code: refused.as_ref().map_or(200, |status| status.code),
            reason: text(|status| &status.reason),
            message: text(|status| &status.message),
            warnings: Vec::new(),
            because: because(&trace),
            trace,
            answer: None,
            moment: refused.is_some().then(|| Arc::new(moment)),
        }
    }

    /// Reports an exchange.
    pub fn of(exchange: &Exchange) -> RequestReport {
        let request = format!("{} {}", exchange.request.method, exchange.request.target);
        RequestReport::new(request, &exchange.reply, exchange.moment.clone())
    }

    /// The field of the answer at a dotted path, or null.
    pub fn field(&self, path: &str) -> &Value {
        self.answer.as_ref().and_then(Body::json).map_or(&Value::Null, |body| body.at(path))
    }
}

/// Who decided, by name.
pub fn because(trace: &Trace) -> String {
    trace.decisive().map(|finding| finding.by.name().to_owned()).unwrap_or_default()
}
