//! Cluster roles, those that gather other ones' rules included (`pkg/apis/rbac/validation`).

use super::Kind;
use super::parts::selectors::label_selector;
use super::roles::policy_rules;
use crate::api::field::Errors;
use crate::api::names::NameRule;
use crate::api::value::Dig;
use serde_json::Value;

/// The row of cluster roles.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    validate,
    whole_update: true,
    created_by_update: true,
    ..Kind::plain("rbac.authorization.k8s.io", "clusterroles")
};

fn validate(role: &Value, errors: &Errors) {
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
