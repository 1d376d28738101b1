//! Roles (`pkg/apis/rbac/validation`).

use super::Kind;
use super::field::Field;
use crate::api::names::NameRule;

/// The row of a namespace's roles.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    validate: |role| policy_rules(role, true),
    whole_update: true,
    created_by_update: |_, _| true,
    ..Kind::plain("rbac.authorization.k8s.io", "roles")
};

/// Checks the rules of a role; those of a namespace's role can't reach paths that are no resources.
pub(super) fn policy_rules(role: Field<'_>, namespaced: bool) {
    role.items("rules").for_each(|rule| policy_rule(rule, namespaced));
}

fn policy_rule(rule: Field<'_>, namespaced: bool) {
    let gives = |key: &str| !rule.list(key).is_empty();
    let needs = |key: &str, detail: &str| {
        if !gives(key) {
            rule.child(key).required(detail);
        }
    };
    needs("verbs", "verbs must contain at least one value");
    if !gives("nonResourceURLs") {
        needs("apiGroups", "resource rules must supply at least one api group");
        needs("resources", "resource rules must supply at least one resource");
        return;
    }
    let urls = rule.child("nonResourceURLs");
    if namespaced {
        urls.invalid("namespaced rules cannot apply to non-resource URLs");
    }
    if gives("apiGroups") || gives("resources") || gives("resourceNames") {
        urls.invalid("rules cannot apply to both regular resources and non-resource URLs");
    }
}
