//! NamespaceAutoProvision: a namespace comes by itself with the first object in it
//! (`plugin/pkg/admission/namespace/autoprovision`).
//!
//! The server makes it as its own client, before the object is admitted: it stays when a later stage refuses the object.

use super::{Cx, Operation, Outcome, Review, Run, Verdict};
use crate::api::{Credential, Dig, Request, User};
use crate::json::json;

/// What the plugin does.
pub(super) const RUN: Run = Run { admit: Some(admit), ..Run::NOTHING };

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let name = review.namespace();
    let elsewhere = name.is_empty() || review.is_kind("", "Namespace");
    // Nothing is made for a dry run; that it would be is enough.
    if review.operation != Operation::Create || elsewhere || review.dry_run {
        return Ok(Verdict::Skipped);
    }
    let request = creation(name);
    if !cx.answers.requested(&request) && cx.find("namespaces", "", name).is_some() {
        return Ok(Verdict::Passed(format!("namespace {name} is there")));
    }
    let made = cx.answers.request(&request)?;
    match made.object().text("reason") {
        _ if made.ok() => Ok(Verdict::Changed(format!("namespace {name} is made"))),
        "AlreadyExists" => Ok(Verdict::Passed(format!("namespace {name} is there"))),
        _ => Err(review.forbidden(made.object().text("message"))),
    }
}

fn creation(name: &str) -> Request {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let server = User::new("system:apiserver", &["system:masters"]);
    let request = Request::new("POST", "/api/v1/namespaces").json(&namespace);
    Request { credential: Credential::Component(server), ..request }
}
