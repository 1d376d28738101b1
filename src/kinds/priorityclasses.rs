//! Priority classes (`pkg/apis/scheduling/validation`, `pkg/apis/scheduling/v1/helpers.go`).

use super::Kind;
use super::columns::{Columns, Print, age, count, or};
use super::parts::meta::immutable;
use super::parts::strategy::count_changes;
use crate::api::differences::PREEMPTION_SHOWN;
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::{Value, json};

const USER_VALUE_MAX: i64 = 1_000_000_000;
const SYSTEM: [(&str, i64); 2] =
    [("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

/// The row of priority classes.
pub(super) const KIND: Kind = Kind {
    defaults: |class, _| class.set_default("preemptionPolicy", "PreemptLowerPriority"),
    prepare: |class, old, _, _| count_changes(class, old, &[]),
    validate,
    validate_update: |new, old, _, errors| {
        if new.at("value").as_i64() != old.at("value").as_i64() {
            errors.forbidden("value", "may not be changed in an update.");
        }
        immutable(new, old, "preemptionPolicy", errors);
    },
    columns: &[
        Columns::new("Name|Value#|Global-Default|Age", row).until(PREEMPTION_SHOWN),
        Columns::new("Name|Value#|Global-Default|Age|PreemptionPolicy", row).since(PREEMPTION_SHOWN),
    ],
    ..Kind::plain("scheduling.k8s.io", "priorityclasses")
};

fn validate(class: &Value, errors: &mut Errors) {
    let value = class.at("value").as_i64().unwrap_or_default();
    if class.name().starts_with("system-") {
        if let Err(why) = known_system_class(class, value) {
            let detail = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {why}"
            );
            errors.forbidden("metadata.name", detail);
        }
    } else if value > USER_VALUE_MAX {
        let detail = format!("maximum allowed value of a user defined priority is {USER_VALUE_MAX}");
        errors.forbidden("value", detail);
    }
    let policies = ["Never", "PreemptLowerPriority"];
    match class.text("preemptionPolicy") {
        "" => errors.required("preemptionPolicy", ""),
        policy if !policies.contains(&policy) => {
            errors.not_supported("preemptionPolicy", policy, &["PreemptLowerPriority", "Never"]);
        }
        _ => {}
    }
}

fn known_system_class(class: &Value, value: i64) -> Result<(), String> {
    let name = class.name();
    match SYSTEM.iter().find(|(known, _)| *known == name) {
        None => Err(format!("{name} is not a known system priority class")),
        Some((_, right)) if *right != value => Err(format!("value of {name} PriorityClass must be {right}")),
        Some(_) if class.flag("globalDefault") => {
            Err(format!("globalDefault of {name} PriorityClass must be false"))
        }
        Some(_) => Ok(()),
    }
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let mut cells = vec![
        object.name().into(),
        json!(count(object, "value")),
        object.flag("globalDefault").into(),
        age(object, print),
    ];
    if print.version.has(PREEMPTION_SHOWN) {
        cells.push(or(object, "preemptionPolicy", "<none>"));
    }
    cells
}
