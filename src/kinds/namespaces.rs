//! Namespaces, their `finalize` and `status` (`pkg/registry/core/namespace/strategy.go`).

use super::Kind;
use super::columns::{AGE, NAME, text};
use super::field::Field;
use super::parts::meta;
use super::parts::strategy::keep;
use super::selectable::Selectable;
use crate::api::differences::NAMESPACE_LABEL;
use crate::api::names::{NameRule, qualified_name};
use crate::api::{Dig, Version};
use crate::json::Value;

const NAME_LABEL: &str = "kubernetes.io/metadata.name";
const FINALIZER: &str = "kubernetes";
const FINALIZERS: &str = "spec.finalizers";

/// The row of namespaces.
pub(super) const KIND: Kind = Kind {
    name: NameRule::Label,
    defaults: label_with_name,
    prepare,
    validate,
    validate_update,
    whole_update: true,
    columns: &[NAME, text("Status", "status.phase"), AGE],
    selectable: &[Selectable::text("status.phase")],
    ..Kind::plain("", "namespaces")
};

/// Since 1.21 a namespace is labelled with its name, so that selectors can name it.
fn label_with_name(namespace: &mut Value, version: Version) {
    let name = namespace.name().to_owned();
    if version.has(NAMESPACE_LABEL) && !name.is_empty() {
        namespace.make("metadata.labels")[NAME_LABEL] = name.into();
    }
}

fn prepare(namespace: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    match (old, subresource) {
        (None, _) => {
            namespace.set("status", crate::json!({"phase": "Active"}));
            let mut finalizers = namespace.list(FINALIZERS).to_vec();
            if !finalizers.contains(&FINALIZER.into()) {
                finalizers.push(FINALIZER.into());
            }
            namespace.set(FINALIZERS, finalizers);
        }
        (Some(old), "status") => keep(namespace, old, "spec"),
        (Some(old), "finalize") => keep(namespace, old, "status"),
        (Some(old), _) => {
            keep(namespace, old, "status");
            if old.has(FINALIZERS) || namespace.has(FINALIZERS) {
                keep(namespace, old, FINALIZERS);
            }
        }
    }
    // A name that was generated is known only now.
    label_with_name(namespace, version);
}

fn validate(namespace: Field<'_>) {
    let list = namespace.child(FINALIZERS);
    for finalizer in list.list("") {
        let told = Field { value: finalizer, ..list };
        told.invalid_each(qualified_name(told.text(""), told.version()));
        meta::core_finalizer(told);
    }
}

fn validate_update(new: Field<'_>, _old: &Value, subresource: &str) {
    match subresource {
        "status" => {
            let (wanted, when) = match new.has("metadata.deletionTimestamp") {
                true => ("Terminating", "is not empty"),
                false => ("Active", "is empty"),
            };
            let phase = new.text("status.phase");
            if phase != wanted {
                let detail = format!("may only be '{wanted}' if `deletionTimestamp` {when}");
                new.child("status.Phase").invalid_as(phase, detail);
            }
        }
        "finalize" => {
            for finalizer in new.items(FINALIZERS) {
                finalizer.invalid_each(qualified_name(finalizer.text(""), new.version()));
            }
            new.items(FINALIZERS).for_each(meta::core_finalizer);
        }
        _ => {}
    }
}
