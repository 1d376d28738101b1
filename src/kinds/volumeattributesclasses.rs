//! Classes of volume attributes (`pkg/apis/storage/validation`).

use super::Kind;
use super::columns::{AGE, NAME, text};
use super::field::Field;
use super::parts::storage;
use crate::api::Dig;

/// The row of classes of volume attributes.
pub(super) const KIND: Kind = Kind {
    prepare: |_, _, _, _| {},
    validate,
    validate_update: |new, old, _| {
        validate(new);
        for key in ["driverName", "parameters"] {
            if new.value.at(key) != old.at(key) {
                new.child(key).forbidden(format_args!("updates to {key} are forbidden."));
            }
        }
    },
    columns: &[NAME, text("DriverName", "driverName"), AGE],
    returned: |_| true,
    ..Kind::plain("storage.k8s.io", "volumeattributesclasses")
};

fn validate(class: Field<'_>) {
    storage::provisioner(class.child("driverName"));
    storage::parameters(class.child("parameters"), false);
}
