//! What is created only to be answered, and never stored: access reviews, token reviews, tokens.

mod access;
mod subject;
mod token;

use crate::admit::{Operation, Stop};
use crate::api::resources::Resource;
use crate::api::{By, Dig, Outcome, Response, Stage};
use crate::json::Value;
use crate::pipeline::{self, AsDrafted, Call, Draft, Served, as_version, body, key_of};
use std::sync::Arc;

/// Whether objects of this resource are answered and forgotten.
pub(super) fn is_virtual(row: &Resource) -> bool {
    reviewer(row).is_some()
}

/// How a review is answered: the object with its status.
type Reviewer = fn(&mut Call<'_>, &Arc<Resource>, Value) -> Result<Value, Stop>;

fn reviewer(row: &Resource) -> Option<Reviewer> {
    Some(match (&*row.group, &*row.name, &*row.subresource) {
        ("authorization.k8s.io", "selfsubjectrulesreviews", "") => access::rules,
        ("authorization.k8s.io", _, "") => access::access,
        ("authentication.k8s.io", "selfsubjectreviews", "") => subject::whoami,
        ("authentication.k8s.io", "tokenreviews", "") => subject::token,
        ("", "serviceaccounts", "token") => token::request,
        _ => return None,
    })
}

/// Answers a review.
pub(super) fn serve(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let Some(reviewer) = reviewer(row) else { return Err(crate::api::Status::no_such_method().into()) };
    let mut object = body(call, row)?;
    if row.namespaced && row.subresource.is_empty() {
        super::create::in_namespace(&mut object, &call.request.info().namespace)?;
    }
    let answer = reviewer(call, row, object)?;
    call.found(Stage::Store, By::Store, Outcome::Passed, "answered, not stored");
    Ok(Response::json(201, as_version(&answer, row, call.version)))
}

/// Takes a review through the plugins.
fn admit(call: &mut Call<'_>, row: &Arc<Resource>, object: Value) -> Result<(), Stop> {
    let draft = draft(call, row, object);
    pipeline::admit(call, draft, &mut AsDrafted).map(drop)
}

/// A review as it was sent.
fn draft(call: &Call<'_>, row: &Arc<Resource>, object: Value) -> Draft {
    let info = call.request.info();
    let key = key_of(row, info, if info.name.is_empty() { object.name() } else { &info.name });
    Draft::new(call, row, Operation::Create, key).object(object)
}
