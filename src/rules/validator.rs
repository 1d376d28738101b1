//! The rules of a schema and of all below it (`cel.Validator`).

use super::compile::{Compiled, compile};
use super::declare::declare;
use crate::api::Version;
use crate::api::structural::{Additional, Structural};
use std::collections::BTreeMap;

/// The name of the type of `self`.
pub(super) const SELF: &str = "selfType";

/// The compiled rules of a schema; what has none is not there.
#[derive(Clone, Debug)]
pub(crate) struct Validator {
    pub(super) rules: Vec<Compiled>,
    /// Why no rule can be evaluated.
    pub(super) failure: Option<String>,
    /// Whether it is the root of an object.
    pub(super) is_root: bool,
    pub(super) items: Option<Box<Validator>>,
    pub(super) properties: BTreeMap<String, Validator>,
    pub(super) additional: Option<Box<Validator>>,
}

impl Validator {
    /// Compiles the rules of a custom resource's schema; none if it has none.
    pub(crate) fn new(schema: &Structural, version: Version) -> Option<Validator> {
        Validator::of(schema, true, version)
    }

    /// Compiles the rules of a part of a schema.
    pub(super) fn of(schema: &Structural, is_root: bool, version: Version) -> Option<Validator> {
        let below = |schema: &Structural| Validator::of(schema, schema.embedded, version);
        let items = schema.items.as_deref().and_then(below).map(Box::new);
        let additional = match &schema.additional {
            Additional::Schema(schema) => below(schema).map(Box::new),
            Additional::Untold | Additional::Any(_) => None,
        };
        let properties = schema.properties.iter().filter_map(|(name, schema)| {
            let validator = below(schema)?;
            // Of what expressions can't speak, no rule is evaluated.
            declare(schema, schema.embedded, SELF, version)?;
            Some((name.clone(), validator))
        });
        let properties: BTreeMap<String, Validator> = properties.collect();
        let declared = if schema.rules.is_empty() { None } else { declare(schema, is_root, SELF, version) };
        let (rules, failure) = match &declared {
            Some(declared) => (compile(schema, declared, version, &|_| true), None),
            None if schema.rules.is_empty() => (Vec::new(), None),
            None => (Vec::new(), Some(unsupported(schema))),
        };
        let is_empty = rules.is_empty()
            && failure.is_none()
            && items.is_none()
            && additional.is_none()
            && properties.is_empty();
        (!is_empty).then_some(Validator { rules, failure, is_root, items, properties, additional })
    }
}

/// Why a schema can have no rules.
pub(super) fn unsupported(schema: &Structural) -> String {
    format!(
        "rule declared on schema that does not support validation rules type: '{}' \
         x-kubernetes-preserve-unknown-fields: '{}'",
        schema.kind, schema.preserves
    )
}
