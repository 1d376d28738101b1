//! Nobody hands out more than they hold. 403, 404.

use super::mutate::Mutated;
use super::{Call, Draft};
use crate::admit::Stop;
use crate::api::{By, Decision, Outcome, Stage};
use crate::authorize::rbac::{Write, escalation};

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
///
/// # Errors
/// 403: it hands out more. 404: the role is not there.
pub fn escalate(call: &mut Call<'_>, mutated: Mutated) -> Result<Contained, Stop> {
    let draft = mutated.into_draft();
    let review = &draft.review;
    let grants =
        review.resource.group == "rbac.authorization.k8s.io" && review.resource.subresource.is_empty();
    if !grants || !review.writes() {
        return Ok(Contained(draft));
    }
    let write = Write {
        version: call.version,
        user: &review.user,
        resource: &review.resource.name,
        namespace: review.namespace(),
        old: review.old.as_deref(),
        new: &review.object,
    };
    let checked = escalation::check(call.knowledge.rbac(), &write, &mut |attributes| {
        call.decide(attributes).decision == Decision::Allow
    });
    let text = call.checked(Stage::Escalate, By::Escalation, checked)?;
    call.found(Stage::Escalate, By::Escalation, Outcome::Passed, text);
    Ok(Contained(draft))
}
