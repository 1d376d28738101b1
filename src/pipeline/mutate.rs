//! Plugins that change the write. 403, 500, a webhook's own.

use super::{Call, Draft, chain};
use crate::admit::Stop;
use crate::api::Stage;

/// A write that every plugin has had its chance to change.
pub struct Mutated(Draft);

impl Mutated {
    /// Lets whoever stores it fill in what is the server's alone to say: uid, time, a generated name.
    ///
    /// # Errors
    /// What `fill` says.
    pub fn complete(&mut self, fill: impl FnOnce(&mut Draft) -> Result<(), Stop>) -> Result<(), Stop> {
        fill(&mut self.0)
    }

    pub(super) fn into_draft(self) -> Draft {
        self.0
    }
}

/// Takes a draft through the plugins that change.
///
/// # Errors
/// A plugin refuses, or waits for a webhook.
pub fn mutate(call: &mut Call<'_>, mut draft: Draft) -> Result<Mutated, Stop> {
    chain::run(call, &mut draft, Stage::Mutate)?;
    Ok(Mutated(draft))
}
