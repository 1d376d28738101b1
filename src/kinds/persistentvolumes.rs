//! Persistent volumes.

use super::Kind;
use super::columns::{Columns, Print, age, or, text};
use crate::api::Dig;
use serde_json::Value;

/// The row of persistent volumes.
pub(super) const KIND: Kind = Kind {
    columns: &[Columns::new(
        "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|Reason|Age|VolumeMode*",
        row,
    )],
    returned: |_| true,
    ..Kind::plain("", "persistentvolumes")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let claim = object.at("spec.claimRef");
    let claim = match claim.is_null() {
        true => String::new(),
        false => format!("{}/{}", claim.text("namespace"), claim.text("name")),
    };
    let phase = match object.has("metadata.deletionTimestamp") {
        true => "Terminating",
        false => object.text("status.phase"),
    };
    vec![
        object.name().into(),
        text(object, "spec.capacity.storage"),
        modes(object.list("spec.accessModes")),
        text(object, "spec.persistentVolumeReclaimPolicy"),
        phase.into(),
        claim.into(),
        text(object, "spec.storageClassName"),
        text(object, "status.reason"),
        age(object, print),
        volume_mode(object),
    ]
}

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

pub(super) fn volume_mode(object: &Value) -> Value {
    or(object, "spec.volumeMode", "<unset>")
}
