//! Access reviews (`pkg/apis/authorization/validation`): what may be asked. They are answered and never stored.

use super::parts::meta::json_fields;
use crate::api::field::{go_json, quote};
use crate::api::{Dig, Errors, Status, Version};
use serde_json::{Map, Value, json};

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

fn bad_path(review: &Value, detail: &str, errors: &Errors) {
    let (path, verb) = (review.at(OTHER).text("path"), review.at(OTHER).text("verb"));
    errors.invalid_go(
        OTHER,
        format_args!("authorization.NonResourceAttributes{{Path:{}, Verb:{}}}", quote(path), quote(verb)),
        json_fields([("Path", path.into()), ("Verb", verb.into())]),
        detail,
    );
}

fn metadata(review: &Value, local: bool, by: &Writer<'_>, errors: &Errors) {
    let blank = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    let ignored = |key: &str| key == "managedFields" || (local && key == "namespace");
    let given: Vec<(&String, &Value)> = review.entries("metadata").filter(|(_, v)| !blank(v)).collect();
    if given.iter().all(|(key, _)| ignored(key)) {
        return;
    }
    let detail = if local { "must be empty except for namespace" } else { "must be empty" };
    let fields: Vec<String> = given
        .iter()
        .filter(|(key, _)| *key != "managedFields")
        .map(|(key, value)| format!("{}:{}", quote(key), go_json(value)))
        .chain([format!("\"managedFields\":[{}]", managed(review, by))])
        .collect();
    let go = format!("v1.ObjectMeta{{Name:{}}}", quote(review.name()));
    errors.invalid_go("metadata", go, format_args!("{{{}}}", fields.join(",")), detail);
}

fn managed(review: &Value, by: &Writer<'_>) -> String {
    let mut spec = owned(review.at("spec"));
    if let Some(fields) = spec.as_object_mut() {
        // The spec itself is no pointer, so only its fields are owned.
        fields.remove(".");
    }
    json_fields([
        ("manager", by.manager.into()),
        ("operation", "Update".into()),
        ("apiVersion", review.at("apiVersion").clone()),
        ("time", by.now.into()),
        ("fieldsType", "FieldsV1".into()),
        ("fieldsV1", json!({"f:spec": spec})),
    ])
}

/// The fields that a value sets, in the notation of managed fields.
fn owned(value: &Value) -> Value {
    let mut fields = Map::new();
    for (key, value) in value.entries("") {
        let unset = value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty);
        if !unset {
            fields.insert(format!("f:{key}"), owned(value));
        }
    }
    if !fields.is_empty() {
        fields.insert(".".to_owned(), json!({}));
    }
    Value::Object(fields)
}
