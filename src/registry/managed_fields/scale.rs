//! Who manages a scale: the managers of the object's replicas (`managedfields.ScaleHandler`).
//!
//! # Differs from Kubernetes
//!
//! Who manages more than the replicas keeps one entry when the scale is written by another.

use super::entry::{self, Entry};
use super::{FIELDS, Set, write};
use crate::api::Dig;
use crate::api::resources::Resource;
use crate::json::{Value, json};

/// Where a scale has what is wanted.
const REPLICAS: &str = "spec.replicas";

/// The set of one field.
fn field(path: &str) -> Set {
    let fields = path.rsplit('.').fold(json!({}), |below, step| json!({(format!("f:{step}")): below}));
    Set { here: false, ..Set::of_fields(&fields).unwrap_or_default() }
}

/// Tells a scale who manages it; `wanted` is where the object has its replicas.
pub(in crate::registry) fn of_object(scale: &mut Value, object: &Value, wanted: &str) {
    let replicas = field(wanted);
    let all = entry::decode(object.at(FIELDS)).unwrap_or_default().into_iter();
    let of_scale = all.filter(|entry| !entry.set.intersection(&replicas).is_empty()).map(|entry| Entry {
        api_version: "autoscaling/v1".to_owned(),
        set: field(REPLICAS),
        ..entry
    });
    write(scale, of_scale.collect());
}

/// Tells an object whose scale was written that who manages the scale now has the replicas, and nobody else.
pub(in crate::registry) fn to_object(object: &mut Value, scale: &Value, row: &Resource, wanted: &str) {
    let replicas = field(wanted);
    let mut of_scale = entry::decode(scale.at(FIELDS)).unwrap_or_default();
    let mut all = entry::decode(object.at(FIELDS)).unwrap_or_default();
    for entry in all.iter_mut().filter(|entry| !entry.set.intersection(&replicas).is_empty()) {
        let same = |other: &Entry| {
            let who =
                |entry: &Entry| [&entry.manager, &entry.operation, &entry.subresource].map(String::clone);
            who(other) == who(entry)
        };
        match of_scale.iter().position(same) {
            Some(at) => drop(of_scale.remove(at)),
            None => entry.set.subtract(&replicas),
        }
    }
    let new = of_scale.into_iter().map(|entry| Entry {
        api_version: row.api_version(),
        set: replicas.clone(),
        ..entry
    });
    all.extend(new);
    write(object, all);
}
