//! What a container's checks look at beside the container.

use crate::api::Dig;
use crate::json::Value;
use crate::kinds::field::Field;
use std::collections::BTreeMap;

/// The surroundings of a container.
pub(super) struct Around<'a> {
    /// The spec.
    pub(super) spec: Field<'a>,
    /// The valid volumes by name.
    pub(super) volumes: BTreeMap<&'a str, &'a Value>,
}

/// Whether a pod has the host's users: unless it says no.
pub(super) fn host_users(spec: &Value) -> bool {
    spec.at("hostUsers").as_bool().unwrap_or(true)
}
