//! Nobody hands out more than they hold. 403, 404.

use super::mutate::Mutated;
use super::{Call, Draft};
use crate::admit::Stop;
use crate::api::{By, Outcome, Stage};
use crate::authorize;

/// A write that hands out no more than its writer holds.
pub struct Contained(Draft);

impl Contained {
    /// The write.
    pub fn draft(&self) -> &Draft {
        &self.0
    }

    pub(super) fn into_draft(self) -> Draft {
        self.0
    }
}

/// Looks whether a write to a role or a binding hands out more than its writer holds.
pub fn escalate(call: &mut Call<'_>, mutated: Mutated) -> Result<Contained, Stop> {
    let draft = mutated.into_draft();
    let review = &draft.review;
    let grants =
        review.resource.group == "rbac.authorization.k8s.io" && review.resource.subresource.is_empty();
    if !grants || !review.writes() {
        return Ok(Contained(draft));
    }
    let checked = authorize::escalation(
        call.authorizers,
        call.knowledge,
        call.outside,
        call.version,
        &review.user,
        review.resource,
        review.namespace(),
        review.old.as_deref(),
        &review.object,
    );
    match checked {
        Ok(text) => {
            call.found(Stage::Escalate, By::Escalation, Outcome::Passed, text);
            Ok(Contained(draft))
        }
        Err(refusal) => Err(call.stop(Stage::Escalate, By::Escalation, refusal)),
    }
}
