//! TaintNodesByCondition: a new node takes no pods until it is ready (`plugin/pkg/admission/nodetaint`).

use super::{Cx, Operation, Outcome, Review, Run, Verdict};
use crate::api::Dig;
use crate::json::json;

/// What the plugin does.
pub(super) const RUN: Run = Run {
    sees: |_, review| review.operation == Operation::Create && review.is("", "nodes"),
    admit: Some(admit),
    ..Run::NOTHING
};

const NOT_READY: &str = "node.kubernetes.io/not-ready";

fn admit(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let is_there =
        |taint: &crate::json::Value| taint.text("key") == NOT_READY && taint.text("effect") == "NoSchedule";
    if review.object.list("spec.taints").iter().any(is_there) {
        return Ok(Verdict::Skipped);
    }
    review.object.push("spec.taints", json!({"key": NOT_READY, "effect": "NoSchedule"}));
    Ok(Verdict::Changed("it is tainted as not ready".to_owned()))
}
