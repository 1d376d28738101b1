//! What is asked of a definition.

/// The rules that are asked of a definition.
#[derive(Clone, Debug)]
pub(super) struct Required {
    /// Schemas may have defaults.
    pub(super) defaults: bool,
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
    /// Of a new definition; v1beta1 asks for less.
    pub(super) fn of_new(beta: bool) -> Required {
        let required = Required {
            defaults: false,
            schema: true,
            structural: true,
            types: true,
            pruned_defaults: true,
            atomic_sets: true,
            map_keys: true,
            review_version: true,
            ca_bundle: false,
        };
        required.of_version(beta)
    }

    /// The same in a version of definitions.
    pub(super) fn of_version(self, beta: bool) -> Required {
        match beta {
            true => Required { schema: false, structural: false, types: false, ..self },
            false => Required { defaults: true, ..self },
        }
    }
}
