//! What a claim of storage asks for, be it in a claim or in a template (`ValidatePersistentVolumeClaimSpec`,
//! `ValidatePersistentVolumeClaimTemplate`).

use super::{meta, selector, storage};
use crate::api::Dig;
use crate::api::differences::DATA_SOURCE_WORDED;
use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::kinds::field::Field;

/// Checks a template of claims.
pub(crate) fn template(template: Field<'_>) {
    meta::of_template(template.child("metadata"));
    spec(template.child("spec"));
}

/// Checks the spec of a claim.
pub(crate) fn spec(spec: Field<'_>) {
    let modes = spec.child("accessModes");
    if modes.list("").is_empty() {
        modes.required("at least 1 access mode is required");
    }
    selector::validate(spec.child("selector"));
    storage::access_modes(modes);
    let (resources, requests) = (spec.child("resources"), spec.child("resources.requests"));
    let asked = Field { value: requests.value.at("storage"), ..resources.entry("storage") };
    match asked.is_null() {
        true => asked.required(""),
        false => storage::positive(asked),
    }
    storage::class_name(spec.child("storageClassName"));
    storage::volume_mode(spec.child("volumeMode"));
    let (local, any) = (spec.child("dataSource"), spec.child("dataSourceRef"));
    [local, any].into_iter().filter(|source| !source.is_null()).for_each(data_source);
    if local.is_null() || any.is_null() {
    } else if !any.text("namespace").is_empty() {
        let detail = "may not be specified when dataSourceRef.namespace is specified";
        spec.invalid_as(crate::json!({}), detail);
    } else if ["apiGroup", "kind", "name"].iter().any(|key| local.value.at(key) != any.value.at(key)) {
        spec.invalid_as(crate::json!({}), "must match dataSourceRef");
    }
    storage::class_name(spec.child("volumeAttributesClassName"));
}

fn data_source(source: Field<'_>) {
    for key in ["name", "kind"] {
        source.child(key).filled();
    }
    let (group, kind) = (source.child("apiGroup"), source.text("kind"));
    match group.text("") {
        "" if kind == "PersistentVolumeClaim" => {}
        "" => source.invalid_as(
            kind,
            match source.version().has(DATA_SOURCE_WORDED) {
                true => "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
                false => "",
            },
        ),
        text => group.invalid_each(dns1123_subdomain(text)),
    }
    source.child("namespace").named_if_set(|name| dns1123_label(name, source.version()));
}
