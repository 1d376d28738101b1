//! What expressions cost: when they are evaluated (`cel-go/interpreter/runtimecost.go`), and at most, of what a schema
//! says of sizes ([`most`]; `cel-go/checker/cost.go`). What the functions of Kubernetes cost is `apiserver/pkg/cel/library/cost.go`.

mod calls;
mod most;

pub(super) use calls::actual;
pub(super) use most::most;

use std::collections::BTreeMap;

/// What one evaluation may cost (`apis/cel.PerCallLimit`).
pub(crate) const CALL_COST_MAX: u64 = 1_000_000;

/// What naming something costs, or a field of something.
pub(super) const NAME: u64 = 1;
/// What making a list costs.
pub(super) const LIST: u64 = 10;
/// What making a map costs.
pub(super) const MAP: u64 = 30;
/// What making an object costs.
pub(super) const OBJECT: u64 = 40;

/// How large values of a type get (`DeclType.MaxElements`, and of what it is made).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The greatest count of characters, bytes, items or entries; none for what has no parts.
    pub(crate) most: u64,
    /// The items of a list, or the values of a map.
    pub(crate) items: Option<Box<Extent>>,
    /// The keys of a map.
    pub(crate) keys: Option<Box<Extent>>,
    /// The fields of an object.
    pub(crate) fields: BTreeMap<String, Extent>,
}
