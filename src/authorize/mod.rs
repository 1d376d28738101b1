//! May they? The authorizers (`apiserver/pkg/authorization`), asked in the order of `--authorization-mode`.
//!
//! `system:masters` may do anything, before any mode is asked. An authorizer allows, denies, or has no opinion; the
//! first opinion counts, and none at all is a 403 with the reasons of all of them; or a 500 with the errors, where one of
//! them could not say (a webhook that does not answer).

pub(crate) mod abac;
pub(crate) mod aggregation;
mod chain;
mod explain;
mod flags;
mod mode;
pub(crate) mod node;
pub(crate) mod rbac;
mod said;
mod webhook;

pub use chain::{Authorized, Authorizers, Knowledge, ask, authorize};
pub(crate) use explain::hints;
pub use explain::{Sight, explain};
pub use mode::Mode;
pub use said::Said;
