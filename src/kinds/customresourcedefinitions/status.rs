//! What the controllers wrote of a definition, and may be written again.

use super::{go, names};
use crate::api::Dig;
use crate::api::differences::{STORED_VERSIONS_SHOWN, STORED_VERSIONS_WORDED};
use crate::api::field::go_strings;
use crate::json::Value;
use crate::kinds::field::Field;

/// Checks the names that were accepted.
pub(super) fn validate(definition: Field<'_>) {
    names::validate(definition.child("status.acceptedNames"));
}

/// Whether the resource was served once.
pub(super) fn is_established(definition: &Value) -> bool {
    let mut conditions = definition.list("status.conditions").iter();
    conditions.any(|condition| condition.text("type") == "Established" && condition.text("status") == "True")
}

/// A version in which objects are stored stays a version (`ValidateCustomResourceDefinitionStoredVersions`).
pub(super) fn stored_versions(definition: Field<'_>) {
    let stored = definition.child("status.storedVersions");
    let invalid = |detail: &str| match stored.value {
        Value::Null => stored.invalid_go("[]string(nil)", "null", detail),
        _ => stored.invalid_go(go_strings(stored.value.texts("")), stored.value, detail),
    };
    if stored.list("").is_empty() {
        return invalid("must have at least one stored version");
    }
    let versions = definition.list("spec.versions");
    for version in versions.iter().filter(|version| version.flag("storage")) {
        let name = version.text("name");
        if stored.list("").iter().all(|stored| stored != name) {
            let detail = format!("must have the storage version {name}");
            match definition.version().has(STORED_VERSIONS_SHOWN) {
                true => invalid(&detail),
                false => stored.invalid_go(go::version(version, definition.version()).0, "", detail),
            }
        }
    }
    for name in stored.items("") {
        let is_version = |version: &Value| version.at("name") == name.value;
        if versions.iter().any(is_version) {
            continue;
        }
        let version = name.text("");
        match name.version().has(STORED_VERSIONS_WORDED) {
            false => name.invalid("must appear in spec.versions"),
            true => name.invalid(format_args!(
                "missing from spec.versions; {version} was previously a storage version, and must remain in \
                 spec.versions until a storage migration ensures no data remains persisted in {version} and \
                 removes {version} from status.storedVersions"
            )),
        }
    }
}
