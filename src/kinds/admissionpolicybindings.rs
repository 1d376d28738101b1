//! Bindings of admission policies (`pkg/apis/admissionregistration`).

use super::Kind;
use super::columns::{Columns, Print, age, text};
use super::parts::admission_rules::{default_match, match_resources, mutable_operations, param_ref};
use super::parts::strategy::spec_with_generation;
use crate::api::differences::RESOURCES_SPELLED_RIGHT;
use crate::api::field::{Errors, go_strings};
use crate::api::names::dns1123_subdomain;
use crate::api::value::Dig;
use serde_json::Value;

const ACTIONS: [&str; 3] = ["Audit", "Deny", "Warn"];

/// The row of bindings of validating policies.
pub(super) const VALIDATING: Kind = Kind {
    unconditional_update: false,
    core_finalizers: false,
    defaults: |binding, _| default_match(binding, "spec.matchResources"),
    prepare: spec_with_generation,
    validate: |binding, errors| {
        validate(binding, errors);
        validate_actions(binding.at("spec.validationActions"), errors);
    },
    whole_update: true,
    columns: &[Columns::new("Name|PolicyName|ParamRef|Age", row)],
    ..Kind::plain("admissionregistration.k8s.io", "validatingadmissionpolicybindings")
};

/// The row of bindings of mutating policies.
pub(super) const MUTATING: Kind = Kind {
    plural: "mutatingadmissionpolicybindings",
    validate: |binding, errors| {
        validate(binding, errors);
        mutable_operations(binding.at(MATCH), MATCH, errors);
    },
    ..VALIDATING
};

const MATCH: &str = "spec.matchResources";

fn validate(binding: &Value, errors: &mut Errors) {
    match binding.text("spec.policyName") {
        "" => errors.required("spec.policyName", ""),
        name => errors.invalid_each("spec.policyName", name, dns1123_subdomain(name)),
    }
    param_ref(binding.at("spec.paramRef"), "spec.paramRef", errors);
    if binding.has(MATCH) {
        // A slip of the pen that stayed for some releases.
        let told = match errors.version().has(RESOURCES_SPELLED_RIGHT) {
            true => MATCH,
            false => "spec.matchResouces",
        };
        match_resources(binding.at(MATCH), told, errors);
    }
}

fn validate_actions(actions: &Value, errors: &mut Errors) {
    let path = "spec.validationActions";
    let list = actions.list("");
    if list.is_empty() {
        errors.required(path, "at least one validation action is required");
        return;
    }
    for (i, action) in list.iter().enumerate() {
        if !ACTIONS.iter().any(|known| action == known) {
            errors.not_supported(format_args!("{path}[{i}]"), action, &ACTIONS);
        }
        if list.iter().take(i).any(|other| other == action) {
            errors.duplicate(format_args!("{path}[{i}]"), action);
        }
    }
    if ["Deny", "Warn"].iter().all(|both| list.iter().any(|action| action == both)) {
        let detail = "must not contain both Deny and Warn (repeating the same validation failure information in the \
                      API response and headers serves no purpose)";
        let go = go_strings(list.iter().filter_map(Value::as_str));
        let go = go.replace("string{", "admissionregistration.ValidationAction{");
        errors.invalid_go(path, go, actions, detail);
    }
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let of = object.at("spec.paramRef");
    let of = match (of.is_null(), of.text("namespace"), of.text("name")) {
        (true, ..) => "<unset>".to_owned(),
        (false, "", "") => "*".to_owned(),
        (false, "", name) => name.to_owned(),
        (false, namespace, "") => format!("{namespace}/*"),
        (false, namespace, name) => format!("{namespace}/{name}"),
    };
    vec![object.name().into(), text(object, "spec.policyName"), of.into(), age(object, print)]
}
