//! What a webhook is sent: an AdmissionReview with a request (`…/request/admissionreview.go`).

use crate::admit::Review;
use crate::admit::matching::{self, converted};
use crate::api::{Dig, Resource};
use crate::json::{Value, json};

/// The AdmissionReview of a write, as if it were made under a row.
pub(super) fn admission_review(review: &Review, row: &Resource, uid: &str, version: &str) -> Value {
    let mut request = matching::request(review, row);
    request.set("uid", uid);
    request.set("object", converted(&review.object, row));
    request.set("oldObject", review.old.as_deref().map_or(Value::Null, |old| converted(old, row)));
    json!({"kind": "AdmissionReview", "apiVersion": format!("admission.k8s.io/{version}"), "request": request})
}
