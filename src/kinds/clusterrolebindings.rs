//! Cluster role bindings (`pkg/apis/rbac/validation`).

use super::Kind;
use super::rolebindings::{COLUMNS, defaults, validate, validate_update};
use crate::api::names::NameRule;

/// The row of bindings that hold everywhere.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    defaults,
    validate: |binding| validate(binding, &["ClusterRole"], false),
    validate_update: |new, old, _| validate_update(new, old, &["ClusterRole"], false),
    columns: COLUMNS,
    created_by_update: |_, _| true,
    ..Kind::plain("rbac.authorization.k8s.io", "clusterrolebindings")
};
