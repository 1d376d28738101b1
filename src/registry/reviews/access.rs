//! May somebody? (`pkg/registry/authorization`)

use super::admit;
use crate::admit::Stop;
use crate::api::resources::Resource;
use crate::api::selector::{FieldSelector, LabelSelector};
use crate::api::{Attributes, Decision, Dig, RequestInfo, Status, User, Version, time};
use crate::json::{Value, json};
use crate::kinds::access_reviews;
use crate::pipeline::{Call, manager};
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
    let (info, ignored) = question(&review, call.version);
    let said = call.decide(&Attributes { user, info });
    let mut status = json!({"allowed": said.decision == Decision::Allow});
    if said.decision == Decision::Deny {
        status.set("denied", true);
    }
    let reason = said.reason();
    if !reason.is_empty() {
        status.set("reason", reason);
    }
    let why: Vec<String> = said.error.into_iter().chain(ignored).collect();
    if !why.is_empty() {
        status.set("evaluationError", why.join("; "));
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
                (
                    key.to_string(),
                    texts(values.as_array().map(crate::json::List::as_slice).unwrap_or_default()),
                )
            })
            .collect(),
    }
}

/// The request that a review asks about, and what of its selectors could not be understood.
fn question(review: &Value, version: Version) -> (RequestInfo, Vec<String>) {
    let other = review.at("spec.nonResourceAttributes");
    if !other.is_null() {
        let verb = other.text("verb").to_owned();
        return (
            RequestInfo { verb, path: other.text("path").to_owned(), ..RequestInfo::default() },
            Vec::new(),
        );
    }
    let asked = review.at("spec.resourceAttributes");
    let text = |field: &str| asked.text(field).to_owned();
    let mut ignored = Vec::new();
    let mut selector = |field: &str, read: Read<'_>| {
        let (text, understood) = read(asked.at(field));
        if !understood {
            let part = if text.is_empty() { "" } else { "partially " };
            ignored.push(format!("spec.resourceAttributes.{field} {part}ignored due to parse error"));
        }
        text
    };
    let field_selector = selector("fieldSelector", &fields);
    let label_selector = selector("labelSelector", &|one| labels(one, version));
    let info = RequestInfo {
        is_resource: true,
        verb: text("verb"),
        group: text("group"),
        version: text("version"),
        resource: text("resource"),
        subresource: text("subresource"),
        namespace: text("namespace"),
        name: text("name"),
        field_selector,
        label_selector,
        ..RequestInfo::default()
    };
    (info, ignored)
}

/// Reads a selector of a review: as a request would send it, and whether all of it was understood.
type Read<'a> = &'a dyn Fn(&Value) -> (String, bool);

/// Only requirements with one value are known of fields (`fieldSelectorAsSelector`).
fn fields(selector: &Value) -> (String, bool) {
    let raw = selector.text("rawSelector");
    if !raw.is_empty() {
        return written(raw, FieldSelector::parse(raw).is_ok());
    }
    joined(selector, |key, operator, values| match (operator, values) {
        ("In", [value]) => Some(format!("{key}={}", FieldSelector::escape(value))),
        ("NotIn", [value]) => Some(format!("{key}!={}", FieldSelector::escape(value))),
        _ => None,
    })
}

/// `labelSelectorAsSelector`.
fn labels(selector: &Value, version: Version) -> (String, bool) {
    let raw = selector.text("rawSelector");
    if !raw.is_empty() {
        return written(raw, LabelSelector::parse(raw, version).is_ok());
    }
    joined(selector, |key, operator, values| match operator {
        "In" => Some(format!("{key} in ({})", values.join(","))),
        "NotIn" => Some(format!("{key} notin ({})", values.join(","))),
        "Exists" => Some(key.to_owned()),
        "DoesNotExist" => Some(format!("!{key}")),
        _ => None,
    })
}

fn written(raw: &str, understood: bool) -> (String, bool) {
    (if understood { raw.to_owned() } else { String::new() }, understood)
}

fn joined(selector: &Value, read: impl Fn(&str, &str, &[&str]) -> Option<String>) -> (String, bool) {
    let requirements = selector.list("requirements");
    let read = |one: &Value| {
        let values: Vec<&str> = one.list("values").iter().filter_map(Value::as_str).collect();
        read(one.text("key"), one.text("operator"), &values)
    };
    let terms: Vec<String> = requirements.iter().filter_map(read).collect();
    (terms.join(","), terms.len() == requirements.len())
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
