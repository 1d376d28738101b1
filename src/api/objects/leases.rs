//! Leases (`pkg/apis/coordination/validation`).

use super::Rules;
use crate::api::value::Dig;

/// Rules of leases.
pub const RULES: Rules = Rules {
    unconditional_update: false,
    validate: |lease, errors| {
        let number = |path: &str| lease.at(path).as_i64();
        if let Some(seconds) = number("spec.leaseDurationSeconds").filter(|n| *n <= 0) {
            errors.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0");
        }
        if let Some(count) = number("spec.leaseTransitions").filter(|n| *n < 0) {
            let detail = match errors.version().at_least(27) {
                true => "must be greater than or equal to 0",
                false => "must be greater or equal than 0",
            };
            errors.invalid("spec.leaseTransitions", count, detail);
        }
    },
    whole_update: true,
    ..Rules::PLAIN
};
