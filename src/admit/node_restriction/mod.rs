//! NodeRestriction: a kubelet writes its own node, and the pods bound to it, and nothing else
//! (`plugin/pkg/admission/noderestriction`).

mod certificates;
mod nodes;
mod pods;
mod tokens;

use super::{Cx, Operation, Outcome, Review, Run, Stop, Verdict};
use crate::api::Dig;
use crate::api::differences::NODE_REQUESTS_AND_SLICES;
use crate::authorize::node::node_of;

/// What the plugin does.
pub(super) const RUN: Run = Run { admit: Some(admit), ..Run::NOTHING };

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let user = review.user.clone();
    let Some(node) = node_of(&user).filter(|_| review.operation != Operation::Connect) else {
        return Ok(Verdict::Skipped);
    };
    if node.is_empty() {
        return Err(review.forbidden(format!("could not determine node from user \"{}\"", user.name)));
    }
    let row = review.resource.clone();
    let later = cx.version.has(NODE_REQUESTS_AND_SLICES);
    match (&*row.group, &*row.name, &*row.subresource) {
        ("", "pods", "") => pods::pod(cx, review, node),
        ("", "pods", "status") => pods::status(review, node),
        ("", "pods", "eviction") => pods::eviction(cx, review, node),
        ("", "pods", other) => Err(review.forbidden(format!(
            "unexpected pod subresource \"{other}\", only 'status' and 'eviction' are allowed"
        ))),
        ("", "nodes", _) => nodes::node(cx, review, node),
        ("", "persistentvolumeclaims", "status") => claim_status(review, node),
        ("", "persistentvolumeclaims", _) => Err(review.forbidden("may only update PVC status")),
        ("", "serviceaccounts", "token") => tokens::token(cx, review, node),
        ("coordination.k8s.io", "leases", _) => lease(review, node),
        ("storage.k8s.io", "csinodes", _) => named_alike(review, node, "CSINode"),
        ("certificates.k8s.io", "certificatesigningrequests", "") if later => {
            certificates::request(review, node)
        }
        ("certificates.k8s.io", "podcertificaterequests", _) => certificates::pod_request(cx, review, node),
        ("resource.k8s.io", "resourceslices", _) if later => slice(review, node),
        _ => return Ok(Verdict::Skipped),
    }?;
    Ok(Verdict::Passed(format!("node {node} may write this")))
}

/// Refuses what a node must not do.
fn refuse(review: &Review, unless: bool, why: impl FnOnce() -> String) -> Result<(), Stop> {
    if unless { Ok(()) } else { Err(review.forbidden(why())) }
}

fn unexpected(review: &Review) -> Stop {
    review.forbidden(format!("unexpected operation \"{}\"", review.operation.word()))
}

/// The name of the object, which a create's request doesn't tell.
fn object_name(review: &Review) -> &str {
    match review.operation {
        Operation::Create if !review.object.name().is_empty() => review.object.name(),
        Operation::Create | Operation::Update | Operation::Delete | Operation::Connect => &review.name,
    }
}

fn named_alike(review: &Review, node: &str, kind: &str) -> Result<(), Stop> {
    refuse(review, object_name(review) == node, || {
        format!("can only access {kind} with the same name as the requesting node")
    })
}

fn lease(review: &Review, node: &str) -> Result<(), Stop> {
    refuse(review, review.namespace() == "kube-node-lease", || {
        "can only access leases in the \"kube-node-lease\" system namespace".to_owned()
    })?;
    named_alike(review, node, "node lease")
}

/// Capacity and conditions are the kubelet's to write.
fn claim_status(review: &Review, node: &str) -> Result<(), Stop> {
    let Some(old) = review.old.as_ref().filter(|_| review.operation == Operation::Update) else {
        return Err(unexpected(review));
    };
    let bare = |claim: &crate::json::Value| {
        let mut claim = claim.clone();
        for field in [
            "metadata.resourceVersion",
            "metadata.managedFields",
            "status.capacity",
            "status.conditions",
            "status.allocatedResourceStatuses",
            "status.allocatedResources",
        ] {
            claim.take_out(field);
        }
        claim
    };
    refuse(review, bare(old) == bare(&review.object), || {
        format!(
            "node \"{node}\" is not allowed to update fields other than status.capacity and status.conditions: "
        )
    })
}

fn slice(review: &Review, node: &str) -> Result<(), Stop> {
    let (slice, verb) = match review.operation {
        Operation::Create => (&review.object, "create"),
        Operation::Delete => (review.old.as_deref().unwrap_or(&review.object), "delete"),
        Operation::Update | Operation::Connect => return Ok(()),
    };
    refuse(review, slice.text("spec.nodeName") == node, || {
        format!("can only {verb} ResourceSlice with the same NodeName as the requesting node")
    })
}
