//! Where a custom object keeps what `/scale` shows (`ValidateCustomResourceDefinitionSubresources`).

use super::columns::{is_simple, simple_path};
use crate::kinds::field::Field;

/// The paths of a scale: whether it must be given, below what it is, and how that is told.
const PATHS: [(&str, bool, &[&str], &str); 3] = [
    ("scale.specReplicasPath", true, &[".spec."], "should be a json path under .spec"),
    ("scale.statusReplicasPath", true, &[".status."], "should be a json path under .status"),
    (
        "scale.labelSelectorPath",
        false,
        &[".spec.", ".status."],
        "should be a json path under either .spec or .status",
    ),
];

/// Checks the subresources of a version, or of all.
pub(super) fn validate(subresources: Field<'_>) {
    if !subresources.has("scale") {
        return;
    }
    for (key, must, below, detail) in PATHS {
        let path = subresources.child(key);
        let text = path.text("");
        if text.is_empty() {
            if must {
                path.required("");
            }
        } else if !is_simple(text) {
            simple_path(path);
        } else if !below.iter().any(|front| text.starts_with(front)) {
            path.invalid(detail);
        }
    }
}
