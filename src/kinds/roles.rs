//! Roles (`pkg/apis/rbac/validation`).

use super::Kind;
use crate::api::field::Errors;
use crate::api::names::NameRule;
use crate::api::value::Dig;
use serde_json::Value;

/// The row of a namespace's roles.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    validate: |role, errors| policy_rules(role, true, errors),
    whole_update: true,
    created_by_update: true,
    ..Kind::plain("rbac.authorization.k8s.io", "roles")
};

/// Checks the rules of a role; those of a namespace's role can't reach paths that are no resources.
pub(super) fn policy_rules(role: &Value, namespaced: bool, errors: &Errors) {
    for (i, rule) in role.list("rules").iter().enumerate() {
        policy_rule(rule, namespaced, &format!("rules[{i}]"), errors);
    }
}

fn policy_rule(rule: &Value, namespaced: bool, path: &str, errors: &Errors) {
    let gives = |key: &str| !rule.list(key).is_empty();
    let mut needs = |key: &str, detail: &str| {
        if !gives(key) {
            errors.required(format_args!("{path}.{key}"), detail);
        }
    };
    needs("verbs", "verbs must contain at least one value");
    if !gives("nonResourceURLs") {
        needs("apiGroups", "resource rules must supply at least one api group");
        needs("resources", "resource rules must supply at least one resource");
        return;
    }
    let mut refuse = |detail: &str| {
        let urls = rule.at("nonResourceURLs");
        errors.invalid(format_args!("{path}.nonResourceURLs"), urls, detail);
    };
    if namespaced {
        refuse("namespaced rules cannot apply to non-resource URLs");
    }
    if gives("apiGroups") || gives("resources") || gives("resourceNames") {
        refuse("rules cannot apply to both regular resources and non-resource URLs");
    }
}
