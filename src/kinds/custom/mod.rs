//! Custom resources: what a definition's schema says of an object (`apiextensions-apiserver/pkg/registry/customresource`).
//!
//! A new object is checked against the whole schema, an update only where it differs from what is stored, once the
//! release ratchets (KEP-4008). Then come embedded resources, and lists that are sets or maps. Rules in CEL are checked
//! by whoever can, unless [`blocks_rules`] says that the object isn't fit for them.
//!
//! # Differs from Kubernetes
//!
//! Where Kubernetes takes fields in the order of a Go map, which is by chance, here it is the order of names.

mod checks;
mod embedded;
mod formats;
mod lists;
mod numbers;
mod problem;
mod ratchet;
mod scale;
mod strategy;

use crate::api::differences::{RULES_WAIT_FOR_ENUMS, SCHEMA_STATUS};
use crate::api::field::ErrorType;
use crate::api::structural::Structural;
use crate::api::{Dig, Errors, Path};
use crate::json::Value;
use crate::kinds::field::Field;
use checks::Checker;
pub(super) use formats::is_known as is_known_format;
pub(crate) use ratchet::Stored;

/// Checks kind and version of a custom object; whether they are those of its resource.
pub(crate) fn validate_type(object: Field<'_>, api_version: &str, kind: &str) -> bool {
    let before = object.errors.len();
    for (name, expected) in [("kind", kind), ("apiVersion", api_version)] {
        let field = object.string(name);
        if field.text("") != expected {
            field.invalid(format_args!("must be {expected}"));
        }
    }
    object.errors.len() == before
}

/// What a definition says of its objects.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// The schema of the version.
    pub(crate) schema: &'a Structural,
    /// Its `subresources.scale`; null if it has none.
    pub(crate) scale: &'a Value,
    /// Whether what an update leaves as it was may be wrong (gate `CRDValidationRatcheting`).
    pub(crate) ratchets: bool,
}

impl Rules<'_> {
    /// Checks an object, type and metadata aside; `stored` is what an update of the object, or of the subresource named,
    /// replaces.
    pub(crate) fn validate(self, object: Field<'_>, stored: Option<&Value>, subresource: &str) {
        let Rules { schema, scale, ratchets } = self;
        let status_alone = subresource == "status" && object.version().has(SCHEMA_STATUS);
        // Where the status is checked alone, fields are told with its name before them, and texts without.
        let part = status_alone.then_some("status");
        let part_of = |value| part.map_or(value, |part| Dig::at(value, part));
        let schema_of_part = part.map_or(Some(schema), |part| schema.field(part));
        if let (Some(schema), false) = (schema_of_part, part.is_some_and(|part| !object.has(part))) {
            let stored = stored.filter(|_| ratchets).map(|stored| Stored { value: part_of(stored), schema });
            let checked = Checker::new(object.version());
            let outcome = checked.value(part_of(object.value), schema, stored, Path::new(""));
            outcome.problems.iter().for_each(|problem| problem.tell(object.errors, part));
        }
        scale::validate(object, scale, subresource);
        embedded::validate(object, schema);
        if stored.is_none_or(|stored| lists::are_valid(stored, schema, object.version())) {
            lists::validate(object, schema);
        }
    }
}

/// Checks a default of a schema as it would be checked in an object.
pub(super) fn validate_default(default: Field<'_>, schema: &Structural) {
    let before = default.errors.len();
    embedded::validate(default, schema);
    if default.errors.len() > before {
        return;
    }
    let outcome = Checker::new(default.version()).value(default.value, schema, None, Path::new(""));
    let place = default.path.to_string();
    outcome.problems.iter().for_each(|problem| problem.tell(default.errors, Some(&place)));
}

/// Whether rules in CEL are left out, because an object with these errors isn't fit for them (`hasBlockingErr`).
pub(crate) fn blocks_rules(errors: &Errors) -> bool {
    errors.list().iter().any(|error| match error.kind {
        ErrorType::NotSupported => errors.version().has(RULES_WAIT_FOR_ENUMS),
        ErrorType::Required | ErrorType::TooLong | ErrorType::TooMany | ErrorType::TypeInvalid => true,
        ErrorType::Invalid
        | ErrorType::Duplicate
        | ErrorType::Forbidden
        | ErrorType::NotFound
        | ErrorType::Internal => false,
    })
}

#[cfg(test)]
mod tests;
