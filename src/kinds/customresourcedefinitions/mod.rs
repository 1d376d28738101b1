//! Definitions of custom resources (`apiextensions-apiserver/pkg/apis/apiextensions`,
//! `pkg/registry/customresourcedefinition/strategy.go`).
//!
//! A definition is checked in its internal form ([`internal`]): what all versions share stands at the top, and errors name
//! it there (`spec.validation`, not `spec.versions[0].schema`).
//!
//! # Differs from Kubernetes
//!
//! Where Kubernetes walks a Go map, and so tells errors in an order by chance, the order here is that of names.

mod approval;
mod beta;
mod columns;
mod conversion;
mod defaults;
pub(crate) mod field_path;
mod formats;
mod go;
mod internal;
mod names;
mod openapi;
mod parts;
mod ratchet;
mod required;
mod rules;
mod schema;
mod selectable;
mod spec;
mod status;
mod structural;
mod subresources;
#[cfg(test)]
mod tests;
mod versions;

use super::field::Field;
use super::parts::strategy::{count_changes, keep, spec_and_status};
use super::{Forms, Kind};
use crate::api::custom::CLEANUP;
use crate::api::differences::DEFINITION_STATUS_TAKES_METADATA;
use crate::api::{Dig, Version};
use crate::json::{Value, json};
pub(crate) use go::rule as rule_as_go;
pub(crate) use internal::internal;
use required::Required;

/// The row of definitions.
pub(super) const KIND: Kind = Kind {
    unconditional_update: false,
    core_finalizers: false,
    defaults,
    prepare,
    forms: Some(Forms {
        like: Some("v1"),
        kept: |definition, _| beta::inbound(definition),
        shown: |definition, _| beta::outbound(definition),
    }),
    validate,
    validate_update,
    warn: formats::warnings,
    deleting,
    ..Kind::plain("apiextensions.k8s.io", "customresourcedefinitions")
};

fn defaults(definition: &mut Value, _: Version) {
    let names = definition.at("spec.names");
    let (kind, singular) = (names.text("kind").to_owned(), names.text("singular").is_empty());
    let list = names.text("listKind").is_empty();
    if !kind.is_empty() {
        if singular {
            definition.set("spec.names.singular", kind.to_lowercase());
        }
        if list {
            definition.set("spec.names.listKind", format!("{kind}List"));
        }
    }
    definition.set_default("spec.conversion", json!({"strategy": "None"}));
    if definition.has("spec.conversion.webhook.clientConfig.service") {
        definition.set_default("spec.conversion.webhook.clientConfig.service.port", 443);
    }
    if definition.list("status.storedVersions").is_empty() {
        store(definition);
    }
}

/// A definition goes after its objects (`registry/customresourcedefinition/etcd.go`).
fn deleting(definition: &mut Value, now: &str) {
    if !definition.list("metadata.finalizers").iter().any(|finalizer| finalizer == CLEANUP) {
        definition.push("metadata.finalizers", CLEANUP.into());
    }
    let message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    let condition = json!({
        "type": "Terminating", "status": "True", "lastTransitionTime": now, "reason": "InstanceDeletionPending",
        "message": message,
    });
    let others = definition.list("status.conditions").iter();
    let mut conditions: Vec<Value> =
        others.filter(|condition| condition.text("type") != "Terminating").cloned().collect();
    conditions.push(condition);
    definition.set("status.conditions", conditions);
}

/// Notes the storage version as one in which objects are stored.
fn store(definition: &mut Value) {
    let storage = definition.list("spec.versions").iter().find(|version| version.flag("storage"));
    let Some(name) = storage.map(|version| version.at("name").clone()) else {
        return;
    };
    if !definition.list("status.storedVersions").contains(&name) {
        definition.push("status.storedVersions", name);
    }
}

fn prepare(definition: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_and_status(definition, old, subresource, version);
    if subresource.is_empty() {
        store(definition);
    } else if let (Some(old), false) = (old, version.has(DEFINITION_STATUS_TAKES_METADATA)) {
        for path in
            ["metadata.labels", "metadata.annotations", "metadata.finalizers", "metadata.ownerReferences"]
        {
            keep(definition, old, path);
        }
    }
    count_changes(definition, old, &["spec"]);
    // These fields are written even when they are empty.
    definition.set_default("status.acceptedNames", json!({"plural": "", "kind": ""}));
    for path in ["status.conditions", "status.storedVersions"] {
        definition.set_default(path, Value::Null);
    }
}

fn validate(definition: Field<'_>) {
    let whole = internal(definition.value);
    let whole = Field { value: &whole, ..definition };
    names::of_object(whole);
    spec::validate(whole.child("spec"), &Required::of_new(beta::is_beta(whole.value)));
    status::validate(whole);
    status::stored_versions(whole);
    approval::validate(whole, None);
    spec::preserved(whole, None);
}

fn validate_update(definition: Field<'_>, old: &Value, subresource: &str) {
    let (whole, old) = (internal(definition.value), internal(old));
    let whole = Field { value: &whole, ..definition };
    if !subresource.is_empty() {
        return status::validate(whole);
    }
    let spec = whole.child("spec");
    let established = status::is_established(&old);
    spec::validate(spec, &ratchet::required(&old, established).of_version(beta::is_beta(whole.value)));
    spec::immutable(spec, old.at("spec"), established);
    status::validate(whole);
    status::stored_versions(whole);
    approval::validate(whole, Some(&old));
    spec::preserved(whole, Some(&old));
}
