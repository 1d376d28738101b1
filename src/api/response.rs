//! An answer: code, headers, body.

use super::list::List;
use super::request::Headers;
use super::status::Status;
use super::watch::Watch;
use crate::json::Value;
use std::sync::Arc;

/// What an answer carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A JSON object.
    Json(Arc<Value>),
    /// A list of objects, as JSON.
    List(Arc<List>),
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

impl Body {
    /// What it is as JSON; none of what is no JSON.
    pub fn json(&self) -> Option<&Value> {
        match self {
            Body::Json(value) => Some(value),
            Body::List(list) => Some(list.tree()),
            Body::Text(_) | Body::Bytes(_) | Body::Watch(_) => None,
        }
    }

    /// What is sent of JSON, in one line or (`pretty`) indented; none of what is no JSON.
    pub fn written(&self, pretty: bool) -> Option<String> {
        fn write<T: serde::Serialize + ?Sized>(value: &T, pretty: bool) -> Option<String> {
            if pretty { serde_json::to_string_pretty(value).ok() } else { serde_json::to_string(value).ok() }
        }
        match self {
            Body::Json(value) => write(&**value, pretty),
            Body::List(list) => write(&**list, pretty),
            Body::Text(_) | Body::Bytes(_) | Body::Watch(_) => None,
        }
    }
}

impl Response {
    /// An answer with a JSON object.
    pub fn json(code: u16, body: impl Into<Arc<Value>>) -> Response {
        let mut headers = Headers::default();
        headers.add("Content-Type", "application/json");
        Response { code, headers, body: Body::Json(body.into()) }
    }

    /// An answer with a list.
    pub fn list(list: List) -> Response {
        Response { body: Body::List(list.into()), ..Response::json(200, Value::Null) }
    }

    /// An answer in plain text.
    pub fn text(code: u16, text: impl Into<String>) -> Response {
        let mut headers = Headers::default();
        headers.add("Content-Type", "text/plain; charset=utf-8");
        Response { code, headers, body: Body::Text(text.into()) }
    }

    /// The JSON body, or null.
    pub fn object(&self) -> &Value {
        self.body.json().unwrap_or(&Value::Null)
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
