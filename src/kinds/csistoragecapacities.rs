//! How much room storage has (`pkg/apis/storage/validation`).

use super::Kind;
use super::columns::{AGE, NAME, text};
use super::field::Field;
use super::parts::{meta, selector, storage};
use crate::api::Dig;
use crate::api::differences::CAPACITIES_CHECKED_ONCE;
use crate::api::names::{NameRule, dns1123_subdomain};

/// The row of storage capacities.
pub(super) const KIND: Kind = Kind {
    prepare: |_, _, _, _| {},
    validate: |capacity| {
        validate(capacity);
        if !capacity.version().has(CAPACITIES_CHECKED_ONCE) {
            meta::whole(capacity, NameRule::Subdomain);
            validate(capacity);
        }
    },
    validate_update: |new, old, _| {
        validate(new);
        new.child("nodeTopology").immutable(old.at("nodeTopology"));
        new.child("storageClassName").immutable(old.at("storageClassName"));
    },
    columns: &[NAME, text("StorageClassName", "storageClassName"), text("Capacity", "capacity"), AGE],
    returned: |_| true,
    ..Kind::plain("storage.k8s.io", "csistoragecapacities")
};

fn validate(capacity: Field<'_>) {
    let class = capacity.string("storageClassName");
    class.invalid_each(dns1123_subdomain(class.text("")));
    selector::validate(capacity.child("nodeTopology"));
    storage::nonnegative(capacity.child("capacity"));
}
