//! The token subresource of an account (`pkg/registry/core/serviceaccount/storage/token.go`,
//! `pkg/apis/authentication/validation`).
//!
//! [`prepare`] fills in and checks the request, [`grant`] looks at the bound object and writes the claims. Validating
//! admission stands between the two since 1.21, and before both in 1.20.

use super::check::Lookup;
use super::claims::{
    self, Bound, Claims, EXTENSION_SECONDS, Improvements, ObjectRef, Private, WARN_ONLY_SECONDS,
};
use crate::api::differences::{
    NODE_BOUND_TOKENS_KNOWN, TOKEN_ACCOUNT_CHECKED_FIRST, TOKEN_SHORTENED_IS_TOLD,
};
use crate::api::field::{Errors, quote};
use crate::api::{Dig, GroupResource, Status, Version, time};
use crate::json::{Value, json};
use jiff::Timestamp;
use std::sync::Arc;

const GROUP: &str = "authentication.k8s.io";
const KIND: &str = "TokenRequest";
const MIN_SECONDS: i64 = 10 * 60;
const MAX_SECONDS: i64 = 1 << 32;
const DEFAULT_SECONDS: i64 = 60 * 60;

/// The server's side of a token request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy<'a> {
    pub version: Version,
    /// The first `service-account-issuer`.
    pub issuer: &'a str,
    /// `api-audiences`.
    pub audiences: &'a [String],
    /// `service-account-max-token-expiration` in seconds; 0 is no limit.
    pub max_seconds: i64,
    /// `service-account-extend-token-expiration`.
    pub extend: bool,
    /// What the feature gates add.
    pub improvements: Improvements,
}

/// A token request for an account, as the path and the body say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The namespace of the path.
    pub namespace: &'a str,
    /// The account of the path.
    pub account: &'a str,
    /// A new random uuid, for `jti`.
    pub id: &'a str,
    pub now: Timestamp,
}

/// What a token request gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Granted {
    /// What to mint.
    pub claims: Claims,
    /// The answer but for `status.token`.
    pub answer: Value,
    /// The texts of warning headers.
    pub warnings: Vec<String>,
}

impl Granted {
    /// The answer with the token's text.
    pub(crate) fn with_token(mut self, text: &str) -> Value {
        self.answer.set("status.token", text);
        self.answer
    }
}

/// Fills in a TokenRequest and checks its fields, in the order of the release; the account must be there.
pub(crate) fn prepare(
    policy: &Policy<'_>,
    asked: &Asked<'_>,
    body: &Value,
    objects: &dyn Lookup,
) -> Result<Value, Status> {
    let mut request = body.clone();
    request.set_default("spec.expirationSeconds", DEFAULT_SECONDS);
    request.set_default("spec.boundObjectRef", Value::Null);
    let old = !policy.version.has(TOKEN_ACCOUNT_CHECKED_FIRST);
    if old {
        valid_seconds(policy, &request)?;
    } else {
        own_name(policy, asked, &request)?;
    }
    let Ok(account) = find(objects, "serviceaccounts", asked.namespace, asked.account) else {
        let of = GroupResource::new("", "serviceaccounts");
        return Err(Status::not_found(&of, asked.account));
    };
    let (wanted, stored) = (request.uid(), account.uid());
    if policy.improvements.account_uid && !wanted.is_empty() && wanted != stored {
        let why = format!(
            "the UID in the token request ({wanted}) does not match the UID of the service account ({stored})"
        );
        return Err(Status::conflict(&GroupResource::new(GROUP, KIND), asked.account, why));
    }
    if request.list("spec.audiences").is_empty() {
        request.set("spec.audiences", json!(policy.audiences));
    }
    if !old {
        request.set("metadata.name", asked.account);
        request.set("metadata.namespace", asked.namespace);
        request.set("metadata.creationTimestamp", time(asked.now));
        request.take_out("status");
        valid_seconds(policy, &request)?;
    }
    Ok(request)
}

/// Writes the claims for a request that [`prepare`] let through.
pub(crate) fn grant(
    policy: &Policy<'_>,
    asked: &Asked<'_>,
    mut request: Value,
    objects: &dyn Lookup,
) -> Result<Granted, Status> {
    let account = find(objects, "serviceaccounts", asked.namespace, asked.account)?;
    let mut bound =
        Bound { namespace: asked.namespace.to_owned(), account: ObjectRef::to(&account), ..Bound::default() };
    if request.has("spec.boundObjectRef") {
        bind(policy, asked, request.at("spec.boundObjectRef"), objects, &mut bound)?;
    }

    let mut warnings = Vec::new();
    let mut seconds = request.at("spec.expirationSeconds").as_i64().unwrap_or(DEFAULT_SECONDS);
    if policy.max_seconds > 0 && seconds > policy.max_seconds {
        if policy.version.has(TOKEN_SHORTENED_IS_TOLD) {
            warnings.push(format!(
                "requested expiration of {seconds} seconds shortened to {} seconds",
                policy.max_seconds
            ));
        }
        seconds = policy.max_seconds;
        request.set("spec.expirationSeconds", seconds);
    }
    let audiences: Vec<String> =
        request.list("spec.audiences").iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
    let now = asked.now.as_second();
    let ours = audiences.iter().all(|one| policy.audiences.contains(one));
    let mut lifetime = seconds;
    if policy.extend && bound.pod.is_some() && seconds == WARN_ONLY_SECONDS && ours {
        bound.warn_after = Some(now + seconds);
        lifetime = EXTENSION_SECONDS;
    }
    let until = Timestamp::from_second(now + seconds).map_err(Status::internal)?;
    request.set("status", json!({"expirationTimestamp": time(until)}));
    Ok(Granted {
        claims: Claims {
            issuer: policy.issuer.to_owned(),
            subject: claims::user_name(asked.namespace, asked.account),
            audiences,
            expires: Some(now + lifetime),
            not_before: Some(now),
            issued: Some(now),
            id: if policy.improvements.id { asked.id.to_owned() } else { String::new() },
            private: Private::Bound(bound),
        },
        answer: request,
        warnings,
    })
}

