//! Persistent volume claims.

use super::Kind;
use super::columns::{Columns, Print, age, text};
use super::persistentvolumes::{modes, volume_mode};
use crate::api::Dig;
use serde_json::Value;

/// The row of persistent volume claims.
pub(super) const KIND: Kind = Kind {
    columns: &[Columns::new("Name|Status|Volume|Capacity|Access Modes|StorageClass|Age|VolumeMode*", row)],
    returned: |_| true,
    ..Kind::plain("", "persistentvolumeclaims")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let bound = !object.text("spec.volumeName").is_empty();
    let phase = match object.has("metadata.deletionTimestamp") {
        true => "Terminating",
        false => object.text("status.phase"),
    };
    vec![
        object.name().into(),
        phase.into(),
        text(object, "spec.volumeName"),
        if bound { text(object, "status.capacity.storage") } else { "".into() },
        if bound { modes(object.list("status.accessModes")) } else { "".into() },
        text(object, "spec.storageClassName"),
        age(object, print),
        volume_mode(object),
    ]
}
