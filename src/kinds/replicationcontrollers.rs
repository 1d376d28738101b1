//! Replication controllers (`pkg/apis/core/v1/defaults.go`, `pkg/registry/core/replicationcontroller`).

use super::Kind;
use super::field::Field;
use super::parts::strategy::spec_with_generation;
use super::pod::template;
use super::pod::{defaults, warnings};
use super::replicasets;
use super::selectable::Selectable;
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// The row of replication controllers.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare: |controller, old, subresource, version| {
        spec_with_generation(controller, old, subresource, version);
        if old.is_none() {
            controller.set("status", json!({"replicas": 0}));
        }
    },
    validate: |controller| validate(controller.child("spec"), None),
    whole_update: false,
    validate_update: |new, old, subresource| match subresource {
        "status" => replicasets::validate_status(new.child("status")),
        _ => validate(new.child("spec"), Some(old.at("spec"))),
    },
    warn: warnings::template,
    columns: replicasets::COLUMNS,
    selectable: &[Selectable::text("status.replicas").zero("0")],
    orphans: &["v1"],
    ..Kind::plain("", "replicationcontrollers")
};

fn set_defaults(controller: &mut Value, version: Version) {
    let labels = controller.at("spec.template.metadata.labels").clone();
    if labels.is_object() {
        for path in ["spec.selector", "metadata.labels"] {
            if controller.entries(path).next().is_none() {
                controller.set(path, labels.clone());
            }
        }
    }
    controller.set_default("spec.replicas", 1);
    if let Some(template) = controller.at_mut("spec.template").filter(|t| t.is_object()) {
        defaults::spec(template.make("spec"), version);
    }
}

fn validate(spec: Field<'_>, old: Option<&Value>) {
    spec.child("minReadySeconds").nonnegative();
    let selector = spec.child("selector");
    let selects = selector.value.entries("").next().is_some();
    if !selects {
        selector.required("");
    }
    spec.child("replicas").nonnegative();
    let pods = spec.child("template");
    if pods.is_null() {
        return pods.required("");
    }
    if selects {
        template::is_selected(pods, &json!({"matchLabels": selector.value}));
    }
    template::validate(pods, old.map(|spec| spec.at("template")));
    template::runs_on(pods, "ReplicationController");
}
