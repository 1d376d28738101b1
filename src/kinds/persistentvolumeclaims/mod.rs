//! Persistent volume claims (`pkg/apis/core/v1/defaults.go`, `pkg/api/persistentvolumeclaim`, `pkg/apis/core/validation`).

mod data_sources;
mod update;
mod validate;

use super::Kind;
use super::columns::{AGE, NAME, text, with};
use super::parts::claim_spec;
use super::parts::strategy::spec_and_status;
use super::persistentvolumes::{STATUS, VOLUME_MODE, modes};
use crate::api::differences::CLAIMS_CHECKED_ONCE;
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// The row of persistent volume claims.
pub(super) const KIND: Kind = Kind {
    defaults: |claim, _| {
        claim.set_default("spec.volumeMode", "Filesystem");
        claim.set_default("status.phase", "Pending");
    },
    prepare,
    validate: |claim| claim_spec::spec(claim.child("spec")),
    validate_update: |new, old, subresource| match subresource {
        "status" => validate::status(new),
        _ => {
            claim_spec::spec(new.child("spec"));
            if !new.version().has(CLAIMS_CHECKED_ONCE) {
                claim_spec::spec(new.child("spec"));
            }
            update::validate(new, old);
        }
    },
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

fn prepare(claim: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_and_status(claim, old, subresource, version);
    if old.is_none() {
        // The phase is a default: it comes with the first reading.
        claim.set("status", json!({}));
    }
    if subresource.is_empty() {
        data_sources::prepare(claim, old, version);
    }
}

fn if_bound(claim: &Value, cell: Value) -> Value {
    if claim.text("spec.volumeName").is_empty() { "".into() } else { cell }
}
