//! Plugins that refuse the write. 403, 422, a webhook's own.

use super::validate::Valid;
use super::{Call, Draft, chain};
use crate::admit::Stop;
use crate::api::Stage;

/// A write that may be stored.
///
/// INVARIANT (admitted): its object passed every stage in this very form.
pub struct Admitted(Draft);

impl Admitted {
    /// The write.
    pub fn draft(&self) -> &Draft {
        &self.0
    }

    pub(super) fn into_draft(self) -> Draft {
        self.0
    }
}

/// Takes a valid write through the plugins that refuse.
///
/// # Errors
/// A plugin refuses, or waits for a webhook.
pub fn enforce(call: &mut Call<'_>, valid: Valid) -> Result<Admitted, Stop> {
    let mut draft = valid.into_draft();
    chain::run(call, &mut draft, Stage::Enforce)?;
    Ok(Admitted(draft))
}
