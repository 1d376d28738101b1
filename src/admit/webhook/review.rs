//! What a webhook is sent: an AdmissionReview with a request (`…/request/admissionreview.go`).

use crate::admit::{Review, matching};
use crate::api::{Dig, Resource};
use serde_json::{Value, json};

/// The AdmissionReview of a write, as if it were made under a row.
pub(super) fn admission_review(review: &Review, row: &Resource, uid: &str, version: &str) -> Value {
    let asked = review.resource;
    let mut request = json!({
        "uid": uid,
        "kind": kind(row),
        "resource": resource(row),
        "requestKind": kind(asked),
        "requestResource": resource(asked),
        "operation": matching::operation(review.operation),
        "userInfo": review.user,
        "object": converted(&review.object, row),
        "oldObject": review.old.as_deref().map_or(Value::Null, |old| converted(old, row)),
        "dryRun": review.dry_run,
        "options": review.options,
    });
    let texts = [
        ("subResource", row.subresource),
        ("requestSubResource", asked.subresource),
        ("name", review.name.as_str()),
        ("namespace", matching::namespace(review)),
    ];
    for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        request.set(key, text);
    }
    json!({"kind": "AdmissionReview", "apiVersion": format!("admission.k8s.io/{version}"), "request": request})
}

/// An object under the version of a row.
pub(super) fn converted(object: &Value, row: &Resource) -> Value {
    let mut object = object.clone();
    if !object.is_null() {
        object.set("apiVersion", row.kind_api_version());
        object.set("kind", row.kind);
    }
    object
}

fn kind(row: &Resource) -> Value {
    json!({"group": row.kind_group, "version": row.kind_version, "kind": row.kind})
}

fn resource(row: &Resource) -> Value {
    json!({"group": row.group, "version": row.version, "resource": row.name})
}
