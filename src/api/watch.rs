//! What a watch asks for; an answer that is never complete.

use super::negotiate::Accepted;
use super::resources::Resource;
use super::selector::{FieldSelector, LabelSelector};
use std::sync::Arc;

/// Where a watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// With everything that is there, as additions.
    Now,
    /// After a revision.
    After(u64),
}

/// A watch that was granted.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// The row of the resource table.
    pub row: Arc<Resource>,
    /// Under which name the objects are stored.
    pub kept: String,
    /// The namespace; empty for all.
    pub namespace: String,
    /// The one name that is watched; empty for all.
    pub name: String,
    /// Which labels.
    pub labels: LabelSelector,
    /// Which fields.
    pub fields: FieldSelector,
    /// Where it begins.
    pub from: From,
    /// Whether a bookmark ends what was there at the beginning (`sendInitialEvents`).
    pub marks_initial: bool,
    /// How long it goes on at most.
    pub seconds: u64,
    /// The form of the objects.
    pub accepted: Accepted,
}
