//! PodTopologyLabels: a pod bears its node's zone and region (`plugin/pkg/admission/podtopologylabels`).

use super::{Cx, Operation, Outcome, Review, Run, Verdict};
use crate::api::Dig;

/// What the plugin does.
pub(super) const RUN: Run = Run { admit: Some(admit), ..Run::NOTHING };

const LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let node = if review.is("", "pods") {
        review.object.text("spec.nodeName")
    } else if review.is_subresource("", "pods", "binding") && review.object.text("target.kind") == "Node" {
        review.object.text("target.name")
    } else {
        ""
    };
    let new = review.operation == Operation::Create && !node.is_empty();
    if !new || !cx.config.feature("PodTopologyLabelsAdmission") {
        return Ok(Verdict::Skipped);
    }
    let Some(node) = cx.cache.get("nodes", "", node) else {
        return Ok(Verdict::Skipped);
    };
    let mut set = Vec::new();
    for label in LABELS {
        if let (Some(value), None) = (node.label(label), review.object.label(label)) {
            review.object.make("metadata.labels")[label] = value.into();
            set.push(label);
        }
    }
    Ok(match set.is_empty() {
        true => Verdict::Skipped,
        false => Verdict::Changed(format!("it gets its node's {}", set.join(", "))),
    })
}
