//! May somebody? (`pkg/registry/authorization`)

use super::admit;
use crate::admit::Stop;
use crate::api::resources::Resource;
use crate::api::{Attributes, Decision, Dig, RequestInfo, Status, User, time};
use crate::kinds::access_reviews;
use crate::pipeline::{Call, manager};
use serde_json::{Value, json};
use std::sync::Arc;

/// Answers a `SubjectAccessReview`, `LocalSubjectAccessReview` or `SelfSubjectAccessReview`.
pub(super) fn access(call: &mut Call<'_>, row: &Arc<Resource>, mut review: Value) -> Result<Value, Stop> {
    admit(call, row, review.clone())?;
    let writer = access_reviews::Writer { manager: manager(call), now: &time(call.now) };
    access_reviews::validate(&review, &row.name, &writer, call.version)?;
    let user = match &*row.name {
        "selfsubjectaccessreviews" => call.request.user().clone(),
        _ => somebody(&review),
    };
    let said = call.decide(&Attributes { user, info: question(&review) });
    let mut status = json!({"allowed": said.decision == Decision::Allow});
    if said.decision == Decision::Deny {
        status.set("denied", true);
    }
    if !said.reason.is_empty() {
        status.set("reason", said.reason);
    }
    if let Some(why) = said.error {
        status.set("evaluationError", why);
    }
    review.set("status", status);
    Ok(review)
}

/// The subject that a review names.
fn somebody(review: &Value) -> User {
    let texts = |list: &[Value]| list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    User {
        name: review.text("spec.user").to_owned(),
        uid: review.text("spec.uid").to_owned(),
        groups: texts(review.list("spec.groups")),
        extra: review
            .entries("spec.extra")
            .map(|(key, values)| {
                (key.clone(), texts(values.as_array().map(Vec::as_slice).unwrap_or_default()))
            })
            .collect(),
    }
}

/// The request that a review asks about.
fn question(review: &Value) -> RequestInfo {
    let other = review.at("spec.nonResourceAttributes");
    if !other.is_null() {
        let verb = other.text("verb").to_owned();
        return RequestInfo { verb, path: other.text("path").to_owned(), ..RequestInfo::default() };
    }
    let asked = review.at("spec.resourceAttributes");
    let text = |field: &str| asked.text(field).to_owned();
    RequestInfo {
        is_resource: true,
        verb: text("verb"),
        group: text("group"),
        version: text("version"),
        resource: text("resource"),
        subresource: text("subresource"),
        namespace: text("namespace"),
        name: text("name"),
        field_selector: selector(asked.at("fieldSelector")),
        label_selector: selector(asked.at("labelSelector")),
        ..RequestInfo::default()
    }
}

/// A selector as a request would send it. Of requirements those with one value count, as in a field selector.
fn selector(selector: &Value) -> String {
    let requirement = |one: &Value| match (one.text("operator"), one.list("values")) {
        ("In", [Value::String(value)]) => Some(format!("{}={value}", one.text("key"))),
        ("NotIn", [Value::String(value)]) => Some(format!("{}!={value}", one.text("key"))),
        _ => None,
    };
    match selector.text("rawSelector") {
        "" => selector.list("requirements").iter().filter_map(requirement).collect::<Vec<_>>().join(","),
        raw => raw.to_owned(),
    }
}

/// Answers a `SelfSubjectRulesReview`: what may I do in a namespace?
pub(super) fn rules(call: &mut Call<'_>, row: &Arc<Resource>, mut review: Value) -> Result<Value, Stop> {
    admit(call, row, review.clone())?;
    let namespace = review.text("spec.namespace");
    if namespace.is_empty() {
        return Err(Status::bad_request("no namespace on request").into());
    }
    let found = call.authorizers.rules(call.knowledge, call.request.user(), namespace);
    let mut resources = Vec::new();
    let mut others = Vec::new();
    for rule in &found.rules {
        if !rule.non_resource_urls.is_empty() {
            others.push(json!({"verbs": rule.verbs, "nonResourceURLs": rule.non_resource_urls}));
        }
        if !rule.resources.is_empty() {
            let mut told =
                json!({"verbs": rule.verbs, "apiGroups": rule.api_groups, "resources": rule.resources});
            if !rule.resource_names.is_empty() {
                told.set("resourceNames", json!(rule.resource_names));
            }
            resources.push(told);
        }
    }
    let mut status =
        json!({"resourceRules": resources, "nonResourceRules": others, "incomplete": found.incomplete});
    if !found.errors.is_empty() {
        status.set("evaluationError", found.errors.join("\n"));
    }
    review.set("status", status);
    Ok(review)
}
