//! Namespaces, their `finalize` and `status` (`pkg/registry/core/namespace/strategy.go`).

use super::Kind;
use super::columns::{Columns, Print, age, text};
use super::parts::meta::validate_core_finalizers;
use super::parts::strategy::keep;
use super::selectable::Field;
use crate::api::differences::NAMESPACE_LABEL;
use crate::api::field::Errors;
use crate::api::names::NameRule;
use crate::api::names::qualified_name;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::Value;

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
    columns: &[Columns::new("Name|Status|Age", row)],
    selectable: &[Field::text("status.phase")],
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
            namespace.set("status", serde_json::json!({"phase": "Active"}));
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

fn validate(namespace: &Value, errors: &mut Errors) {
    for finalizer in namespace.list(FINALIZERS) {
        let name = finalizer.as_str().unwrap_or_default();
        errors.invalid_each(FINALIZERS, name, qualified_name(name, errors.version()));
        if !name.contains('/') && !matches!(name, "kubernetes" | "orphan" | "foregroundDeletion") {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(FINALIZERS, name, detail);
        }
    }
}

fn validate_update(new: &Value, _old: &Value, subresource: &str, errors: &mut Errors) {
    match subresource {
        "status" => {
            let (wanted, when) = match new.has("metadata.deletionTimestamp") {
                true => ("Terminating", "is not empty"),
                false => ("Active", "is empty"),
            };
            let phase = new.text("status.phase");
            if phase != wanted {
                let detail = format!("may only be '{wanted}' if `deletionTimestamp` {when}");
                errors.invalid("status.Phase", phase, detail);
            }
        }
        "finalize" => {
            for (i, finalizer) in new.list(FINALIZERS).iter().enumerate() {
                let name = finalizer.as_str().unwrap_or_default();
                let wrong = qualified_name(name, errors.version());
                errors.invalid_each(format_args!("{FINALIZERS}[{i}]"), name, wrong);
            }
            validate_core_finalizers(new, FINALIZERS, errors);
        }
        _ => {}
    }
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), text(object, "status.phase"), age(object, print)]
}
