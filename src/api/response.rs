//! An answer: code, headers, body.

use super::request::Headers;
use super::status::Status;
use super::watch::Watch;
use serde_json::Value;
use std::sync::Arc;

/// What an answer carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A JSON object.
    Json(Arc<Value>),
    /// Plain text (`ok` of /healthz, a log).
    Text(String),
    /// Bytes of another media type (an OpenAPI document in protobuf).
    Bytes(Arc<[u8]>),
    /// Events as they happen, a JSON object a line.
    Watch(Arc<Watch>),
}

/// What the API server answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The HTTP code.
    pub code: u16,
    /// Headers that mean something: `Warning`, `Www-Authenticate`, `Content-Type`, `Allow`, `Retry-After`.
    pub headers: Headers,
    /// The body.
    pub body: Body,
}

impl Response {
    /// An answer with a JSON object.
    pub fn json(code: u16, body: impl Into<Arc<Value>>) -> Response {
        let mut headers = Headers::default();
        headers.add("Content-Type", "application/json");
        Response { code, headers, body: Body::Json(body.into()) }
    }

    /// An answer in plain text.
    pub fn text(code: u16, text: impl Into<String>) -> Response {
        let mut headers = Headers::default();
        headers.add("Content-Type", "text/plain; charset=utf-8");
        Response { code, headers, body: Body::Text(text.into()) }
    }

    /// The JSON body, or null.
    pub fn object(&self) -> &Value {
        match &self.body {
            Body::Json(value) => value,
            Body::Text(_) | Body::Bytes(_) | Body::Watch(_) => &Value::Null,
        }
    }

    /// The same answer with another media type.
    pub fn typed(mut self, media: &str) -> Response {
        self.headers.replace("Content-Type", media);
        self
    }

    /// Whether the request was granted: 2xx, or 101 where a stream begins.
    pub fn ok(&self) -> bool {
        self.code == 101 || (200..300).contains(&self.code)
    }
}

impl From<Status> for Response {
    fn from(status: Status) -> Response {
        Response::json(status.code, status.body())
    }
}
