//! Pod disruption budgets (`pkg/apis/policy/validation`, `pkg/registry/policy`).

use super::Kind;
use super::columns::{AGE, NAME, count, with};
use super::field::Field;
use super::parts::selectors::label_selector;
use super::parts::strategy::spec_with_generation;
use crate::api::value::Dig;
use crate::json::Value;

const COUNTERS: [&str; 4] = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"];

/// The row of pod disruption budgets.
pub(super) const KIND: Kind = Kind {
    unconditional_update: false,
    prepare: |budget, old, subresource, version| {
        spec_with_generation(budget, old, subresource, version);
        if old.is_none() {
            COUNTERS.iter().for_each(|key| budget.make("status")[key] = 0.into());
        }
    },
    validate: |budget| validate(budget.child("spec")),
    validate_update: |new, _, subresource| {
        // The old version's statuses are not looked at.
        if subresource == "status" && new.text("apiVersion") != "policy/v1beta1" {
            new.child("status").counters(&COUNTERS, &[]);
        }
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

fn validate(spec: Field<'_>) {
    let counts = ["minAvailable", "maxUnavailable"].map(|key| spec.child(key));
    if counts.iter().all(|count| !count.is_null()) {
        let detail = "minAvailable and maxUnavailable cannot be both set";
        spec.invalid_internal("policy.PodDisruptionBudgetSpec", detail);
    }
    for count in counts.iter().filter(|count| !count.is_null()) {
        count.count_or_percent();
        count.at_most_all();
    }
    label_selector(spec.child("selector"));
    spec.child("unhealthyPodEvictionPolicy").one_of_if_set(&["AlwaysAllow", "IfHealthyBudget"]);
}

fn number(value: &Value) -> Value {
    if value.is_null() { "N/A".into() } else { value.shown().into() }
}
