//! Tolerations, gates and spreading (`ValidateTolerations`, `validateTopologySpreadConstraints`).

use crate::api::Dig;
use crate::api::differences::{
    LABEL_KEYS_IN_SPREADING, SPREADING_SELECTORS_CHECKED, TOLERATION_VALUES_SHOWN, TOLERATIONS_BY_NUMBER,
};
use crate::api::names::{label_value, qualified_name};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::selector;
use std::collections::BTreeSet;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// Checks a toleration.
pub(in crate::kinds) fn validate_toleration(toleration: Field<'_>) {
    let (key, value) = (toleration.child("key"), toleration.text("value"));
    let (operator, effect) = (toleration.string("operator"), toleration.string("effect"));
    let version = toleration.version();
    key.named_if_set(|key| qualified_name(key, version));
    if key.text("").is_empty() && operator.text("") != "Exists" {
        operator.invalid(
            "operator must be Exists when `key` is empty, which means \"match all values and all keys\"",
        );
    }
    if toleration.has("tolerationSeconds") && effect.text("") != "NoExecute" {
        effect.invalid("effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    match operator.text("") {
        "" | "Equal" => {
            let wrong = label_value(value, version);
            if !wrong.is_empty() {
                operator.invalid_as(value, wrong.join(";"));
            }
        }
        "Exists" if value.is_empty() => {}
        "Exists" => {
            let detail = "value must be empty when `operator` is 'Exists'";
            match version.has(TOLERATION_VALUES_SHOWN) {
                true => operator.invalid_as(value, detail),
                false => {
                    Field { value: toleration.value, ..operator }.invalid_internal("core.Toleration", detail)
                }
            }
        }
        "Lt" | "Gt" if version.has(TOLERATIONS_BY_NUMBER) => {
            operator.not_supported(&["Equal", "Exists", "Lt", "Gt"]);
        }
        _ => operator.not_supported(&["Equal", "Exists"]),
    }
    if !effect.text("").is_empty() {
        effect.one_of(&EFFECTS);
    }
}

/// Checks the gates of readiness and of scheduling.
pub(super) fn validate_gates(spec: Field<'_>) {
    let version = spec.version();
    for gate in spec.items("readinessGates") {
        let kind = gate.child("conditionType");
        kind.invalid_each(qualified_name(kind.text(""), version));
    }
    let mut seen = BTreeSet::new();
    for gate in spec.items("schedulingGates") {
        // Errors speak of the gate, and show its name.
        let name = gate.told_as("", gate.string("name").value);
        name.invalid_each(qualified_name(name.text(""), version));
        if !seen.insert(gate.text("name")) {
            name.duplicate();
        }
    }
}

/// Checks how a pod is to be spread.
pub(super) fn validate_spread(constraints: Field<'_>) {
    let pair = |c: &Value| format!("{{{}, {}}}", c.text("topologyKey"), c.text("whenUnsatisfiable"));
    for (i, constraint) in constraints.items("").enumerate() {
        let skew = constraint.number("maxSkew").unwrap_or_default();
        if skew <= 0 {
            constraint.child("maxSkew").invalid_as(skew, "must be greater than zero");
        }
        if constraint.text("topologyKey").is_empty() {
            constraint.child("topologyKey").required("can not be empty");
        }
        let (when, allowed) = (constraint.string("whenUnsatisfiable"), ["DoNotSchedule", "ScheduleAnyway"]);
        if !allowed.contains(&when.text("")) {
            when.not_supported(&allowed);
        }
        let this = pair(constraint.value);
        if constraints.list("").iter().skip(i + 1).any(|other| pair(other) == this) {
            constraint.told_as("{topologyKey, whenUnsatisfiable}", &this.into()).duplicate();
        }
        let least = constraint.child("minDomains");
        if least.number("").is_some_and(|least| least <= 0) {
            least.invalid("must be greater than zero");
        }
        if least.number("").is_some() && when.text("") != "DoNotSchedule" {
            least.invalid(format_args!(
                "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {}",
                when.text("")
            ));
        }
        for key in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            constraint.child(key).one_of_if_set(&["Honor", "Ignore"]);
        }
        validate_label_keys(constraint);
    }
}

fn validate_label_keys(constraint: Field<'_>) {
    let selector = constraint.child("labelSelector");
    if !constraint.list("matchLabelKeys").is_empty() && selector.is_null() {
        let keys = constraint.child("matchLabelKeys");
        keys.forbidden("must not be specified when labelSelector is not set");
    }
    // Where keys become selectors they are told of below the constraint, after all else; what they became is no second one.
    let merged = selector.version().has(LABEL_KEYS_IN_SPREADING);
    let is_named = |key: &str| {
        let by_label = selector.entries("matchLabels").any(|(label, _)| label == key);
        let expressions = selector.list("matchExpressions").iter().filter(|e| e.text("key") == key);
        by_label || expressions.count() > usize::from(merged)
    };
    let detail = "exists in both matchLabelKeys and labelSelector";
    for key in constraint.items("matchLabelKeys") {
        key.invalid_each(qualified_name(key.text(""), key.version()));
        if !merged && is_named(key.text("")) {
            key.invalid(detail);
        }
    }
    if merged {
        for (at, key) in constraint.list("matchLabelKeys").iter().enumerate() {
            if is_named(key.as_str().unwrap_or_default()) {
                let told = Field { value: key, path: constraint.path.item("", at), ..constraint };
                told.invalid(detail);
            }
        }
    }
    if selector.version().has(SPREADING_SELECTORS_CHECKED) {
        selector::validate(selector);
    }
}
