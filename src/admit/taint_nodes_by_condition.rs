//! TaintNodesByCondition: a new node takes no pods until it is ready (`plugin/pkg/admission/nodetaint`).

use super::{Cx, Operation, Outcome, Review, Run, Verdict};
use crate::api::Dig;
use serde_json::json;

/// What the plugin does.
pub(super) const RUN: Run = Run {
    sees: |_, review| review.operation == Operation::Create && review.is("", "nodes"),
    admit: Some(admit),
    ..Run::NOTHING
};

const NOT_READY: &str = "node.kubernetes.io/not-ready";

fn admit(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let mut taints = review.object.list("spec.taints").to_vec();
    let is_there =
        |taint: &serde_json::Value| taint.text("key") == NOT_READY && taint.text("effect") == "NoSchedule";
    if taints.iter().any(is_there) {
        return Ok(Verdict::Skipped);
    }
    taints.push(json!({"key": NOT_READY, "effect": "NoSchedule"}));
    review.object.set("spec.taints", taints);
    Ok(Verdict::Changed("it is tainted as not ready".to_owned()))
}
