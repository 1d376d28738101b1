//! Persistent volumes (`pkg/apis/core/v1/defaults.go`, `pkg/registry/core/persistentvolume`, `pkg/apis/core/validation`).
//!
//! Differs from Kubernetes: the time of a later change of phase is not noted.

mod update;
mod validate;
mod warnings;

use super::Kind;
use super::columns::{AGE, Column, NAME, or, text, with};
use super::field::Field;
use super::parts::strategy::spec_and_status;
use super::pod::defaults::sources;
use crate::api::differences::PHASES_TIMED;
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// The row of persistent volumes.
pub(super) const KIND: Kind = Kind {
    defaults: |volume, _| {
        volume.set_default("spec.persistentVolumeReclaimPolicy", "Retain");
        volume.set_default("spec.volumeMode", "Filesystem");
        sources(volume.make("spec"));
    },
    prepare,
    validate: |volume| validate::spec(volume.child("spec"), false),
    validate_update: |new, old, subresource| {
        if subresource.is_empty() {
            update::validate(new, old);
        }
    },
    warn: warnings::warn,
    columns: &[
        NAME,
        text("Capacity", "spec.capacity.storage"),
        with("Access Modes", |volume, _| modes(volume.list("spec.accessModes"))),
        text("Reclaim Policy", "spec.persistentVolumeReclaimPolicy"),
        STATUS,
        with("Claim", |volume, _| match volume.at("spec.claimRef") {
            Value::Null => "".into(),
            claim => format!("{}/{}", claim.text("namespace"), claim.text("name")).into(),
        }),
        text("StorageClass", "spec.storageClassName"),
        text("Reason", "status.reason"),
        AGE,
        VOLUME_MODE,
    ],
    returned: |_| true,
    ..Kind::plain("", "persistentvolumes")
};

/// Checks the spec of a volume that stands in a volume attachment.
pub(super) fn inline(spec: Field<'_>) {
    validate::spec(spec, true);
}

fn prepare(volume: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_and_status(volume, old, subresource, version);
    if old.is_none() {
        volume.set("status", json!({"phase": "Pending"}));
        if version.has(PHASES_TIMED) {
            let now = volume.at("metadata.creationTimestamp").clone();
            volume.set("status.lastPhaseTransitionTime", now);
        }
    }
}

/// The phase of a volume or a claim.
pub(super) const STATUS: Column =
    with("Status", |object, _| match object.has("metadata.deletionTimestamp") {
        true => "Terminating".into(),
        false => object.text("status.phase").into(),
    });
/// Whether there are files or blocks on a volume.
pub(super) const VOLUME_MODE: Column = or("VolumeMode", "spec.volumeMode", "<unset>").wide();

/// Access modes, shortened.
pub(super) fn modes(list: &[Value]) -> Value {
    let short = |mode: &Value| match mode.as_str().unwrap_or_default() {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "",
    };
    list.iter().map(short).collect::<Vec<_>>().join(",").into()
}
