//! Who is somebody? (`pkg/registry/authentication`)

use super::super::Call;
use super::admit;
use crate::admit::Stop;
use crate::api::resources::Resource;
use crate::api::{Dig, Status};
use crate::authenticate::Notes;
use crate::authorize::Authorized;
use serde_json::{Value, json};

/// Answers a `SelfSubjectReview`.
pub(super) fn whoami(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    mut review: Value,
) -> Result<Value, Stop> {
    admit(call, request, row, review.clone())?;
    review.set("metadata.creationTimestamp", super::super::time(call.now));
    review.set("status", json!({"userInfo": request.user()}));
    Ok(review)
}

/// Answers a `TokenReview`.
pub(super) fn token(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    mut review: Value,
) -> Result<Value, Stop> {
    admit(call, request, row, review.clone())?;
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
    let bearer = &call.authenticators.bearer;
    let mut notes = Notes::default();
    let found = bearer.token(&text, audiences, call.store.objects(), call.now, &mut notes);
    call.trace.audit.append(&mut notes.audit);
    let status = match found {
        Ok(found) => {
            let ours = call.config.audiences();
            let audiences = match (found.audiences.is_empty(), audiences) {
                // A static token is for the server itself.
                (true, None) => Some(ours.to_vec()),
                (true, Some(asked)) => {
                    let both: Vec<String> = asked.iter().filter(|one| ours.contains(one)).cloned().collect();
                    (!both.is_empty()).then_some(both)
                }
                (false, _) => Some(found.audiences),
            };
            match audiences {
                Some(audiences) => {
                    json!({"authenticated": true, "user": found.user.authenticated(), "audiences": audiences})
                }
                None => json!({"user": {}, "error": "invalid bearer token"}),
            }
        }
        Err(why) => json!({"user": {}, "error": why}),
    };
    review.set("status", status);
    Ok(review)
}
