//! What a definition must fulfil: a new one everything; at an update, what was stored already may stay wrong.

use super::required::Required;
use super::{conversion, defaults, openapi, parts, structural};
use crate::api::Dig;
use crate::json::Value;

/// What is asked of the successor of a definition, in its internal form.
pub(super) fn required(old: &Value, established: bool) -> Required {
    let spec = old.at("spec");
    let has = |wrong: &dyn Fn(&Value) -> bool| parts::any(spec, wrong);
    let versions = spec.list("versions");
    let reviews = spec.list("conversion.conversionReviewVersions");
    Required {
        defaults: has(&|schema| schema.has("default")),
        schema: spec.has("validation.openAPIV3Schema")
            || versions.iter().all(|version| version.has("schema.openAPIV3Schema")),
        structural: parts::roots(spec).all(structural::is_structural),
        types: !has(&openapi::has_unknown_type),
        pruned_defaults: parts::roots(spec).all(defaults::are_pruned),
        atomic_sets: !has(&openapi::is_set_of_parts),
        map_keys: !has(&openapi::has_wrong_keys),
        review_version: reviews.is_empty() || reviews.iter().any(conversion::is_known),
        ca_bundle: established && conversion::has_good_ca_bundle(spec.at("conversion")),
    }
}
