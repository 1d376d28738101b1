//! `Status`: how every refusal is told (`meta/v1.Status`, constructors as in `apimachinery/pkg/api/errors`).

use crate::json::{Value, json};
use std::borrow::Cow;

/// Why a request was not answered as asked; the body of an answer of 4xx or 5xx.
///
/// A rejection is modelled behaviour, a value. It is never a bug and never bad user input of kubeverdict itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The HTTP code.
    pub code: u16,
    /// The machine-readable reason (`Forbidden`); empty where a real server gives none. A webhook may give any.
    pub reason: Cow<'static, str>,
    /// The text for people.
    pub message: String,
    /// `details`: name, group, kind, uid, causes, retryAfterSeconds; null where there are none.
    pub details: Value,
}

/// The resource that a status speaks of: group and plural name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupResource {
    /// The API group; empty for core.
    pub group: String,
    /// The plural name (`pods`).
    pub resource: String,
}

impl GroupResource {
    /// A resource of a group.
    pub fn new(group: &str, resource: &str) -> GroupResource {
        GroupResource { group: group.to_owned(), resource: resource.to_owned() }
    }
}

/// `deployments.apps`, or `pods` for a core resource.
impl std::fmt::Display for GroupResource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.group.as_str() {
            "" => write!(f, "{}", self.resource),
            group => write!(f, "{}.{group}", self.resource),
        }
    }
}

impl Status {
    /// A status without details.
    pub fn plain(code: u16, reason: &'static str, message: impl Into<String>) -> Status {
        Status { code, reason: reason.into(), message: message.into(), details: Value::Null }
    }

    fn about(code: u16, reason: &'static str, of: &GroupResource, name: &str, message: String) -> Status {
        let mut details = json!({"kind": of.resource});
        if !name.is_empty() {
            details["name"] = name.into();
        }
        if !of.group.is_empty() {
            details["group"] = of.group.clone().into();
        }
        Status { code, reason: reason.into(), message, details }
    }

    /// 404: there is no such object.
    pub fn not_found(of: &GroupResource, name: &str) -> Status {
        Status::about(404, "NotFound", of, name, format!("{of} \"{name}\" not found"))
    }

    /// 404: the path leads nowhere.
    pub fn no_such_path() -> Status {
        let mut status = Status::plain(404, "NotFound", "the server could not find the requested resource");
        status.details = json!({});
        status
    }

    /// 409: the name is taken.
    pub fn already_exists(of: &GroupResource, name: &str) -> Status {
        Status::about(409, "AlreadyExists", of, name, format!("{of} \"{name}\" already exists"))
    }

    /// 409: somebody else was faster, or a precondition fails.
    pub fn conflict(of: &GroupResource, name: &str, why: impl std::fmt::Display) -> Status {
        let message = format!("Operation cannot be fulfilled on {of} \"{name}\": {why}");
        Status::about(409, "Conflict", of, name, message)
    }

    /// 403 from a plugin or another rule about one object.
    pub fn forbidden(of: &GroupResource, name: &str, why: impl std::fmt::Display) -> Status {
        let message = match (name, of.resource.as_str()) {
            ("", "") => format!("forbidden: {why}"),
            ("", _) => format!("{of} is forbidden: {why}"),
            _ => format!("{of} \"{name}\" is forbidden: {why}"),
        };
        let mut status = Status::about(403, "Forbidden", of, name, message);
        if of.resource.is_empty() {
            status.details = json!({});
        }
        status
    }

    /// 405 of a path that other methods know.
    pub fn no_such_method() -> Status {
        let text = "the server does not allow this method on the requested resource";
        Status { details: json!({}), ..Status::plain(405, "MethodNotAllowed", text) }
    }

    /// 405: the resource has no such verb.
    pub(crate) fn not_supported(of: &GroupResource, verb: &str) -> Status {
        let why = format!("{verb} is not supported on resources of kind \"{of}\"");
        Status::about(405, "MethodNotAllowed", of, "", why)
    }

    /// 400: the request itself is broken.
    pub fn bad_request(message: impl Into<String>) -> Status {
        Status::plain(400, "BadRequest", message)
    }

    /// 401: nobody knows who asks.
    pub fn unauthorized() -> Status {
        Status::plain(401, "Unauthorized", "Unauthorized")
    }

    /// 500: the server could not do what it should.
    pub fn internal(message: impl std::fmt::Display) -> Status {
        let mut status = Status::plain(500, "InternalError", format!("Internal error occurred: {message}"));
        status.details = json!({"causes": [{"message": message.to_string()}]});
        status
    }

    /// The body that travels.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if !self.reason.is_empty() {
            body["reason"] = self.reason.clone().into();
        }
        if !self.details.is_null() {
            body["details"] = self.details.clone();
        }
        body
    }
}
