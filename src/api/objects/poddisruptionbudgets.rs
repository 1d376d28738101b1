//! Pod disruption budgets (`pkg/apis/policy/validation`): the two numbers and the selector.

use super::Rules;
use super::selectors::label_selector;
use super::strategy::spec_with_generation;
use crate::api::value::Dig;

/// Rules of pod disruption budgets.
pub const RULES: Rules = Rules {
    unconditional_update: false,
    prepare: spec_with_generation,
    validate: |budget, errors| {
        if budget.has("spec.minAvailable") && budget.has("spec.maxUnavailable") {
            let detail = "minAvailable and maxUnavailable cannot be both set";
            errors.invalid("spec", budget.at("spec"), detail);
        }
        label_selector(budget.at("spec.selector"), "spec.selector", errors);
    },
    whole_update: true,
    ..Rules::PLAIN
};
