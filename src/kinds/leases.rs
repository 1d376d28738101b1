//! Leases (`pkg/apis/coordination/validation`).

use super::Kind;
use super::columns::{AGE, NAME, text};
use crate::api::differences::LEASES_WORDED;

/// The row of leases.
pub(super) const KIND: Kind = Kind {
    unconditional_update: false,
    validate: |lease| {
        if lease.number("spec.leaseDurationSeconds").is_some_and(|seconds| seconds <= 0) {
            lease.child("spec.leaseDurationSeconds").invalid("must be greater than 0");
        }
        if lease.number("spec.leaseTransitions").is_some_and(|count| count < 0) {
            lease.child("spec.leaseTransitions").invalid(match lease.version().has(LEASES_WORDED) {
                true => "must be greater than or equal to 0",
                false => "must to greater or equal than 0",
            });
        }
    },
    whole_update: true,
    columns: &[NAME, text("Holder", "spec.holderIdentity"), AGE],
    created_by_update: |_, _| true,
    ..Kind::plain("coordination.k8s.io", "leases")
};
