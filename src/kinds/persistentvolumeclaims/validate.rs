//! Checks what a status says of a claim (`ValidatePersistentVolumeClaimStatusUpdate`).

use crate::kinds::field::Field;
use crate::kinds::parts::quantities::quantity;

/// Checks what a status says of a claim (`ValidatePersistentVolumeClaimStatusUpdate`).
pub(super) fn status(claim: Field<'_>) {
    if claim.list("spec.accessModes").is_empty() {
        claim.child("Spec.accessModes").required("");
    }
    let amounts = ["status.capacity", "status.allocatedResources"];
    for (_, amount) in amounts.into_iter().flat_map(|list| claim.entries(list)) {
        if let Some(quantity) = quantity(amount.value).filter(|quantity| quantity.value() < 0) {
            amount.invalid_as(quantity.value(), "must be a valid resource quantity");
        }
    }
}
