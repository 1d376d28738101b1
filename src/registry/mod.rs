//! What the API server does with a request that may be made: routes, reads, writes
//! (`apiserver/pkg/endpoints/handlers`, `apiserver/pkg/registry/generic/registry/store.go`).
//!
//! A write goes decode, mutate, escalate, validate, enforce, store; [`write`] has the order. What is asked of a path
//! that is no resource is [`paths`]; reviews and tokens, which store nothing, are [`reviews`].

mod binding;
mod connect;
mod create;
mod delete;
mod deprecation;
mod discovery;
mod eviction;
mod kubelet;
mod managed_fields;
mod openapi;
mod options;
mod page;
mod patch;
mod paths;
mod read;
mod reviews;
mod route;
mod scale;
mod secrets;
mod shape;
mod table;
mod update;
mod watch;
mod write;

pub use secrets::complete as complete_tokens;
pub use watch::{News, Watcher};
pub use write::Draft;

use crate::admit::{self, Answers, Stop};
use crate::api::decode::{self, FieldValidation};
use crate::api::negotiate::{self, Accepted, Media, Offer};
use crate::api::resources::Resource;
use crate::api::{
    By, Credential, Dig, Fact, Finding, Outcome, Query, Refusal, RequestInfo, Response, Stage, Status, Trace,
    Version, objects,
};
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
    /// What is left of what events may take.
    pub rates: &'a mut admit::event_rate_limit::Rates,
    /// What was answered so far.
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
    fn found(&mut self, stage: Stage, by: By, outcome: Outcome, text: impl Into<String>) {
        self.trace.add(Finding::new(stage, by, outcome, text));
    }

    /// Ends the request in a stage, with a finding that says why.
    fn stop(&mut self, stage: Stage, by: By, refusal: impl Into<Refusal>) -> Stop {
        let refusal = refusal.into();
        self.trace.add(Finding::refused(stage, by, &refusal));
        Stop::Refused(refusal)
    }

    /// Adds the finding of a refusal that no stage has told.
    pub fn refused(&mut self, refusal: &Refusal) {
        if self.trace.refusal().is_none() {
            self.trace.add(Finding::refused(Stage::Store, By::Store, refusal));
        }
    }
}

/// Answers an authorized request, in the form and the media type that it asks for.
pub fn serve(call: &mut Call<'_>, request: &Authorized) -> Served {
    let accept = request.request().headers.get("Accept").unwrap_or_default();
    let written = negotiate::negotiate(accept, Offer::Objects).unwrap_or_default();
    match answer(call, request, accept) {
        Ok(mut response) => {
            if !matches!(request.request().credential, Credential::Component(_)) {
                secrets::sign_tokens(&mut response, call.authenticators.bearer.key());
            }
            Ok(shape::written(response, &written))
        }
        Err(Stop::Refused(refusal)) if written.media != Media::Json => {
            call.refused(&refusal);
            Ok(shape::written(Response::from(refusal.status), &written))
        }
        Err(stop) => Err(stop),
    }
}

fn answer(call: &mut Call<'_>, request: &Authorized, accept: &str) -> Served {
    let info = request.info();
    if !info.is_resource {
        return paths::serve(call, request);
    }
    let routed = route::route(call.version, info, &request.request().method).and_then(|row| {
        negotiate::route(accept, &route::produced(row, info), call.version.at_least(21))?;
        Ok(row)
    });
    let row = match routed {
        Ok(row) => row,
        Err(response) => {
            let text = response.object().text("message").to_owned();
            let fact = match response.code {
                404 => Fact::NotFound { resource: info.full_resource(), name: info.name.clone() },
                _ => Fact::Unreadable,
            };
            call.trace.add(Finding::new(Stage::Route, By::Route, Outcome::Refused, text).with(fact));
            return Ok(response);
        }
    };
    call.warnings.extend(deprecation::warning(row, call.version));
    if connect::is_stream(row) {
        return connect::stream(call, request, row);
    }
    let accepted = negotiate::negotiate(accept, Offer::Objects)?;
    let form = accepted.form.clone();
    let response = of_resource(call, request, row, accepted)?;
    let query = query(request);
    let include = query.get("includeObject").unwrap_or_default();
    Ok(shape::response(response, row, &form, include, call.version, call.now)?)
}

/// Answers a request for objects.
fn of_resource(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    accepted: Accepted,
) -> Served {
    if reviews::is_virtual(row) {
        return reviews::serve(call, request, row);
    }
    match (request.info().verb.as_str(), row.name, row.subresource) {
        ("get" | "list", "componentstatuses", _) => connect::component_statuses(call, request, row),
        ("get", _, "scale") => connect::get_scale(call, request, row),
        ("get", ..) => read::get(call, request, row),
        ("list", ..) => read::list(call, request, row),
        ("watch", ..) => read::watch(call, request, row, accepted),
        ("create", ..) if binding::is_binding(row) => binding::create(call, request, row),
        ("create", "pods", "eviction") => eviction::create(call, request, row),
        ("update", _, "scale") => scale::update(call, request, row),
        ("create", ..) => create::create(call, request, row),
        ("update", ..) => update::update(call, request, row),
        ("patch", ..) => patch::patch(call, request, row),
        ("delete", ..) => delete::delete(call, request, row),
        ("deletecollection", ..) => delete::collection(call, request, row),
        _ => Err(no_such_method().into()),
    }
}

/// 405 of a path that other methods know.
fn no_such_method() -> Status {
    let mut status = Status::plain(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
    );
    status.details = serde_json::json!({});
    status
}

/// The key of the object that a request names.
fn key_of(row: &Resource, info: &RequestInfo, name: &str) -> Key {
    let namespace = if row.namespaced { info.namespace.as_str() } else { "" };
    Key::new(&row.storage(), namespace, name)
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
            if call.config.audit_policy.is_some() {
                let mut sent = decoded.object.clone();
                objects::defaults(&mut sent, row.group, row.name, call.version);
                call.trace.sent = Some(sent);
            }
            Ok(decoded.object)
        }
        Err(status) => Err(call.stop(Stage::Decode, By::Decoder, status)),
    }
}

/// What becomes of fields that a type does not have.
fn validation(version: Version, request: &Authorized) -> FieldValidation {
    FieldValidation::of(version, query(request).get("fieldValidation").unwrap_or_default())
}
