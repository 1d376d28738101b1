//! Who is somebody? (`pkg/registry/authentication`)

use super::admit;
use crate::admit::Stop;
use crate::api::resources::Resource;
use crate::api::{Dig, Status, time};
use crate::authenticate::{Notes, Sight};
use crate::json::{Value, json};
use crate::pipeline::Call;
use std::sync::Arc;

/// Answers a `SelfSubjectReview`.
pub(super) fn whoami(call: &mut Call<'_>, row: &Arc<Resource>, mut review: Value) -> Result<Value, Stop> {
    admit(call, row, review.clone())?;
    review.set("metadata.creationTimestamp", time(call.now));
    review.set("status", json!({"userInfo": call.request.user()}));
    Ok(review)
}

/// Answers a `TokenReview`.
pub(super) fn token(call: &mut Call<'_>, row: &Arc<Resource>, mut review: Value) -> Result<Value, Stop> {
    admit(call, row, review.clone())?;
    let text = review.text("spec.token").to_owned();
    if text.is_empty() {
        return Err(Status::bad_request("token is required for TokenReview in authentication").into());
    }
    if !review.namespace().is_empty() {
        return Err(Status::bad_request("namespace is not allowed on this type").into());
    }
    let asked: Vec<String> =
        review.list("spec.audiences").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let audiences = Some(asked.as_slice()).filter(|list| !list.is_empty());
    let mut notes = Notes::default();
    let mut sight = Sight {
        objects: call.store.objects(),
        now: call.outside.now(),
        recognised: &mut *call.recognised,
        outside: call.outside,
    };
    let found = call.authenticators.bearer.token(&text, audiences, &mut sight, &mut notes);
    call.trace.audit.append(&mut notes.audit);
    let status = match found {
        Ok(found) => {
            json!({"authenticated": true, "user": found.user.authenticated(), "audiences": found.audiences})
        }
        Err(why) => json!({"user": {}, "error": why}),
    };
    review.set("status", status);
    Ok(review)
}
