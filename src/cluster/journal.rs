//! What controllers and kubelets did by themselves, for the story of a scenario.

use super::{Moment, Reply};
use jiff::Timestamp;
use std::sync::Arc;

/// A request that nobody typed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which controller made it.
    pub controller: &'static str,
    /// When.
    pub at: Timestamp,
    /// `POST /api/v1/namespaces/a/pods`.
    pub request: String,
    /// What came of it.
    pub reply: Box<Reply>,
    /// Of a refused one, where it is kept: the cluster as the request found it.
    pub moment: Option<Arc<Moment>>,
}
