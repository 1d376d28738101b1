//! Devices that pods claim (`pkg/apis/resource`: defaults, validation; `pkg/registry/resource`).
//!
//! # Differs from Kubernetes
//!
//! Of the versions only v1 is looked into (betas are off unless a flag turns them on). What selectors in CEL cost is not
//! counted (whether they compile: `rules/devices.rs`), and the status of a claim is not looked into; of a slice, counters
//! and policies of shared capacity are not. A taint of a device gets no time.

mod claims;
mod names;
mod parts;
mod requests;
mod slices;

pub(crate) use claims::admin_access;

use super::Kind;
use super::columns::{AGE, NAME};
use super::field::Field;
use super::pod::items_mut;
use super::selectable::Selectable;
use crate::api::Dig;
use serde_json::Value;
use std::collections::BTreeSet;

/// The row of classes of devices.
pub(super) const CLASSES: Kind = Kind {
    validate: |class| in_v1(class, parts::class),
    whole_update: true,
    columns: &[NAME, AGE],
    ..Kind::plain("resource.k8s.io", "deviceclasses")
};

/// The row of claims.
pub(super) const CLAIMS: Kind = Kind {
    defaults: |claim, _| set_defaults(claim, "spec"),
    validate: |claim| in_v1(claim, claims::spec),
    validate_update: |new, old, subresource| {
        if subresource.is_empty() {
            let spec = new.child("spec");
            spec.immutable_internal(old.at("spec"), "resource.ResourceClaimSpec");
            in_v1(new, claims::spec);
        }
    },
    ..Kind::plain("resource.k8s.io", "resourceclaims")
};

/// The row of templates of claims.
pub(super) const TEMPLATES: Kind = Kind {
    defaults: |template, _| set_defaults(template, "spec.spec"),
    validate: |template| in_v1(template, claims::template),
    whole_update: true,
    validate_update: |new, old, _| {
        new.child("spec").immutable_internal(old.at("spec"), "resource.ResourceClaimTemplateSpec");
    },
    ..Kind::plain("resource.k8s.io", "resourceclaimtemplates")
};

/// The row of slices of what a driver has.
pub(super) const SLICES: Kind = Kind {
    validate: |slice| in_v1(slice, slices::spec),
    whole_update: true,
    validate_update: |new, old, _| {
        for path in ["spec.driver", "spec.pool.name", "spec.nodeName"] {
            new.child(path).immutable(old.at(path));
        }
    },
    selectable: &[Selectable::text("spec.nodeName"), Selectable::text("spec.driver")],
    ..Kind::plain("resource.k8s.io", "resourceslices")
};

/// Checks the spec of an object of v1; those of betas have another form.
fn in_v1(object: Field<'_>, check: impl Fn(Field<'_>)) {
    if object.text("apiVersion") == "resource.k8s.io/v1" {
        check(object.child("spec"));
    }
}

fn set_defaults(object: &mut Value, spec: &str) {
    if object.text("apiVersion") != "resource.k8s.io/v1" {
        return;
    }
    let fill = |request: &mut Value| {
        if request.text("allocationMode").is_empty() {
            request.set("allocationMode", "ExactCount");
        }
        let counted = request.text("allocationMode") == "ExactCount";
        if counted && request.at("count").as_i64().unwrap_or_default() == 0 {
            request.set("count", 1);
        }
        for toleration in items_mut(request, "tolerations") {
            if toleration.text("operator").is_empty() {
                toleration.set("operator", "Equal");
            }
        }
    };
    for request in items_mut(object, &format!("{spec}.devices.requests")) {
        if let Some(exactly) = request.at_mut("exactly").filter(|exactly| exactly.is_object()) {
            fill(exactly);
        }
        items_mut(request, "firstAvailable").for_each(fill);
    }
}

/// Checks a list of which no two items may say the same, by what they say at a path.
fn set<'a>(list: &'a Field<'a>, most: usize, check: impl Fn(Field<'a>), key: &str) {
    limited(*list, most);
    let mut seen = BTreeSet::new();
    for item in list.items("") {
        check(item);
        let said = item.value.at(key);
        if !seen.insert(said.to_string()) {
            item.told_as("", said).duplicate();
        }
    }
}

/// Checks that a list is not too long.
fn limited(list: Field<'_>, most: usize) {
    let count = list.list("").len();
    if count > most {
        list.errors.too_many(list.path, count, most);
    }
}
