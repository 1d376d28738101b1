//! What a definition must fulfil: a new one everything; at an update, what was stored already may stay wrong.

use super::{conversion, openapi, schema, structural};
use crate::api::Dig;
use serde_json::Value;

/// The rules that are asked of a definition.
#[derive(Clone, Debug)]
pub(super) struct Required {
    /// Each version has a schema.
    pub(super) schema: bool,
    /// Schemas are structural.
    pub(super) structural: bool,
    /// Types are those of OpenAPI.
    pub(super) types: bool,
    /// Defaults have no unknown fields.
    pub(super) pruned_defaults: bool,
    /// The items of a set are taken as a whole.
    pub(super) atomic_sets: bool,
    /// The keys of a list that is a map are there; items of maps and sets are not null.
    pub(super) map_keys: bool,
    /// A webhook takes a version of reviews that is known.
    pub(super) review_version: bool,
    /// A webhook's authorities can be read.
    pub(super) ca_bundle: bool,
}

impl Required {
    /// Of a new definition.
    pub(super) const fn of_new() -> Required {
        Required {
            schema: true,
            structural: true,
            types: true,
            pruned_defaults: true,
            atomic_sets: true,
            map_keys: true,
            review_version: true,
            ca_bundle: false,
        }
    }

    /// Of the successor of a definition, in its internal form.
    pub(super) fn of_update(old: &Value, established: bool) -> Required {
        let spec = old.at("spec");
        let has = |wrong: &dyn Fn(&Value) -> bool| schema::any(spec, wrong);
        let versions = spec.list("versions");
        let reviews = spec.list("conversion.conversionReviewVersions");
        Required {
            schema: spec.has("validation.openAPIV3Schema")
                || versions.iter().all(|version| version.has("schema.openAPIV3Schema")),
            structural: schema::roots(spec).all(structural::is_structural),
            types: !has(&openapi::has_unknown_type),
            pruned_defaults: schema::roots(spec).all(super::defaults::are_pruned),
            atomic_sets: !has(&openapi::is_set_of_parts),
            map_keys: !has(&openapi::has_wrong_keys),
            review_version: reviews.is_empty() || reviews.iter().any(conversion::is_known),
            ca_bundle: established && conversion::has_good_ca_bundle(spec.at("conversion")),
        }
    }
}
