//! Cluster role bindings (`pkg/apis/rbac/validation`).

use super::rolebindings::{defaults, validate, validate_update};
use super::{NameRule, Rules};

/// Rules of bindings that hold everywhere.
pub const RULES: Rules = Rules {
    name: NameRule::PathSegment,
    defaults,
    validate: |binding, errors| validate(binding, &["ClusterRole"], false, errors),
    validate_update,
    whole_update: true,
    ..Rules::PLAIN
};
