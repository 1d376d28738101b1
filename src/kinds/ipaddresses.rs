//! IP addresses of services (`pkg/apis/networking/validation`).

use super::Kind;
use super::columns::{AGE, NAME, Print, with};
use super::field::Field;
use super::parts::addresses;
use crate::api::Dig;
use crate::api::names::{NameRule, dns1123_subdomain, path_segment};
use crate::json::Value;

/// The row of IP addresses.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    prepare: |_, _, _, _| {},
    validate: |address| {
        let name = address.child("metadata.name");
        if !name.text("").is_empty() {
            addresses::canonical(name);
        }
        validate_parent(address.child("spec.parentRef"));
    },
    validate_update: |new, old, _| new.child("spec.parentRef").immutable(old.at("spec.parentRef")),
    columns: &[NAME, with("ParentRef", parent), AGE],
    ..Kind::plain("networking.k8s.io", "ipaddresses")
};

fn validate_parent(parent: Field<'_>) {
    if parent.is_null() {
        return parent.required("");
    }
    parent.child("group").named_if_set(dns1123_subdomain);
    for key in ["resource", "name"] {
        parent.child(key).named(|text| path_segment(text, false));
    }
    parent.child("namespace").named_if_set(|text| path_segment(text, false));
}

fn parent(object: &Value, _: Print) -> Value {
    let parent = object.at("spec.parentRef");
    let parts = ["group", "resource", "namespace", "name"].map(|key| parent.text(key));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/").into()
}
