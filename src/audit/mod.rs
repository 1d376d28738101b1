//! The audit log: what was asked, by whom, and what came of it (`apiserver/pkg/audit`, `endpoints/filters/audit.go`).
//!
//! [`policy`] says how much of which requests is told, [`event`] tells it, [`seen`] reads it. A cluster collects events where its
//! configuration has a policy; who takes them out of it writes them down.

mod event;
mod policy;
mod seen;

#[cfg(test)]
mod tests;

pub(crate) use event::{Audited, Stage};
pub(crate) use policy::Policy;
pub(crate) use seen::{Seen, of_line};
