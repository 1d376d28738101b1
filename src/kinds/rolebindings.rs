//! Role bindings (`pkg/apis/rbac/v1/defaults.go`, `pkg/apis/rbac/validation`).

use super::Kind;
use super::columns::{AGE, Column, NAME, with};
use super::field::Field;
use super::parts::meta::{self, json_fields};
use crate::api::field::quote;
use crate::api::names::{NameRule, dns1123_subdomain, path_segment};
use crate::api::{Dig, Version};
use crate::json::Value;

const GROUP: &str = "rbac.authorization.k8s.io";

/// The columns of bindings.
pub(super) const COLUMNS: &[Column] = &[
    NAME,
    with("Role", |binding, _| {
        format!("{}/{}", binding.text("roleRef.kind"), binding.text("roleRef.name")).into()
    }),
    AGE,
    with("Users", |binding, _| subjects(binding, "User")).wide(),
    with("Groups", |binding, _| subjects(binding, "Group")).wide(),
    with("ServiceAccounts", |binding, _| subjects(binding, "ServiceAccount")).wide(),
];

/// The row of a namespace's bindings.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    defaults,
    validate: |binding| validate(binding, &["Role", "ClusterRole"], true),
    validate_update: |new, old, _| validate_update(new, old, &["Role", "ClusterRole"], true),
    columns: COLUMNS,
    created_by_update: |_, _| true,
    ..Kind::plain("rbac.authorization.k8s.io", "rolebindings")
};

/// Names the API group where only one is possible.
pub(super) fn defaults(binding: &mut Value, _: Version) {
    if binding.text("roleRef.apiGroup").is_empty() {
        binding.set("roleRef.apiGroup", GROUP);
    }
    let subjects = binding.at_mut("subjects").and_then(Value::as_array_mut);
    for subject in subjects.into_iter().flatten() {
        let person = matches!(subject.text("kind"), "User" | "Group");
        if person && subject.text("apiGroup").is_empty() {
            subject.set("apiGroup", GROUP);
        }
    }
}

/// Checks a binding to a role of one of `kinds`.
pub(super) fn validate(binding: Field<'_>, kinds: &[&str], namespaced: bool) {
    let role = binding.child("roleRef");
    words(role.child("apiGroup"), &[GROUP]);
    words(role.child("kind"), kinds);
    match role.text("name") {
        "" => role.child("name").required(""),
        name => role.child("name").invalid_each(path_segment(name, false)),
    }
    for subject in binding.items("subjects") {
        validate_subject(subject, namespaced);
    }
}

/// A text, be it absent, is one of a few.
fn words(field: Field<'_>, allowed: &[&str]) {
    if !allowed.contains(&field.text("")) {
        field.errors.not_supported(field.path, field.text(""), allowed);
    }
}

fn validate_subject(subject: Field<'_>, namespaced: bool) {
    let (name, group) = (subject.child("name"), subject.child("apiGroup"));
    if name.text("").is_empty() {
        name.required("");
    }
    match subject.text("kind") {
        "ServiceAccount" => {
            if !name.text("").is_empty() {
                name.invalid_each(dns1123_subdomain(name.text("")));
            }
            words(group, &[""]);
            if !namespaced && subject.text("namespace").is_empty() {
                subject.child("namespace").required("");
            }
        }
        "User" | "Group" => words(group, &[GROUP]),
        _ => words(subject.child("kind"), &["ServiceAccount", "User", "Group"]),
    }
}

/// A binding's role is for ever: rights change with the subjects, or with the role.
pub(super) fn validate_update(new: Field<'_>, old: &Value, kinds: &[&str], namespaced: bool) {
    new.items("metadata.finalizers").for_each(meta::core_finalizer);
    validate(new, kinds, namespaced);
    let fields = [("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")];
    let (to, from) = (new.child("roleRef"), old.at("roleRef"));
    if fields.iter().all(|(_, key)| to.text(key) == from.text(key)) {
        return;
    }
    let go: Vec<String> =
        fields.iter().map(|(name, key)| format!("{name}:{}", quote(to.text(key)))).collect();
    let json = json_fields(fields.map(|(name, key)| (name, to.text(key).into())));
    to.invalid_go(format_args!("rbac.RoleRef{{{}}}", go.join(", ")), json, "cannot change roleRef");
}

fn subjects(binding: &Value, kind: &str) -> Value {
    let subjects = binding.list("subjects").iter().filter(|subject| subject.text("kind") == kind);
    let names = subjects.map(|subject| match kind {
        "ServiceAccount" => format!("{}/{}", subject.text("namespace"), subject.text("name")),
        _ => subject.text("name").to_owned(),
    });
    names.collect::<Vec<_>>().join(", ").into()
}
