//! Priority classes (`pkg/apis/scheduling/validation`, `pkg/apis/scheduling/v1/helpers.go`).

use super::Kind;
use super::columns::{AGE, NAME, count, or, with};
use super::field::Field;
use super::parts::strategy::count_changes;
use crate::api::differences::{PREEMPTION_SHOWN, PRIORITY_VALUES_PLACED};
use crate::api::value::Dig;
use crate::json::Value;

const USER_VALUE_MAX: i64 = 1_000_000_000;
const SYSTEM: [(&str, i64); 2] =
    [("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

/// The row of priority classes.
pub(super) const KIND: Kind = Kind {
    defaults: |class, _| class.set_default("preemptionPolicy", "PreemptLowerPriority"),
    prepare: |class, old, _, _| count_changes(class, old, &[]),
    validate,
    kept: |name| {
        let system = SYSTEM.iter().any(|(known, _)| *known == name);
        system.then_some("this is a system priority class and cannot be deleted")
    },
    validate_update: |new, old, _| {
        if new.number("value") != old.at("value").as_i64() {
            let place = if new.version().has(PRIORITY_VALUES_PLACED) { "value" } else { "Value" };
            new.child(place).forbidden("may not be changed in an update.");
        }
        new.child("preemptionPolicy").immutable(old.at("preemptionPolicy"));
    },
    columns: &[
        NAME,
        count("Value", "value"),
        with("Global-Default", |class, _| class.flag("globalDefault").into()),
        AGE,
        or("PreemptionPolicy", "preemptionPolicy", "<none>").since(PREEMPTION_SHOWN),
    ],
    ..Kind::plain("scheduling.k8s.io", "priorityclasses")
};

fn validate(class: Field<'_>) {
    let value = class.number("value").unwrap_or_default();
    if class.value.name().starts_with("system-") {
        if let Err(why) = known_system_class(class.value, value) {
            class.child("metadata.name").forbidden(format_args!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {why}"
            ));
        }
    } else if value > USER_VALUE_MAX {
        let detail = format!("maximum allowed value of a user defined priority is {USER_VALUE_MAX}");
        class.child("value").forbidden(detail);
    }
    class.child("preemptionPolicy").one_of(&["PreemptLowerPriority", "Never"]);
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
