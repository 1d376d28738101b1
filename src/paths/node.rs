//! What the access graph is made of.

use crate::api::rbac::Who;
use std::sync::Arc;

/// The rights of whoever may do anything are the first role.
pub(super) const EVERYTHING: usize = 0;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    /// A user or a group.
    Subject { who: Who, acting: Acting },
    /// A role in a place, by its number; the empty place is the whole cluster.
    Held { role: usize, place: Arc<str>, acting: Acting },
    /// Any of a kind, in a place.
    Any(Kind, Arc<str>),
    /// A pod.
    Pod(Arc<str>, String),
    /// A secret with a token.
    Secret(Arc<str>, String),
    /// A node of the cluster.
    Machine(String),
    /// What is asked about.
    Target,
}

/// Whether somebody else acts as whoever it is. Who acts can't act as another one then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Acting {
    /// It is they.
    Not,
    /// Somebody acts, with all that they may.
    Fully,
    /// Somebody acts for some verbs only, by the number of the [lender](super::lent::Lender).
    For(usize),
}

impl Acting {
    /// Whether the right to act as users is one to act as whoever has that name: to act as an account is a right of its own, and
    /// so it is to act as a node where it is for some verbs only.
    pub(super) fn is_as_user(self, name: &str) -> bool {
        let is_node = machine_of(name).is_some();
        crate::api::service_account(name).is_none() && (self == Acting::Fully || !is_node)
    }
}

/// What there may be any of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Accounts,
    /// Accounts as whom somebody acts.
    ActingAccounts(Acting),
    Pods,
    Secrets,
    Machines,
    /// Users as whom somebody acts.
    ActingUsers(Acting),
    ActingGroups(Acting),
    /// Names that a certificate may hold.
    Certified,
}

/// The group of all nodes.
pub(super) const NODES: &str = "system:nodes";

/// The node that a user is.
pub(super) fn machine_of(user: &str) -> Option<&str> {
    user.strip_prefix("system:node:").filter(|name| !name.is_empty())
}

/// The user that an account is.
pub(super) fn account_user(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}
