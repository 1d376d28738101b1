//! Access reviews (`pkg/apis/authorization/validation`): what may be asked. They are answered and never stored.

use super::field::Field;
use super::parts::meta::json_fields;
use super::parts::selectors::{Unknown, field_requirement, label_requirement};
use crate::api::field::{go_json, quote};
use crate::api::{Dig, Errors, Status, Version};
use crate::json::{Value, json};

const GROUP: &str = "authorization.k8s.io";
const RESOURCE: &str = "spec.resourceAttributes";
const OTHER: &str = "spec.nonResourceAttributes";

/// What else an error may show: who wrote the review's fields, and when.
pub(crate) struct Writer<'a> {
    /// The first part of the client's `User-Agent`, or `unknown`.
    pub manager: &'a str,
    /// The time of the request (RFC 3339).
    pub now: &'a str,
}

/// Whether a review of a resource (`selfsubjectaccessreviews`, …) asks for something that can be answered.
pub(crate) fn validate(
    review: &Value,
    resource: &str,
    by: &Writer<'_>,
    version: Version,
) -> Result<(), Status> {
    let errors = Errors::new(version);
    attributes(review, &errors);
    let asked = Field::of(review, &errors);
    for requirement in selector(asked.child("spec.resourceAttributes.fieldSelector")).items("requirements") {
        field_requirement(requirement, Unknown::Let);
    }
    for requirement in selector(asked.child("spec.resourceAttributes.labelSelector")).items("requirements") {
        label_requirement(requirement, Unknown::Let);
    }
    if resource != "selfsubjectaccessreviews" {
        let nobody = review.text("spec.user").is_empty() && review.list("spec.groups").is_empty();
        if nobody {
            let detail = "at least one of user or group must be specified";
            errors.invalid("spec.user", "", detail);
        }
    }
    let local = resource == "localsubjectaccessreviews";
    metadata(review, local, by, &errors);
    if local {
        let namespace = review.at(RESOURCE).text("namespace");
        if review.has(RESOURCE) && namespace != review.namespace() {
            let detail = "must match metadata.namespace";
            errors.invalid(format_args!("{RESOURCE}.namespace"), namespace, detail);
        }
        if review.has(OTHER) {
            bad_path(review, "disallowed on this kind of request", &errors);
        }
    }
    // The server forgets to name the kind.
    errors.into_status(GROUP, "", "")
}

fn attributes(review: &Value, errors: &Errors) {
    match (review.has(RESOURCE), review.has(OTHER)) {
        (true, true) => {
            bad_path(review, "cannot be specified in combination with resourceAttributes", errors)
        }
        (false, false) => {
            let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
            errors.invalid(RESOURCE, Value::Null, detail);
        }
        (true, false) | (false, true) => {}
    }
}

/// A selector is written, or given as requirements.
fn selector(selector: Field<'_>) -> Field<'_> {
    let raw = selector.child("rawSelector");
    match (raw.text("").is_empty(), selector.list("requirements").is_empty()) {
        (false, false) => raw.invalid("may not specified at the same time as requirements"),
        (true, true) if !selector.is_null() => selector.child("requirements").required(format_args!(
            "when {} is specified, requirements or rawSelector is required",
            selector.path
        )),
        _ => {}
    }
    selector
}

fn bad_path(review: &Value, detail: &str, errors: &Errors) {
    let (path, verb) = (review.at(OTHER).text("path"), review.at(OTHER).text("verb"));
    errors.invalid_go(
        OTHER,
        format_args!("authorization.NonResourceAttributes{{Path:{}, Verb:{}}}", quote(path), quote(verb)),
        json_fields([("Path", path.into()), ("Verb", verb.into())]),
        detail,
    );
}

/// The fields of `ObjectMeta` in Go's order.
const META: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
];

/// The fields of `ObjectMeta` that a manager can own.
const OWNED: &[&str] = &["annotations", "finalizers", "labels"];

fn metadata(review: &Value, local: bool, by: &Writer<'_>, errors: &Errors) {
    let blank = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    let ignored = |key: &str| key == "managedFields" || (local && key == "namespace");
    let given: Vec<_> = review.entries("metadata").filter(|(_, v)| !blank(v)).collect();
    if given.iter().all(|(key, _)| ignored(key)) {
        return;
    }
    let detail = if local { "must be empty except for namespace" } else { "must be empty" };
    let rank = |key: &str| META.iter().position(|known| *known == key);
    let mut told = given.clone();
    told.retain(|(key, _)| *key != "managedFields");
    told.sort_by_key(|(key, _)| rank(key));
    let fields: Vec<String> = told
        .iter()
        .map(|(key, value)| format!("{}:{}", quote(key), go_json(value)))
        .chain([format!("\"managedFields\":[{}]", managed(review, by))])
        .collect();
    let go = format!("v1.ObjectMeta{{Name:{}}}", quote(review.name()));
    errors.invalid_go("metadata", go, format_args!("{{{}}}", fields.join(",")), detail);
}

fn managed(review: &Value, by: &Writer<'_>) -> String {
    let mut fields = json!({"f:spec": owned_fields(review.at("spec"), |_| true)});
    let meta = owned_fields(review.at("metadata"), |field| OWNED.contains(&field));
    if meta.entries("").next().is_some() {
        fields.set("f:metadata", meta);
    }
    json_fields([
        ("manager", by.manager.into()),
        ("operation", "Update".into()),
        ("apiVersion", review.at("apiVersion").clone()),
        ("time", by.now.into()),
        ("fieldsType", "FieldsV1".into()),
        ("fieldsV1", fields),
    ])
}

/// The fields that a struct sets, in the notation of managed fields; the struct itself is no pointer, so it is not owned.
fn owned_fields(value: &Value, counts: impl Fn(&str) -> bool) -> Value {
    let unset = |value: &Value| {
        value.is_null() || value == "" || value.as_array().is_some_and(|list| list.is_empty())
    };
    let set = value.entries("").filter(|(key, value)| counts(key) && !unset(value));
    set.map(|(key, value)| (format!("f:{key}"), owned(value))).collect()
}

/// The same of what is owned itself.
fn owned(value: &Value) -> Value {
    let mut fields = owned_fields(value, |_| true);
    if let Some(fields) = fields.as_object_mut().filter(|fields| !fields.is_empty()) {
        fields.insert(".".to_owned(), json!({}));
    }
    fields
}
