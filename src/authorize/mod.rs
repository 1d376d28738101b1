//! May they? The authorizers (`apiserver/pkg/authorization`), asked in the order of `--authorization-mode`.
//!
//! `system:masters` may do anything, before any mode is asked. An authorizer allows, denies, or has no opinion; the
//! first opinion counts, and none at all is a 403 with the reasons of all of them; or a 500 with the errors, where one of
//! them could not say (a webhook that does not answer).

pub(crate) mod abac;
pub(crate) mod aggregation;
mod chain;
mod explain;
mod mode;
pub(crate) mod node;
pub(crate) mod rbac;

pub use chain::{Authorized, Authorizers, Knowledge, Said, ask, authorize};
pub use explain::{Sight, explain};
pub use mode::Mode;

use crate::api::{Decision, Refusal, Resource, User, Version};
use crate::delegate::Questions;
use serde_json::Value;

/// Whether a write to a role or a binding hands out more than its writer holds; what lets it through is told in a few
/// words.
#[expect(clippy::too_many_arguments, reason = "the facts of a write, each of another owner")]
pub fn escalation(
    authorizers: &Authorizers,
    knowledge: &Knowledge,
    outside: &Questions,
    version: Version,
    user: &User,
    resource: &Resource,
    namespace: &str,
    old: Option<&Value>,
    new: &Value,
) -> Result<String, Refusal> {
    let write = rbac::Write { version, user, resource: resource.name, namespace, old, new };
    rbac::escalation::check(knowledge.rbac(), &write, &mut |attributes| {
        authorizers.decide(knowledge, outside, attributes).decision == Decision::Allow
    })
}
