//! Role bindings (`pkg/apis/rbac/v1/defaults.go`, `pkg/apis/rbac/validation`).

use super::Kind;
use super::columns::{Columns, Print, age};
use super::parts::meta::json_fields;
use crate::api::field::{Errors, quote};
use crate::api::names::NameRule;
use crate::api::names::{dns1123_subdomain, path_segment};
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::Value;

const GROUP: &str = "rbac.authorization.k8s.io";

/// The columns of bindings.
pub(super) const COLUMNS: &[Columns] = &[Columns::new("Name|Role|Age|Users*|Groups*|ServiceAccounts*", row)];

/// The row of a namespace's bindings.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    defaults,
    validate: |binding, errors| validate(binding, &["Role", "ClusterRole"], true, errors),
    validate_update,
    whole_update: true,
    columns: COLUMNS,
    created_by_update: true,
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
pub(super) fn validate(binding: &Value, kinds: &[&str], namespaced: bool, errors: &Errors) {
    let role = |key: &str| binding.at("roleRef").text(key);
    if role("apiGroup") != GROUP {
        errors.not_supported("roleRef.apiGroup", role("apiGroup"), &[GROUP]);
    }
    if !kinds.contains(&role("kind")) {
        errors.not_supported("roleRef.kind", role("kind"), kinds);
    }
    match role("name") {
        "" => errors.required("roleRef.name", ""),
        name => errors.invalid_each("roleRef.name", name, path_segment(name, false)),
    }
    for (i, subject) in binding.list("subjects").iter().enumerate() {
        validate_subject(subject, namespaced, &format!("subjects[{i}]"), errors);
    }
}

fn validate_subject(subject: &Value, namespaced: bool, path: &str, errors: &Errors) {
    let (name, group) = (subject.text("name"), subject.text("apiGroup"));
    if name.is_empty() {
        errors.required(format_args!("{path}.name"), "");
    }
    match subject.text("kind") {
        "ServiceAccount" => {
            if !name.is_empty() {
                errors.invalid_each(format_args!("{path}.name"), name, dns1123_subdomain(name));
            }
            if !group.is_empty() {
                errors.not_supported(format_args!("{path}.apiGroup"), group, &[""]);
            }
            if !namespaced && subject.text("namespace").is_empty() {
                errors.required(format_args!("{path}.namespace"), "");
            }
        }
        "User" | "Group" => {
            if group != GROUP {
                errors.not_supported(format_args!("{path}.apiGroup"), group, &[GROUP]);
            }
        }
        kind => {
            let kinds = ["ServiceAccount", "User", "Group"];
            errors.not_supported(format_args!("{path}.kind"), kind, &kinds);
        }
    }
}

/// A binding's role is for ever: rights change with the subjects, or with the role.
pub(super) fn validate_update(new: &Value, old: &Value, _: &str, errors: &Errors) {
    let fields = [("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")];
    let (to, from) = (new.at("roleRef"), old.at("roleRef"));
    if fields.iter().all(|(_, key)| to.text(key) == from.text(key)) {
        return;
    }
    let go: Vec<String> =
        fields.iter().map(|(name, key)| format!("{name}:{}", quote(to.text(key)))).collect();
    let json = json_fields(fields.map(|(name, key)| (name, to.text(key).into())));
    errors.invalid_go(
        "roleRef",
        format_args!("rbac.RoleRef{{{}}}", go.join(", ")),
        json,
        "cannot change roleRef",
    );
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let of = |kind: &str| -> Value {
        let subjects = object.list("subjects").iter().filter(|subject| subject.text("kind") == kind);
        let names = subjects.map(|subject| match kind {
            "ServiceAccount" => format!("{}/{}", subject.text("namespace"), subject.text("name")),
            _ => subject.text("name").to_owned(),
        });
        names.collect::<Vec<_>>().join(", ").into()
    };
    let role = format!("{}/{}", object.text("roleRef.kind"), object.text("roleRef.name"));
    vec![object.name().into(), role.into(), age(object, print), of("User"), of("Group"), of("ServiceAccount")]
}