fn own_name(policy: &Policy<'_>, asked: &Asked<'_>, request: &Value) -> Result<(), Status> {
    match request.namespace() {
        "" => {}
        namespace if namespace == asked.namespace => {}
        _ => {
            return Err(Status::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
    }
    let errors = Errors::new(policy.version);
    let name = request.name();
    if !name.is_empty() && name != asked.account {
        errors.invalid("metadata.name", name, "must match the service account name if specified");
    }
    errors.into_status(GROUP, KIND, asked.account)
}

fn valid_seconds(policy: &Policy<'_>, request: &Value) -> Result<(), Status> {
    let value = request.at("spec.expirationSeconds");
    let why = match value.as_i64().unwrap_or(DEFAULT_SECONDS) {
        ..MIN_SECONDS => "may not specify a duration less than 10 minutes",
        MIN_SECONDS..=MAX_SECONDS => return Ok(()),
        _ => "may not specify a duration larger than 2^32 seconds",
    };
    let errors = Errors::new(policy.version);
    errors.invalid("spec.expirationSeconds", value, why);
    errors.into_status(GROUP, KIND, "")
}

/// The object that the token dies with goes into the claims.
fn bind(
    policy: &Policy<'_>,
    asked: &Asked<'_>,
    reference: &Value,
    objects: &dyn Lookup,
    bound: &mut Bound,
) -> Result<(), Status> {
    let (group, version) = group_version(reference.text("apiVersion"));
    let (kind, name) = (reference.text("kind"), reference.text("name"));
    let object = match (group, kind) {
        ("", "Pod") => {
            let pod = find(objects, "pods", asked.namespace, name)?;
            if pod.text("spec.serviceAccountName") != asked.account {
                return Err(Status::bad_request(format!(
                    "cannot bind token for serviceaccount {} to pod running with different serviceaccount name.",
                    quote(asked.account)
                )));
            }
            bound.pod = Some(ObjectRef::to(&pod));
            bound.node = node_of(policy, &pod, objects);
            pod
        }
        ("", "Node") if policy.improvements.to_node => {
            let node = find(objects, "nodes", "", name)?;
            bound.node = Some(ObjectRef::to(&node));
            node
        }
        ("", "Node") if policy.version.has(NODE_BOUND_TOKENS_KNOWN) => {
            return Err(Status::bad_request(
                "cannot bind token to a Node object as the \"ServiceAccountTokenNodeBinding\" feature-gate is disabled",
            ));
        }
        ("", "Secret") => {
            let secret = find(objects, "secrets", asked.namespace, name)?;
            bound.secret = Some(ObjectRef::to(&secret));
            secret
        }
        _ => {
            return Err(Status::bad_request(format!(
                "cannot bind token to object of type {group}/{version}, Kind={kind}"
            )));
        }
    };
    match reference.text("uid") {
        "" => Ok(()),
        uid if uid == object.uid() => Ok(()),
        uid => Err(Status::conflict(
            &GroupResource::new(group, kind),
            name,
            format!(
                "the UID in the bound object reference ({uid}) does not match the UID in record. The object might have \
                 been deleted and then recreated"
            ),
        )),
    }
}

/// Where a pod runs: by name alone if there is no such node.
fn node_of(policy: &Policy<'_>, pod: &Value, objects: &dyn Lookup) -> Option<ObjectRef> {
    let name = pod.text("spec.nodeName");
    if name.is_empty() || !policy.improvements.pod_node {
        return None;
    }
    let node = objects.object("nodes", "", name);
    Some(ObjectRef {
        name: name.to_owned(),
        uid: node.map_or_else(String::new, |node| node.uid().to_owned()),
    })
}

fn find(objects: &dyn Lookup, resource: &str, namespace: &str, name: &str) -> Result<Arc<Value>, Status> {
    if name.is_empty() {
        return Err(Status::bad_request("Name parameter required."));
    }
    let missing = || Status::not_found(&GroupResource::new("", resource), name);
    objects.object(resource, namespace, name).ok_or_else(missing)
}

/// `schema.ParseGroupVersion`; what it cannot read is empty.
fn group_version(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        None => ("", text),
        Some((_, rest)) if rest.contains('/') => ("", ""),
        Some(("", "")) => ("", ""),
        Some(both) => both,
    }
}
