//! LimitPodHardAntiAffinityTopology: no pod that keeps others away from more than its own node
//! (`plugin/pkg/admission/antiaffinity`).

use super::{Cx, Outcome, Review, Run, Verdict, written_pods};
use crate::api::Dig;

/// What the plugin does.
pub(super) const RUN: Run = Run { sees: written_pods, validate: Some(validate), ..Run::NOTHING };

const HOSTNAME: &str = "kubernetes.io/hostname";

fn validate(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let terms =
        review.object.list("spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution");
    let mut keys = terms.iter().map(|term| term.text("topologyKey"));
    match keys.find(|key| *key != HOSTNAME) {
        Some(key) => Err(review.forbidden(format!(
            "affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey {key} but only key {HOSTNAME} is allowed"
        ))),
        None => Ok(Verdict::Passed("it keeps away from nodes at most".to_owned())),
    }
}
