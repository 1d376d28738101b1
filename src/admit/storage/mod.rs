//! The plugins about storage (`plugin/pkg/admission/storage`).

pub(super) mod default_class;
pub(super) mod in_use;
pub(super) mod resize;

use crate::api::Dig;
use crate::json::Value;

/// The storage class that a claim names, by the annotation of old or by its field.
fn class_name(claim: &Value) -> Option<&str> {
    claim
        .annotation("volume.beta.kubernetes.io/storage-class")
        .or_else(|| claim.at("spec.storageClassName").as_str())
}
