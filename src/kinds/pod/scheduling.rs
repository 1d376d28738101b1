//! Tolerations, gates and spreading (`ValidateTolerations`, `validateTopologySpreadConstraints`).

use crate::api::Path;
use crate::api::differences::SPREADING_SELECTORS_CHECKED;
use crate::api::field::Errors;
use crate::api::names::{label_value, qualified_name};
use crate::api::value::Dig;
use crate::kinds::parts::selector;
use serde_json::Value;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// Checks tolerations.
pub(super) fn validate_tolerations(tolerations: &[Value], path: &Path<'_>, errors: &mut Errors) {
    for (i, toleration) in tolerations.iter().enumerate() {
        validate_toleration(toleration, &path.index(i), errors);
    }
}

fn validate_toleration(toleration: &Value, path: &Path<'_>, errors: &mut Errors) {
    let text = |key| toleration.text(key);
    let (key, operator, effect, value) = (text("key"), text("operator"), text("effect"), text("value"));
    let version = errors.version();
    if !key.is_empty() {
        errors.invalid_each(path.child("key"), key, qualified_name(key, version));
    }
    if key.is_empty() && operator != "Exists" {
        let detail =
            "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
        errors.invalid(path.child("operator"), operator, detail);
    }
    if toleration.has("tolerationSeconds") && effect != "NoExecute" {
        let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
        errors.invalid(path.child("effect"), effect, detail);
    }
    match operator {
        "" | "Equal" => {
            let wrong = label_value(value, version);
            if !wrong.is_empty() {
                errors.invalid(path.child("operator"), value, wrong.join(";"));
            }
        }
        "Exists" if value.is_empty() => {}
        "Exists" => {
            let detail = "value must be empty when `operator` is 'Exists'";
            errors.invalid(path.child("operator"), value, detail);
        }
        _ => errors.not_supported(path.child("operator"), operator, &["Equal", "Exists"]),
    }
    if !effect.is_empty() && !EFFECTS.contains(&effect) {
        errors.not_supported(path.child("effect"), effect, &EFFECTS);
    }
}

/// Checks the gates of readiness and of scheduling.
pub(super) fn validate_gates(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    let version = errors.version();
    let readiness = path.child("readinessGates");
    for (i, gate) in spec.list("readinessGates").iter().enumerate() {
        let name = gate.text("conditionType");
        let at = readiness.index(i);
        errors.invalid_each(at.child("conditionType"), name, qualified_name(name, version));
    }
    let scheduling = path.child("schedulingGates");
    let mut seen = Vec::new();
    for (i, gate) in spec.list("schedulingGates").iter().enumerate() {
        let name = gate.text("name");
        errors.invalid_each(scheduling.index(i), name, qualified_name(name, version));
        if seen.contains(&name) {
            errors.duplicate(scheduling.index(i), name);
        }
        seen.push(name);
    }
}

/// Checks how a pod is to be spread.
pub(super) fn validate_spread(constraints: &[Value], path: &Path<'_>, errors: &mut Errors) {
    for (i, constraint) in constraints.iter().enumerate() {
        let path = path.index(i);
        validate_constraint(constraint, &path, errors);
        let pair = |c: &Value| {
            let (key, when) = (c.text("topologyKey"), c.text("whenUnsatisfiable"));
            format!("{{{key}, {when}}}")
        };
        let this = pair(constraint);
        if constraints.iter().skip(i + 1).any(|other| pair(other) == this) {
            errors.duplicate(path.child("{topologyKey, whenUnsatisfiable}"), this);
        }
        validate_spread_rest(constraint, &path, errors);
    }
}

fn validate_constraint(constraint: &Value, path: &Path<'_>, errors: &mut Errors) {
    let skew = constraint.at("maxSkew").as_i64().unwrap_or_default();
    if skew <= 0 {
        errors.invalid(path.child("maxSkew"), skew, "must be greater than zero");
    }
    if constraint.text("topologyKey").is_empty() {
        errors.required(path.child("topologyKey"), "can not be empty");
    }
    let when = constraint.text("whenUnsatisfiable");
    let allowed = ["DoNotSchedule", "ScheduleAnyway"];
    if !allowed.contains(&when) {
        errors.not_supported(path.child("whenUnsatisfiable"), when, &allowed);
    }
}

fn validate_spread_rest(constraint: &Value, path: &Path<'_>, errors: &mut Errors) {
    if let Some(least) = constraint.at("minDomains").as_i64() {
        let path = path.child("minDomains");
        if least <= 0 {
            errors.invalid(path, least, "must be greater than zero");
        }
        let when = constraint.text("whenUnsatisfiable");
        if when != "DoNotSchedule" {
            let detail = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}");
            errors.invalid(path, least, detail);
        }
    }
    for key in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
        let (policy, allowed) = (constraint.text(key), ["Honor", "Ignore"]);
        if constraint.has(key) && !allowed.contains(&policy) {
            errors.not_supported(path.child(key), policy, &allowed);
        }
    }
    let selector = constraint.at("labelSelector");
    let keys = path.child("matchLabelKeys");
    let listed = constraint.list("matchLabelKeys");
    if !listed.is_empty() && selector.is_null() {
        errors.forbidden(keys, "must not be specified when labelSelector is not set");
    }
    for (i, key) in listed.iter().filter_map(Value::as_str).enumerate() {
        errors.invalid_each(keys.index(i), key, qualified_name(key, errors.version()));
        let named = selector.entries("matchLabels").any(|(k, _)| k == key)
            || selector.list("matchExpressions").iter().any(|e| e.text("key") == key);
        if named {
            let detail = "exists in both matchLabelKeys and labelSelector";
            errors.invalid(keys.index(i), key, detail);
        }
    }
    if errors.version().has(SPREADING_SELECTORS_CHECKED) {
        selector::validate(selector, &path.child("labelSelector"), errors);
    }
}
