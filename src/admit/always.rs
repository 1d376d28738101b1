//! AlwaysAdmit and AlwaysDeny: plugins of early days (`plugin/pkg/admission/admit`, `…/deny`).

use super::{Cx, Outcome, Review, Run};

/// AlwaysAdmit says nothing to anything.
pub(super) const ADMIT: Run = Run::NOTHING;

/// AlwaysDeny refuses every write, already where writes are changed.
pub(super) const DENY: Run = Run { admit: Some(deny), validate: Some(deny), ..Run::NOTHING };

fn deny(_: &mut Cx<'_>, review: &mut Review) -> Outcome {
    Err(review.forbidden("admission control is denying all modifications"))
}
