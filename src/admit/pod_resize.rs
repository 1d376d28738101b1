//! What a node must have for a pod's resources to change: PodResizeValidator and NodeDeclaredFeatureValidator
//! (`plugin/pkg/admission/podresize`, `plugin/pkg/admission/nodedeclaredfeatures`).
//!
//! Differs from Kubernetes: of the features that a node may declare, only the one for resources of whole pods is asked for.

use super::{Cx, Operation, Outcome, Refusal, Review, Run, Stop, Verdict, resource_list};
use crate::api::{Dig, Fact, Quantity, Status};
use crate::json::{Value, json};

/// Checks that a pod fits its node after a change of its resources.
pub(super) const CAPACITY: Run = Run { validate: Some(capacity), ..Run::NOTHING };

/// Checks that a node can do what a change of a pod needs.
pub(super) const FEATURES: Run = Run { validate: Some(features), ..Run::NOTHING };

/// The feature of nodes that change the resources of whole pods.
const POD_LEVEL: &str = "InPlacePodLevelResourcesVerticalScaling";

fn capacity(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let Some(old) = review.old.clone().filter(|_| review.is_subresource("", "pods", "resize")) else {
        return Ok(Verdict::Skipped);
    };
    let node = old.text("spec.nodeName");
    let asked = |pod: &Value| {
        let mut asked = resource_list::of_pod(pod, "requests");
        asked.extend(resource_list::read(pod, "spec.resources.requests"));
        asked
    };
    let requests = asked(&review.object);
    if node.is_empty() || requests == asked(&old) {
        return Ok(Verdict::Skipped);
    }
    let Some(found) = cx.find("nodes", "", node) else {
        return Err(review.forbidden(format!("node {node:?} not found")));
    };
    match found.label("kubernetes.io/os") {
        None | Some("linux" | "") => {}
        Some(os) => {
            let why = format!("pod resize is only supported on linux nodes, node {node:?} is {os:?}");
            return Err(refused(review, why, "UnsupportedPlatform"));
        }
    }
    let allocatable = resource_list::read(&found, "status.allocatable");
    for name in ["cpu", "memory"] {
        let amount: fn(&Quantity) -> i64 =
            if name == "cpu" { Quantity::milli_value } else { Quantity::value };
        let (requested, room) = (requests.get(name).map(amount), allocatable.get(name).map_or(0, amount));
        if let Some(requested) = requested.filter(|requested| *requested > room) {
            let why = format!(
                "node didn't have enough allocatable resources: {name}, requested: {requested}, allocatable: {room}"
            );
            return Err(refused(review, why, "NodeCapacity"));
        }
    }
    Ok(Verdict::Passed(format!("it fits {node}")))
}

fn refused(review: &Review, why: String, reason: &str) -> Stop {
    let mut status = Status::forbidden(&review.group_resource(), review.shown_name(), why);
    status.details.set("causes", json!([{"reason": reason}]));
    Stop::Refused(Refusal::new(status, Fact::Object))
}

fn features(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let is_pod = review.is("", "pods") || review.is_subresource("", "pods", "resize");
    let Some(old) = review.old.clone().filter(|_| is_pod && review.operation == Operation::Update) else {
        return Ok(Verdict::Skipped);
    };
    let node = old.text("spec.nodeName");
    let whole = "spec.resources";
    if node.is_empty()
        || review.object.at(whole) == old.at(whole)
        || !["NodeDeclaredFeatures", POD_LEVEL].into_iter().all(|gate| cx.config.feature(gate))
    {
        return Ok(Verdict::Skipped);
    }
    let Some(found) = cx.find("nodes", "", node) else {
        return Err(review.forbidden(format!("node {node:?} not found")));
    };
    if found.list("status.declaredFeatures").iter().any(|feature| feature == POD_LEVEL) {
        return Ok(Verdict::Passed(format!("{node} can do so")));
    }
    Err(review.forbidden(format!(
        "pod update requires features {POD_LEVEL} which are not available on node {node:?}"
    )))
}
