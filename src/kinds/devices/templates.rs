//! Templates of claims of devices: one claim for each pod.

use super::requests;
use crate::api::Dig;
use crate::api::names::NameRule;
use crate::kinds::Kind;
use crate::kinds::columns::{AGE, NAME};
use crate::kinds::field::Field;
use crate::kinds::parts::meta;

/// The row of templates of claims.
pub(in crate::kinds) const KIND: Kind = Kind {
    defaults: |template, _| requests::defaults(template.make("spec.spec")),
    prepare: |_, _, _, _| {},
    validate: |template| validate(template.child("spec")),
    validate_update: |new, old, _| {
        meta::whole(new, NameRule::Subdomain);
        validate(new.child("spec"));
        new.child("spec").immutable_internal(old.at("spec"), "resource.ResourceClaimTemplateSpec");
    },
    raw: "spec.spec.devices.config.opaque.parameters",
    columns: &[NAME, AGE],
    returned: |_| true,
    ..Kind::plain("resource.k8s.io", "resourceclaimtemplates")
};

fn validate(spec: Field<'_>) {
    meta::of_template(spec.child("metadata"));
    requests::validate(spec.child("spec"));
}
