//! What the registry's strategies have in common (`pkg/registry/*/strategy.go`).

use crate::api::{Dig, Version};
use crate::json::Value;

/// Puts back what is stored at a path; what isn't stored goes.
pub(crate) fn keep(object: &mut Value, old: &Value, path: &str) {
    match old.at(path) {
        Value::Null => {
            object.take_out(path);
        }
        stored => object.set(path, stored.clone()),
    }
}

/// A client writes the spec, and the status through `/status` alone.
pub(crate) fn spec_and_status(object: &mut Value, old: Option<&Value>, subresource: &str, _: Version) {
    match (old, subresource) {
        (None, _) => {
            object.take_out("status");
        }
        (Some(old), "status") => keep(object, old, "spec"),
        (Some(old), _) => keep(object, old, "status"),
    }
}

/// As [`spec_and_status`], and each change of the spec counts in `metadata.generation`.
pub(crate) fn spec_with_generation(
    object: &mut Value,
    old: Option<&Value>,
    subresource: &str,
    version: Version,
) {
    spec_and_status(object, old, subresource, version);
    count_changes(object, old, &["spec"]);
}

/// `metadata.generation`: 1 at first, one more at each change of the fields at `paths`.
pub(crate) fn count_changes(object: &mut Value, old: Option<&Value>, paths: &[&str]) {
    let Some(old) = old else {
        object.set("metadata.generation", 1);
        return;
    };
    keep(object, old, "metadata.generation");
    if paths.iter().any(|path| object.at(path) != old.at(path)) {
        let generation = old.at("metadata.generation").as_i64().unwrap_or_default();
        object.set("metadata.generation", generation + 1);
    }
}
