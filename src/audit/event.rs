//! `audit.k8s.io/v1 Event`: a line of the audit log (`apiserver/pkg/audit/request.go`).
//!
//! # Differs from Kubernetes
//! A watch is complete as soon as it is answered, and not when the client leaves.

use super::policy::{Level, Policy, Terms};
use crate::api::differences::AUDITED_MESSAGES;
use crate::api::{Body, Dig, Outcome, Request, RequestInfo, Response, Trace, User, Version};
use crate::json::{Map, Value, json};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Where a request stands when an event is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub(crate) enum Stage {
    /// It came.
    RequestReceived,
    /// The answer's headers were sent; only where more follows for long.
    ResponseStarted,
    /// It was answered.
    ResponseComplete,
    /// The server broke over it.
    Panic,
}

crate::json::serialized!(Stage);

/// A request that the audit log follows.
#[derive(Clone, Debug)]
pub(crate) struct Audited {
    terms: Terms,
    /// What all of its events have.
    base: Value,
    /// The patch that was sent.
    patch: Option<Value>,
    long_running: bool,
    version: Version,
}

impl Audited {
    /// A request that a policy wants to follow. `trace` knows who sent it; `id` is drawn, where the request brings none.
    pub(crate) fn new(
        policy: &Policy,
        request: &Request,
        trace: &Trace,
        at: Timestamp,
        id: String,
        version: Version,
    ) -> Option<Audited> {
        let user = trace.impersonator.as_ref().or(trace.user.as_ref());
        let terms = policy.terms(user, &trace.info);
        if terms.level == Level::None {
            return None;
        }
        let patched = trace.info.is_resource && trace.info.verb == "patch";
        Some(Audited {
            base: base(request, &trace.info, user, &terms, at, id),
            patch: patched.then(|| serde_json::from_slice(&request.body).unwrap_or_default()),
            long_running: is_long_running(&trace.info),
            terms,
            version,
        })
    }

    /// The event of the request's arrival.
    pub(crate) fn received(&self, at: Timestamp) -> Option<Value> {
        self.told(self.base.clone(), Stage::RequestReceived, at)
    }

    /// The event of a request whose sender nobody knows.
    pub(crate) fn unauthenticated(&self, trace: &Trace, response: &Response, at: Timestamp) -> Option<Value> {
        let mut event = self.base.clone();
        self.annotate(&mut event, trace);
        event.set("responseStatus", self.status(response));
        self.told(event, Stage::ResponseStarted, at)
    }

    /// The events of the answer.
    pub(crate) fn answered(&self, trace: &Trace, response: &Response, at: Timestamp) -> Vec<Value> {
        let mut event = self.base.clone();
        if let (Some(_), Some(user)) = (&trace.impersonator, &trace.user) {
            event.set("impersonatedUser", json!(user));
        }
        self.annotate(&mut event, trace);
        self.tell_request(&mut event, trace);
        event.set("responseStatus", self.status(response));
        if let (Level::RequestResponse, Some(object)) = (self.terms.level, response.body.json()) {
            event.set("responseObject", self.object(object));
        }
        let started =
            self.long_running.then(|| self.told(event.clone(), Stage::ResponseStarted, at)).flatten();
        started.into_iter().chain(self.told(event, Stage::ResponseComplete, at)).collect()
    }

    fn told(&self, mut event: Value, stage: Stage, at: Timestamp) -> Option<Value> {
        event.set("stage", json!(stage));
        event.set("stageTimestamp", micro_time(at));
        (!self.terms.omit_stages.contains(&stage)).then_some(event)
    }

    /// What authenticators, authorizers and plugins noted; the first to use a key has it.
    fn annotate(&self, event: &mut Value, trace: &Trace) {
        /// Notes that hold part of the object need the level that shows objects.
        const OF_OBJECTS: &str = "patch.webhook.admission.k8s.io/";
        let mut notes: BTreeMap<&str, &str> = BTreeMap::new();
        for (key, text) in &trace.audit {
            if self.terms.level >= Level::Request || !key.starts_with(OF_OBJECTS) {
                notes.entry(key).or_insert(text);
            }
        }
        if !notes.is_empty() {
            event.set("annotations", json!(notes));
        }
    }

