//! Bindings of admission policies (`pkg/apis/admissionregistration`).

use super::Kind;
use super::columns::{AGE, NAME, Print, text, with};
use super::field::Field;
use super::parts::admission_rules::{
    default_match, match_resources, mutable_operations, param_ref, static_name,
};
use super::parts::strategy::spec_with_generation;
use crate::api::Dig;
use crate::api::differences::RESOURCES_SPELLED_RIGHT;
use crate::api::field::go_strings;
use crate::api::names::dns1123_subdomain;
use crate::json::Value;

const ACTIONS: [&str; 3] = ["Audit", "Deny", "Warn"];

/// The row of bindings of validating policies.
pub(super) const VALIDATING: Kind = Kind {
    unconditional_update: false,
    core_finalizers: false,
    defaults: |binding, _| default_match(binding, "spec.matchResources"),
    prepare: spec_with_generation,
    validate: |binding| {
        validate(binding);
        validate_actions(binding.child("spec.validationActions"));
    },
    whole_update: true,
    warn: static_name,
    columns: &[NAME, text("PolicyName", "spec.policyName"), with("ParamRef", parameters), AGE],
    ..Kind::plain("admissionregistration.k8s.io", "validatingadmissionpolicybindings")
};

/// The row of bindings of mutating policies.
pub(super) const MUTATING: Kind = Kind {
    plural: "mutatingadmissionpolicybindings",
    validate: |binding| {
        validate(binding);
        mutable_operations(binding.child(MATCH));
    },
    ..VALIDATING
};

const MATCH: &str = "spec.matchResources";

fn validate(binding: Field<'_>) {
    let policy = binding.child("spec.policyName");
    match policy.text("") {
        "" => policy.required(""),
        name => policy.invalid_each(dns1123_subdomain(name)),
    }
    param_ref(binding.child("spec.paramRef"));
    if binding.has(MATCH) {
        // A slip of the pen that stayed for some releases.
        let told = if binding.version().has(RESOURCES_SPELLED_RIGHT) { MATCH } else { "spec.matchResouces" };
        match_resources(binding.told_as(told, binding.value.at(MATCH)));
    }
}

fn validate_actions(actions: Field<'_>) {
    let list = actions.list("");
    if list.is_empty() {
        return actions.required("at least one validation action is required");
    }
    for (i, action) in actions.items("").enumerate() {
        action.one_of_if_set(&ACTIONS);
        if list.iter().take(i).any(|other| other == action.value) {
            action.duplicate();
        }
    }
    if ["Deny", "Warn"].iter().all(|both| list.iter().any(|action| action == both)) {
        let detail = "must not contain both Deny and Warn (repeating the same validation failure information in the \
                      API response and headers serves no purpose)";
        let go = go_strings(list.iter().filter_map(Value::as_str));
        actions.invalid_go(
            go.replace("string{", "admissionregistration.ValidationAction{"),
            actions.value,
            detail,
        );
    }
}

fn parameters(object: &Value, _: Print) -> Value {
    let of = object.at("spec.paramRef");
    match (of.is_null(), of.text("namespace"), of.text("name")) {
        (true, ..) => "<unset>".into(),
        (false, "", "") => "*".into(),
        (false, "", name) => name.into(),
        (false, namespace, "") => format!("{namespace}/*").into(),
        (false, namespace, name) => format!("{namespace}/{name}").into(),
    }
}
