//! Classes of devices.

use super::configs;
use super::lists::{MOST, each};
use super::requests::selectors;
use crate::api::names::NameRule;
use crate::kinds::Kind;
use crate::kinds::columns::{AGE, NAME};
use crate::kinds::field::Field;
use crate::kinds::parts::meta;
use crate::kinds::parts::strategy::count_changes;
use crate::kinds::pod::is_extended;

/// The row of classes.
pub(in crate::kinds) const KIND: Kind = Kind {
    prepare: |class, old, _, _| count_changes(class, old, &["spec"]),
    validate: |class| validate(class.child("spec")),
    validate_update: |new, _, _| {
        meta::whole(new, NameRule::Subdomain);
        validate(new.child("spec"));
    },
    columns: &[NAME, AGE],
    returned: |_| true,
    ..Kind::plain("resource.k8s.io", "deviceclasses")
};

fn validate(spec: Field<'_>) {
    selectors(spec.child("selectors"));
    each(spec.child("config"), MOST, configs::validate);
    let resource = spec.child("extendedResourceName");
    if !resource.is_null() && !is_extended(resource.text(""), spec.version()) {
        resource.invalid("must be a valid extended resource name");
    }
}
