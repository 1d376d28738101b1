//! Cluster roles, those that gather other ones' rules included (`pkg/apis/rbac/validation`).

use super::roles::policy_rules;
use super::selectors::label_selector;
use super::{NameRule, Rules};
use crate::api::field::Errors;
use crate::api::value::Dig;
use serde_json::Value;

/// Rules of cluster roles.
pub const RULES: Rules = Rules { name: NameRule::PathSegment, validate, whole_update: true, ..Rules::PLAIN };

fn validate(role: &Value, errors: &mut Errors) {
    policy_rules(role, false, errors);
    if !role.has("aggregationRule") {
        return;
    }
    let path = "aggregationRule.clusterRoleSelectors";
    let selectors = role.list(path);
    if selectors.is_empty() {
        let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        errors.required(path, detail);
    }
    for (i, selector) in selectors.iter().enumerate() {
        let path = format!("{path}[{i}]");
        if !label_selector(selector, &path, errors) {
            // What is shown is the selector that could not be made.
            errors.invalid(path, Value::Null, "invalid label selector.");
        }
    }
}
