//! Persistent volumes.

use super::Kind;
use super::columns::{AGE, Column, NAME, or, text, with};
use crate::api::Dig;
use serde_json::Value;

/// The row of persistent volumes.
pub(super) const KIND: Kind = Kind {
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
