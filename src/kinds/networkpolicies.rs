//! Network policies.

use super::Kind;
use super::columns::{AGE, NAME, labels};
use super::parts::strategy::spec_with_generation;

/// The row of network policies.
pub(super) const KIND: Kind = Kind {
    prepare: spec_with_generation,
    columns: &[NAME, labels("Pod-Selector", "spec.podSelector"), AGE],
    ..Kind::plain("networking.k8s.io", "networkpolicies")
};
