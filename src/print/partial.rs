//! Objects without their contents: `PartialObjectMetadata`.

use crate::api::Dig;
use crate::json::{Value, json};

/// An object's metadata alone.
pub(crate) fn metadata(object: &Value, version: &str) -> Value {
    json!({
        "kind": "PartialObjectMetadata", "apiVersion": format!("meta.k8s.io/{version}"),
        "metadata": object.at("metadata"),
    })
}
