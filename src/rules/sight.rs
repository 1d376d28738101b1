//! What a rule sees: `self`, and `oldSelf` (`validationActivation`).

use crate::api::{Attributes, Decision};
use crate::cel::{Activation, Val};

/// What a rule sees.
#[derive(Clone)]
pub(super) struct Sight {
    pub(super) value: Val,
    pub(super) old: Option<Val>,
    /// Whether the value before is one that may be absent.
    pub(super) optional: bool,
}

impl Activation for Sight {
    fn variable(&self, name: &str) -> Option<Result<Val, String>> {
        match name {
            "self" => Some(Ok(self.value.clone())),
            "oldSelf" if self.optional => Some(Ok(Val::Optional(self.old.clone().map(Box::new)))),
            "oldSelf" => self.old.clone().map(Ok),
            _ => None,
        }
    }

    fn authorize(&self, _: &Attributes) -> (Decision, String) {
        (Decision::NoOpinion, String::new())
    }
}
