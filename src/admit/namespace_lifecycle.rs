//! NamespaceLifecycle: no objects in namespaces that aren't there or are going, and three namespaces that never go
//! (`apiserver/pkg/admission/plugin/namespace/lifecycle`).

use super::{Cx, Operation, Outcome, Review, Run, Stop, Verdict};
use crate::api::{Dig, Fact};
use crate::json::{Value, json};
use std::sync::Arc;

/// What the plugin does.
pub(super) const RUN: Run = Run { admit: Some(admit), ..Run::NOTHING };

/// The namespaces that may not be deleted.
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

/// How long after a namespace's deletion the cache isn't believed, in seconds.
const FORCE_LIVE_LOOKUP: i64 = 30;

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let of_namespaces = review.is_kind("", "Namespace");
    if of_namespaces && review.operation == Operation::Delete && IMMORTAL.contains(&review.name.as_str()) {
        return Err(review.forbidden("this namespace may not be deleted"));
    }
    // Of an access review a refusal would tell whether the namespace is there.
    let access_review = review.is("authorization.k8s.io", "localsubjectaccessreviews");
    if of_namespaces || review.namespace().is_empty() || !review.writes() || access_review {
        return Ok(Verdict::Skipped);
    }
    let namespace = current(cx, review.namespace())?;
    if review.operation == Operation::Create && namespace.text("status.phase") == "Terminating" {
        return Err(terminating(review));
    }
    Ok(Verdict::Passed(format!("namespace {} is there", review.namespace())))
}

fn current(cx: &Cx<'_>, name: &str) -> Result<Arc<Value>, Stop> {
    let live = cx.live.get("namespaces", "", name);
    let deleted =
        live.and_then(|live| live.text("metadata.deletionTimestamp").parse::<jiff::Timestamp>().ok());
    match (live, deleted) {
        (Some(live), Some(at)) if cx.now.as_second() - at.as_second() < FORCE_LIVE_LOOKUP => Ok(live.clone()),
        _ => cx.namespace(name),
    }
}

fn terminating(review: &Review) -> Stop {
    let namespace = review.namespace();
    let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
    let fact = Fact::Namespace {
        namespace: namespace.to_owned(),
        phase: Some("Terminating".to_owned()),
        nearest: None,
    };
    let mut refusal = review.refusal(fact, why);
    refusal.status.details["causes"] = json!([{
        "reason": "NamespaceTerminating",
        "message": format!("namespace {namespace} is being terminated"),
        "field": "metadata.namespace",
    }]);
    refusal.into()
}
