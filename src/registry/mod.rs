//! What the API server does with a request that may be made: routes, reads, writes
//! (`apiserver/pkg/endpoints/handlers`, `apiserver/pkg/registry/generic/registry/store.go`).
//!
//! A write goes decode, mutate, escalate, validate, enforce, store; [`write`] has the order. What is asked of a path
//! that is no resource is [`paths`]; reviews and tokens, which store nothing, are [`reviews`].

mod binding;
mod create;
mod delete;
mod patch;
mod paths;
mod read;
mod reviews;
mod secrets;
mod update;
mod write;

pub use write::Draft;

use crate::admit::{self, Answers, Stop};
use crate::api::decode::{self, FieldValidation};
pub use crate::api::resources::storage;
use crate::api::resources::{Resource, resources};
use crate::api::{Dig, Finding, Outcome, Query, RequestInfo, Response, Stage, Status, Trace, Version};
use crate::authenticate::Authenticators;
use crate::authorize::{Authorized, Authorizers, Knowledge};
use crate::config::Config;
use crate::random::Random;
use crate::store::{Key, Objects, Store};
use jiff::Timestamp;
use serde_json::Value;

/// Everything that answering one request may look at or change.
pub struct Call<'a> {
    /// Which Kubernetes.
    pub version: Version,
    /// The cluster's flags.
    pub config: &'a Config,
    /// When the request came: it stays the same however long the world outside takes.
    pub now: Timestamp,
    /// The truth.
    pub store: &'a mut Store,
    /// What admission plugins believe.
    pub cache: &'a Objects,
    /// What authorizers know.
    pub knowledge: &'a Knowledge,
    /// The authorizers, for reviews, escalation and policies.
    pub authorizers: &'a Authorizers,
    /// The authenticators, for token reviews and tokens.
    pub authenticators: &'a Authenticators,
    /// The admission plugins.
    pub plugins: &'a admit::Chain,
    /// This request's own draws.
    pub random: Random,
    /// What the world outside has answered so far.
    pub answers: &'a mut Answers,
    /// What the stages find.
    pub trace: &'a mut Trace,
    /// Warnings for the client.
    pub warnings: Vec<String>,
}

/// An answer, or why the request stops here.
pub type Served = Result<Response, Stop>;

impl Call<'_> {
    /// Adds a finding.
    fn found(&mut self, stage: Stage, by: &str, outcome: Outcome, text: impl Into<String>) {
        self.trace.add(Finding::new(stage, by, outcome, text));
    }
}

/// Answers an authorized request.
pub fn serve(call: &mut Call<'_>, request: &Authorized) -> Served {
    let mut response = answer(call, request)?;
    if request.info().is_resource && request.info().resource == "secrets" {
        secrets::sign_tokens(&mut response, call.authenticators.bearer.key());
    }
    Ok(response)
}

fn answer(call: &mut Call<'_>, request: &Authorized) -> Served {
    let info = request.info();
    if !info.is_resource {
        return paths::serve(call, request);
    }
    let row = match route(call.version, info, &request.request().method) {
        Ok(row) => row,
        Err(response) => {
            let text = response.object().text("message").to_owned();
            call.found(Stage::Route, "route", Outcome::Refused, text);
            return Ok(response);
        }
    };
    if reviews::is_virtual(row) {
        return reviews::serve(call, request, row);
    }
    if (row.name, row.subresource) == ("pods", "binding") {
        return binding::bind(call, request, row);
    }
    match info.verb.as_str() {
        "get" => read::get(call, request, row),
        "list" => read::list(call, request, row),
        "watch" => read::watch(call, request, row),
        "create" => create::create(call, request, row),
        "update" => update::update(call, request, row),
        "patch" => patch::patch(call, request, row),
        "delete" => delete::delete(call, request, row),
        "deletecollection" => delete::collection(call, request, row),
        _ => Err(no_such_method().into()),
    }
}

/// The row of the resource table that a path leads to, or the 404 or 405.
fn route(version: Version, info: &RequestInfo, method: &str) -> Result<&'static Resource, Response> {
    let table = resources(version);
    if info.prefix == "apis" && !table.has_group(&info.group) {
        return Err(Response::text(404, "404 page not found\n"));
    }
    let found = table.find(&info.group, &info.version, &info.resource, &info.subresource);
    let row = found.ok_or_else(|| Response::from(Status::no_such_path()))?;
    let of_collection = info.name.is_empty() || matches!(info.verb.as_str(), "list" | "watch");
    let in_place = match (row.namespaced, info.namespace.is_empty()) {
        (true, true) => of_collection && info.verb != "deletecollection",
        (true, false) => true,
        (false, true) => true,
        (false, false) => row.name == "namespaces",
    };
    if !in_place && info.verb != "create" {
        return Err(Status::no_such_path().into());
    }
    let named = !info.name.is_empty() && !matches!(info.verb.as_str(), "list" | "watch");
    let create_by_name = info.verb == "create" && named && info.subresource.is_empty();
    let known = row.has_verb(&info.verb) && in_place && !create_by_name && method != "HEAD";
    match known {
        true => Ok(row),
        false => Err(no_such_method().into()),
    }
}

/// 405 of a path that other methods know.
fn no_such_method() -> Status {
    let mut status =
        Status::plain(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    status.details = serde_json::json!({});
    status
}

/// The key of the object that a request names.
fn key_of(row: &Resource, info: &RequestInfo, name: &str) -> Key {
    let namespace = if row.namespaced { info.namespace.as_str() } else { "" };
    Key::new(&storage(row.group, row.name), namespace, name)
}

/// The object in the version that was asked for.
fn as_version(object: &Value, row: &Resource) -> Value {
    let mut object = object.clone();
    object.set("apiVersion", row.kind_api_version());
    object.set("kind", row.kind);
    object
}

/// Gives a new object its uid and the time of its creation.
pub fn stamp(object: &mut Value, uid: String, now: Timestamp) {
    object.set("metadata.uid", uid);
    object.set("metadata.creationTimestamp", time(now));
}

/// A time as Kubernetes writes it: RFC 3339, whole seconds.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A `Warning` header's value.
pub fn warning(text: &str) -> String {
    format!("299 - \"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The query of a request.
fn query(request: &Authorized) -> Query {
    Query::of(&request.request().target)
}

/// The decoded body of a write.
fn body(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Result<Value, Stop> {
    let sent = request.request();
    let media = sent.headers.get("Content-Type").unwrap_or_default();
    let validation = validation(call.version, request);
    match decode::decode(&sent.body, media, row, call.version, validation) {
        Ok(decoded) => {
            call.warnings.extend(decoded.warnings);
            Ok(decoded.object)
        }
        Err(status) => {
            call.found(Stage::Decode, "decoder", Outcome::Refused, status.message.clone());
            Err(status.into())
        }
    }
}

/// What becomes of fields that a type does not have.
fn validation(version: Version, request: &Authorized) -> FieldValidation {
    FieldValidation::of(version, query(request).get("fieldValidation").unwrap_or_default())
}
