//! Claims of devices.

use super::{requests, status};
use crate::api::names::NameRule;
use crate::api::{Dig, Version};
use crate::json::{Value, json};
use crate::kinds::Kind;
use crate::kinds::columns::{AGE, NAME, with};
use crate::kinds::parts::meta;
use crate::kinds::parts::strategy::keep;

/// The row of claims.
pub(in crate::kinds) const KIND: Kind = Kind {
    defaults: |claim, _| requests::defaults(claim.make("spec")),
    prepare,
    validate: |claim| requests::validate(claim.child("spec")),
    validate_update: |new, old, subresource| match subresource {
        "" => {
            meta::whole(new, NameRule::Subdomain);
            requests::validate(new.child("spec"));
            new.child("spec").immutable_internal(old.at("spec"), "resource.ResourceClaimSpec");
        }
        _ => status::validate(new, old),
    },
    raw: "spec.devices.config.opaque.parameters",
    columns: &[NAME, with("State", |claim, _| state(claim).into()), AGE],
    returned: |_| true,
    ..Kind::plain("resource.k8s.io", "resourceclaims")
};

fn prepare(claim: &mut Value, old: Option<&Value>, subresource: &str, _: Version) {
    match (old, subresource) {
        (None, _) => claim.set("status", json!({})),
        (Some(old), "status") => {
            for path in ["spec", "metadata.labels", "metadata.annotations", "metadata.finalizers"] {
                keep(claim, old, path);
            }
            keep(claim, old, "metadata.ownerReferences");
            status::drop_deallocated(claim, old);
        }
        (Some(old), _) => keep(claim, old, "status"),
    }
}

/// `pending`, or `allocated` and `reserved` (`resourceClaimState`).
fn state(claim: &Value) -> String {
    let deleted = claim.has("metadata.deletionTimestamp");
    let mut states = Vec::new();
    if deleted {
        states.push("deleted");
    }
    match claim.has("status.allocation") {
        true => states.push("allocated"),
        false if !deleted => states.push("pending"),
        false => {}
    }
    if claim.has("status.allocation") && !claim.list("status.reservedFor").is_empty() {
        states.push("reserved");
    }
    states.join(",")
}
