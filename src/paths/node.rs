//! What the access graph is made of.

use crate::api::rbac::Who;
use std::sync::Arc;

/// The rights of whoever may do anything are the first role.
pub(super) const EVERYTHING: usize = 0;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    /// A user or a group; acting: as whom somebody else acts, who can't act as another one then.
    Subject { who: Who, acting: bool },
    /// A role in a place, by its number; the empty place is the whole cluster.
    Held { role: usize, place: Arc<str>, acting: bool },
    /// Any of a kind, in a place.
    Any(Kind, Arc<str>),
    /// A pod.
    Pod(Arc<str>, String),
    /// A secret with a token.
    Secret(Arc<str>, String),
    /// A node of the cluster.
    Machine(String),
    /// A user as whom somebody acts, for some verbs only.
    Limited(String),
    /// What is asked about.
    Target,
}

/// What there may be any of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Accounts,
    /// Accounts as whom somebody acts.
    ActingAccounts,
    Pods,
    Secrets,
    Machines,
    /// Users as whom somebody acts.
    ActingUsers,
    ActingGroups,
    /// Names that a certificate may hold.
    Certified,
}

/// The user that an account is.
pub(super) fn account_user(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}
