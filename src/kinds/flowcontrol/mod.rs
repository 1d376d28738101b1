//! Flow schemas and priority levels (`pkg/apis/flowcontrol`, `pkg/registry/flowcontrol`).
//!
//! # Differs from Kubernetes
//!
//! Nobody is held back: requests are never queued.

mod levels;
mod schemas;

use super::parts::strategy::{count_changes, spec_and_status};
use super::{Forms, Kind};
use crate::api::{Dig, Version};
use crate::json::{Value, json};

/// The row of flow schemas.
pub(super) const SCHEMAS: Kind = Kind {
    defaults: |schema, _| {
        if schema.at("spec.matchingPrecedence").as_i64().unwrap_or_default() == 0 {
            schema.set("spec.matchingPrecedence", 1000);
        }
    },
    prepare,
    validate: |schema| schemas::validate(schema),
    whole_update: true,
    ..Kind::plain("flowcontrol.apiserver.k8s.io", "flowschemas")
};

/// The row of priority levels.
pub(super) const LEVELS: Kind = Kind {
    defaults: levels::set_defaults,
    prepare,
    forms: Some(Forms { like: None, kept: levels::inbound, shown: levels::outbound }),
    validate: |level| levels::validate(level),
    whole_update: true,
    ..Kind::plain("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations")
};

fn prepare(object: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_and_status(object, old, subresource, version);
    if old.is_none() {
        object.set("status", json!({}));
    }
    count_changes(object, old, &["spec"]);
}
