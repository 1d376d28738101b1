//! Cluster roles, those that gather other ones' rules included (`pkg/apis/rbac/validation`).

use super::Kind;
use super::field::Field;
use super::parts::selectors::label_selector;
use super::roles::policy_rules;
use crate::api::names::NameRule;
use crate::json::Value;

/// The row of cluster roles.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    validate,
    whole_update: true,
    created_by_update: |_, _| true,
    ..Kind::plain("rbac.authorization.k8s.io", "clusterroles")
};

fn validate(role: Field<'_>) {
    policy_rules(role, false);
    if !role.has("aggregationRule") {
        return;
    }
    let selectors = role.child("aggregationRule.clusterRoleSelectors");
    if selectors.list("").is_empty() {
        selectors.required("at least one clusterRoleSelector required if aggregationRule is non-nil");
    }
    for selector in selectors.items("") {
        if !label_selector(selector) {
            // What is shown is the selector that could not be made.
            selector.invalid_as(Value::Null, "invalid label selector.");
        }
    }
}
