//! Cures: the smallest changes that would turn a refusal.
//!
//! Each one is carried out by an administrator on a fork of the cluster that the request came to, and the request is
//! asked again there; only what turned the verdict is told, with what else it opens. Never cluster-admin when less
//! will do.

use crate::scenario::report::{Moment, RequestReport};
use serde::Serialize;
use serde_json::Value;

/// What would turn a refusal.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cures {
    /// The cures, the one that opens least first; each is proven.
    pub found: Vec<Cure>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<String>,
}

/// A change that turns a refusal.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cure {
    /// In a few words: `a role and a binding for just this`.
    pub title: String,
    /// What an administrator would type.
    pub lines: Vec<String>,
    /// The same as objects: what is made, or as it is after the change.
    pub objects: Vec<Value>,
    /// The answer of the request after it, on a fork.
    pub code: u16,
    /// What else it opens; the request itself included.
    pub opens: Vec<Opened>,
    /// What to mind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caution: Option<String>,
}

/// What a change lets somebody do that they could not do before.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// Who: `User alice`, `Group devs`, `ServiceAccount a/b`.
    pub who: String,
    /// Where: `namespace a`, `the whole cluster`.
    pub place: String,
    /// What, one rule each: `get pods/log`.
    pub rules: Vec<String>,
}

/// The cures of a refused request.
pub fn cures(_moment: &Moment, _report: &RequestReport) -> Cures {
    Cures::default()
}
