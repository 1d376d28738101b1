//! Pod disruption budgets (`pkg/apis/policy/validation`): the two numbers and the selector.

use super::Kind;
use super::columns::{AGE, NAME, count, with};
use super::parts::selectors::label_selector;
use super::parts::strategy::spec_with_generation;
use crate::api::value::Dig;
use serde_json::Value;

/// The row of pod disruption budgets.
pub(super) const KIND: Kind = Kind {
    unconditional_update: false,
    prepare: spec_with_generation,
    validate: |budget| {
        if budget.has("spec.minAvailable") && budget.has("spec.maxUnavailable") {
            budget.child("spec").invalid("minAvailable and maxUnavailable cannot be both set");
        }
        label_selector(budget.child("spec.selector"));
    },
    whole_update: true,
    columns: &[
        NAME,
        with("Min Available", |budget, _| number(budget.at("spec.minAvailable"))),
        with("Max Unavailable", |budget, _| number(budget.at("spec.maxUnavailable"))),
        count("Allowed Disruptions", "status.disruptionsAllowed"),
        AGE,
    ],
    ..Kind::plain("policy", "poddisruptionbudgets")
};

fn number(value: &Value) -> Value {
    if value.is_null() { "N/A".into() } else { value.shown().into() }
}
