//! Priority classes (`pkg/apis/scheduling/validation`, `pkg/apis/scheduling/v1/helpers.go`).

use super::Rules;
use super::meta::immutable;
use super::strategy::count_changes;
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::Value;

const USER_VALUE_MAX: i64 = 1_000_000_000;
const SYSTEM: [(&str, i64); 2] =
    [("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

/// Rules of priority classes.
pub const RULES: Rules = Rules {
    defaults: |class, _| class.set_default("preemptionPolicy", "PreemptLowerPriority"),
    prepare: |class, old, _, _| count_changes(class, old, &[]),
    validate,
    validate_update: |new, old, _, errors| {
        if new.at("value").as_i64() != old.at("value").as_i64() {
            errors.forbidden("value", "may not be changed in an update.");
        }
        immutable(new, old, "preemptionPolicy", errors);
    },
    ..Rules::PLAIN
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
