//! Leases (`pkg/apis/coordination/validation`).

use super::Kind;
use super::columns::{Columns, Print, age, text};
use crate::api::differences::LEASES_WORDED;
use crate::api::value::Dig;
use serde_json::Value;

/// The row of leases.
pub(super) const KIND: Kind = Kind {
    unconditional_update: false,
    validate: |lease, errors| {
        let number = |path: &str| lease.at(path).as_i64();
        if let Some(seconds) = number("spec.leaseDurationSeconds").filter(|n| *n <= 0) {
            errors.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0");
        }
        if let Some(count) = number("spec.leaseTransitions").filter(|n| *n < 0) {
            let detail = match errors.version().has(LEASES_WORDED) {
                true => "must be greater than or equal to 0",
                false => "must be greater or equal than 0",
            };
            errors.invalid("spec.leaseTransitions", count, detail);
        }
    },
    whole_update: true,
    columns: &[Columns::new("Name|Holder|Age", row)],
    created_by_update: true,
    ..Kind::plain("coordination.k8s.io", "leases")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), text(object, "spec.holderIdentity"), age(object, print)]
}
