//! DenyServiceExternalIPs: no service that claims an address of its own choice
//! (`plugin/pkg/admission/network/denyserviceexternalips`).

use super::{Cx, Outcome, Review, Run, Verdict};
use crate::api::Dig;

/// What the plugin does.
pub(super) const RUN: Run = Run {
    sees: |_, review| review.writes() && review.is("", "services"),
    validate: Some(validate),
    ..Run::NOTHING
};

fn validate(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let had = review.old.as_ref().map(|old| old.list("spec.externalIPs")).unwrap_or_default();
    let wants = review.object.list("spec.externalIPs");
    match wants.iter().all(|ip| had.contains(ip)) {
        true => Ok(Verdict::Passed("no new external address".to_owned())),
        false => Err(review.forbidden("Use of external IPs is denied by admission control")),
    }
}
