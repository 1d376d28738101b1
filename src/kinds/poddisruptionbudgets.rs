//! Pod disruption budgets (`pkg/apis/policy/validation`): the two numbers and the selector.

use super::Kind;
use super::columns::{Columns, Print, age, count};
use super::parts::selectors::label_selector;
use super::parts::strategy::spec_with_generation;
use crate::api::value::Dig;
use serde_json::{Value, json};

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
    columns: &[Columns::new("Name|Min Available|Max Unavailable|Allowed Disruptions#|Age", row)],
    ..Kind::plain("policy", "poddisruptionbudgets")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let number = |path: &str| match object.at(path) {
        Value::Null => "N/A".to_owned(),
        value => value.shown(),
    };
    vec![
        object.name().into(),
        number("spec.minAvailable").into(),
        number("spec.maxUnavailable").into(),
        json!(count(object, "status.disruptionsAllowed")),
        age(object, print),
    ]
}
