//! Ingress classes (`pkg/apis/networking/v1/defaults.go`, `pkg/apis/networking/validation`).

use super::Kind;
use super::columns::{AGE, NAME, Print, text, with};
use super::field::Field;
use super::parts::references::{show_group, typed_local};
use super::parts::strategy::count_changes;
use crate::api::differences::INGRESS_CLASS_SCOPES;
use crate::api::names::{dns1123_label, domain_prefixed_path};
use crate::api::{Dig, Version};
use crate::json::Value;

const CONTROLLER_BYTES_MAX: usize = 250;
const SCOPES: [&str; 2] = ["Cluster", "Namespace"];

/// The row of ingress classes.
pub(super) const KIND: Kind = Kind {
    defaults: |class, version| match version.has(INGRESS_CLASS_SCOPES) {
        true if class.has("spec.parameters") => class.set_default("spec.parameters.scope", "Cluster"),
        true => {}
        false => show_group(class, "spec.parameters"),
    },
    prepare: |class, old, _, _: Version| count_changes(class, old, &["spec"]),
    validate: |class| {
        validate_controller(class.string("spec.controller"));
        validate_parameters(class.child("spec.parameters"));
    },
    validate_update: |new, old, _| {
        new.child("spec.controller").immutable(old.at("spec.controller"));
    },
    whole_update: true,
    columns: &[NAME, text("Controller", "spec.controller"), with("Parameters", parameters), AGE],
    ..Kind::plain("networking.k8s.io", "ingressclasses")
};

fn validate_controller(controller: Field<'_>) {
    let text = controller.text("");
    if text.is_empty() {
        return controller.required("");
    }
    if text.len() > CONTROLLER_BYTES_MAX {
        controller.errors.too_long(controller.path, CONTROLLER_BYTES_MAX);
    }
    for (part, why) in domain_prefixed_path(text) {
        controller.invalid_as(part, why);
    }
}

fn validate_parameters(parameters: Field<'_>) {
    if parameters.is_null() {
        return;
    }
    typed_local(parameters);
    let (scope, namespace) = (parameters.child("scope"), parameters.child("namespace"));
    if !parameters.version().has(INGRESS_CLASS_SCOPES) {
        return;
    }
    match scope.text("") {
        "Namespace" if namespace.is_null() => namespace.required("`parameters.scope` is set to 'Namespace'"),
        "Namespace" => namespace.invalid_each(dns1123_label(namespace.text(""), namespace.version())),
        "Cluster" if !namespace.is_null() => namespace.forbidden("`parameters.scope` is set to 'Cluster'"),
        "Cluster" => {}
        _ if scope.is_null() => scope.required(""),
        _ => scope.not_supported(&SCOPES),
    }
}

fn parameters(object: &Value, _: Print) -> Value {
    let of = object.at("spec.parameters");
    match (of.is_null(), of.text("apiGroup")) {
        (true, _) => "<none>".into(),
        (false, "") => format!("{}/{}", of.text("kind"), of.text("name")).into(),
        (false, group) => format!("{}.{group}/{}", of.text("kind"), of.text("name")).into(),
    }
}
