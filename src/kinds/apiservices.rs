//! API services: which group version is served, and by whom (`kube-aggregator/pkg/apis/apiregistration`).

use super::Kind;
use super::columns::{AGE, NAME, Print, with};
use super::field::Field;
use crate::api::Dig;
use crate::api::names::{self, NameRule};
use crate::json::{Value, json};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The row of API services.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    defaults: |object, _| {
        if object.at("spec.service").is_object() {
            object.set_default("spec.service.port", 443);
        }
    },
    prepare: |object, old, subresource, _| match (old, subresource) {
        (None, _) => object.set("status", json!({})),
        (Some(old), "status") => super::parts::strategy::keep(object, old, "spec"),
        (Some(old), _) => super::parts::strategy::keep(object, old, "status"),
    },
    validate,
    whole_update: true,
    columns: &[
        NAME.documented(),
        with("Service", service).about("The reference to the service that hosts this API endpoint."),
        with("Available", available).about("Whether this service is available."),
        AGE.documented(),
    ],
    ..Kind::plain("apiregistration.k8s.io", "apiservices")
};

fn validate(object: Field<'_>) {
    let spec = object.child("spec");
    let (group, version) = (spec.text("group"), spec.text("version"));
    let name = format!("{version}.{group}");
    let called = object.child("metadata.name");
    if called.text("") != name && !called.text("").is_empty() {
        called.invalid(format_args!("must be `spec.version+\".\"+spec.group`: {name:?}"));
    }
    if group.is_empty() && version != "v1" {
        spec.string("group").required("only v1 may have an empty group and it better be legacy kube");
    }
    spec.child("group").named_if_set(names::dns1123_subdomain);
    spec.string("version").invalid_each(names::dns1035_label(version));
    for (priority, most) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1000)] {
        let number = spec.number(priority).unwrap_or_default();
        if !(1..=most).contains(&number) {
            let why = format!("must be positive and less than {most}");
            spec.child(priority).invalid_as(number, why);
        }
    }
    let authority = STANDARD.decode(spec.text("caBundle")).unwrap_or_default();
    let insecure = spec.child("insecureSkipTLSVerify");
    if !spec.has("service") {
        if !authority.is_empty() {
            let shown = format!("{} bytes", authority.len());
            spec.child("caBundle").invalid_as(shown, "local APIServices may not have a caBundle");
        }
        if insecure.flag("") {
            insecure.invalid("local APIServices may not have insecureSkipTLSVerify");
        }
        return;
    }
    let service = spec.child("service");
    service.string("namespace").filled();
    service.string("name").filled();
    if let Some(port) = service.number("port").filter(|port| !(1..=65_535).contains(port)) {
        let why = "port is not valid: must be between 1 and 65535, inclusive";
        service.child("port").invalid_as(port, why);
    }
    if insecure.flag("") && !authority.is_empty() {
        insecure.invalid("may not be true if caBundle is present");
    }
}

fn service(object: &Value, _: Print) -> Value {
    let of = object.at("spec.service");
    if of.is_null() { "Local".into() } else { format!("{}/{}", of.text("namespace"), of.text("name")).into() }
}

fn available(object: &Value, _: Print) -> Value {
    let condition = object.list("status.conditions").iter().find(|c| c.text("type") == "Available");
    match condition.map(|c| (c.text("status"), c.text("reason"))) {
        Some(("True", _)) => "True".into(),
        Some((status, reason)) => format!("{status} ({reason})").into(),
        None => "Unknown".into(),
    }
}