    /// What was sent, and what it says of the object's name.
    fn tell_request(&self, event: &mut Value, trace: &Trace) {
        let routed = trace.decisive().is_none_or(|finding| {
            finding.outcome != Outcome::Refused || finding.stage > crate::api::Stage::Route
        });
        let sent = match (&trace.sent, &self.patch) {
            (Some(sent), _) => {
                for key in ["namespace", "name", "uid", "resourceVersion"] {
                    let text = sent.at("metadata").text(key);
                    if !text.is_empty() && event.has("objectRef") {
                        event.at_mut("objectRef").unwrap_or(&mut Value::Null).set_default(key, text);
                    }
                }
                Some(sent)
            }
            (None, Some(patch)) if routed => Some(patch),
            (None, _) => None,
        };
        if let (true, Some(sent)) = (self.terms.level >= Level::Request, sent) {
            event.set("requestObject", self.object(sent));
        }
    }

    fn object(&self, object: &Value) -> Value {
        let mut object = object.clone();
        if self.terms.omit_managed_fields {
            object.take_out("metadata.managedFields");
            for item in object.at_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
                item.take_out("metadata.managedFields");
            }
        }
        object
    }

    /// The code, and of a Status what it says; its message only since 1.21.
    fn status(&self, response: &Response) -> Value {
        let mut status =
            Map::from_iter([("metadata".to_owned(), json!({})), ("code".to_owned(), response.code.into())]);
        let object = if matches!(response.body, Body::List(_)) { &Value::Null } else { response.object() };
        if (object.text("kind"), object.text("apiVersion")) == ("Status", "v1") {
            let keys = ["status", "reason", "details", "message"].into_iter();
            let told = keys.filter(|key| *key != "message" || self.version.has(AUDITED_MESSAGES));
            status.extend(told.filter_map(|key| Some((key.to_owned(), object.get(key)?.clone()))));
        }
        status.into()
    }
}

fn base(
    request: &Request,
    info: &RequestInfo,
    user: Option<&User>,
    terms: &Terms,
    at: Timestamp,
    id: String,
) -> Value {
    let given = request.headers.get("Audit-ID").filter(|id| !id.is_empty());
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": terms.level,
        "auditID": given.map_or(id, str::to_owned),
        "requestURI": request.target, "verb": info.verb,
        "user": user.map_or(json!({}), |user| json!(user)),
        "requestReceivedTimestamp": micro_time(at),
    });
    let sources = source_ips(request);
    if !sources.is_empty() {
        event.set("sourceIPs", sources);
    }
    if let Some(agent) = request.headers.get("User-Agent").filter(|agent| !agent.is_empty()) {
        event.set("userAgent", agent.chars().take(1024).collect::<String>());
    }
    if info.is_resource {
        let parts = [
            ("resource", &info.resource),
            ("namespace", &info.namespace),
            ("name", &info.name),
            ("apiGroup", &info.group),
            ("apiVersion", &info.version),
            ("subresource", &info.subresource),
        ];
        let said = parts.into_iter().filter(|(_, text)| !text.is_empty());
        event
            .set("objectRef", Map::from_iter(said.map(|(key, text)| (key.to_owned(), text.as_str().into()))));
    }
    event
}

/// The addresses that a request came through (`utilnet.SourceIPs`).
fn source_ips(request: &Request) -> Vec<String> {
    let headers = &request.headers;
    let forwarded = headers.get("X-Forwarded-For").unwrap_or_default().split(',');
    let mut addresses: Vec<String> =
        forwarded.map(str::trim).filter(|a| !a.is_empty()).map(str::to_owned).collect();
    let others = [headers.get("X-Real-Ip").map(str::to_owned), request.source.clone()];
    for address in others.into_iter().flatten() {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

fn is_long_running(info: &RequestInfo) -> bool {
    info.is_resource
        && (matches!(info.verb.as_str(), "watch" | "proxy")
            || matches!(info.subresource.as_str(), "attach" | "exec" | "proxy" | "log" | "portforward"))
}

/// A time as `metav1.MicroTime` writes it.
fn micro_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
