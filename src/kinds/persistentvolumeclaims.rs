//! Persistent volume claims.

use super::Kind;
use super::columns::{AGE, NAME, text, with};
use super::persistentvolumes::{STATUS, VOLUME_MODE, modes};
use crate::api::Dig;
use serde_json::Value;

/// The row of persistent volume claims.
pub(super) const KIND: Kind = Kind {
    columns: &[
        NAME,
        STATUS,
        text("Volume", "spec.volumeName"),
        with("Capacity", |claim, _| if_bound(claim, claim.text("status.capacity.storage").into())),
        with("Access Modes", |claim, _| if_bound(claim, modes(claim.list("status.accessModes")))),
        text("StorageClass", "spec.storageClassName"),
        AGE,
        VOLUME_MODE,
    ],
    returned: |_| true,
    ..Kind::plain("", "persistentvolumeclaims")
};

fn if_bound(claim: &Value, cell: Value) -> Value {
    if claim.text("spec.volumeName").is_empty() { "".into() } else { cell }
}
