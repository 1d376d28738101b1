//! What a schema says of values, as a type of expressions (`apiserver/pkg/cel/common.SchemaDeclType`).

use super::names::escaped;
use crate::api::Version;
use crate::api::differences::{ENUMS_BOUND_COSTS, MIXED_TEXTS_BOUND_COSTS};
use crate::api::structural::{Additional, Structural};
use crate::cel::{Extent, Object, Type};
use std::collections::BTreeMap;
use std::sync::Arc;

/// No request has more bytes (`DefaultMaxRequestSizeBytes`).
pub(super) const REQUEST_MAX: u64 = 3 * 1024 * 1024;

/// The shortest value of a type as JSON: `""`, `true`, `0`.
const TEXT_LEAST: u64 = 2;
const BOOLEAN_LEAST: u64 = 4;
const NUMBER_LEAST: u64 = 1;

/// A span of time is at least `"0"`, and no longer than the longest time.
const DURATION: (u64, u64) = (3, 32);
const DATE: (u64, u64) = (12, 12);
const DATE_TIME: (u64, u64) = (21, 32);

/// What expressions know of values of a schema.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// Their type.
    pub(crate) of: Type,
    /// How large they get.
    pub(super) extent: Extent,
    /// How many bytes the smallest of them has as JSON.
    pub(super) least: u64,
}

impl Declared {
    fn scalar(of: Type, least: u64, most: u64) -> Option<Declared> {
        Some(Declared { of, extent: Extent { most, ..Extent::default() }, least })
    }
}

/// What expressions know of values of a schema, whose type has a name; none if they can't speak of them. The root of an
/// object has a type and a name in any case.
pub(crate) fn declare(schema: &Structural, is_root: bool, name: &str, version: Version) -> Option<Declared> {
    if schema.int_or_string {
        let most = match schema.checks.max_length {
            Some(length) if version.has(MIXED_TEXTS_BOUND_COSTS) => length.saturating_mul(4),
            _ => REQUEST_MAX - 2,
        };
        return Declared::scalar(Type::Dyn, NUMBER_LEAST, most);
    }
    match schema.kind.as_str() {
        _ if is_root => object(schema, true, name, version),
        "array" => list(schema, name, version),
        "object" => match &schema.additional {
            Additional::Schema(values) => map(schema, values, name, version),
            Additional::Untold | Additional::Any(_) => object(schema, false, name, version),
        },
        "string" => text(schema, version),
        "boolean" => Declared::scalar(Type::Bool, BOOLEAN_LEAST, 0),
        "number" => Declared::scalar(Type::Double, NUMBER_LEAST, 0),
        "integer" => Declared::scalar(Type::Int, NUMBER_LEAST, 0),
        _ => None,
    }
}

fn list(schema: &Structural, name: &str, version: Version) -> Option<Declared> {
    let items = schema.items.as_deref()?;
    let items = declare(items, items.embedded, &format!("{name}.@idx"), version)?;
    let most = schema.checks.max_items.unwrap_or((REQUEST_MAX - 2) / (items.least + 1));
    let extent = Extent { most, items: Some(Box::new(items.extent)), ..Extent::default() };
    Some(Declared { of: Type::list(items.of), extent, least: 2 })
}

fn map(schema: &Structural, values: &Structural, name: &str, version: Version) -> Option<Declared> {
    let values = declare(values, values.embedded, &format!("{name}.@elem"), version)?;
    // An entry has at least an empty key, a colon and a comma.
    let most = schema.checks.max_properties.unwrap_or((REQUEST_MAX - 2) / (values.least + 6));
    let extent = Extent {
        most,
        items: Some(Box::new(values.extent)),
        keys: Some(Box::default()),
        ..Extent::default()
    };
    Some(Declared { of: Type::map(Type::String, values.of), extent, least: 2 })
}

fn object(schema: &Structural, is_root: bool, name: &str, version: Version) -> Option<Declared> {
    let (mut fields, mut extents, mut least) = (BTreeMap::new(), BTreeMap::new(), 2);
    for (property, schema_of_it) in &schema.properties {
        let escaped = escaped(property);
        let path = format!("{name}.{}", escaped.as_deref().unwrap_or(property));
        let Some(declared) = declare(schema_of_it, schema_of_it.embedded, &path, version) else { continue };
        if schema.checks.required.contains(property) && schema_of_it.default.is_none() {
            least += property.len() as u64 + declared.least + 4;
        }
        if let Some(escaped) = escaped {
            extents.insert(escaped.clone(), declared.extent);
            fields.insert(escaped, declared.of);
        }
    }
    if is_root && !tells_of_meta(schema) {
        let text = || Extent { most: REQUEST_MAX - 2, ..Extent::default() };
        let named = |name: &str| name.to_owned();
        for field in ["apiVersion", "kind"] {
            fields.insert(named(field), Type::String);
            extents.insert(named(field), text());
        }
        let names = ["name", "generateName"];
        let metadata = Object {
            name: format!("{name}.metadata"),
            fields: names.into_iter().map(|field| (named(field), Type::String)).collect(),
        };
        fields.insert(named("metadata"), Type::Object(Arc::new(metadata)));
        let parts = names.into_iter().map(|field| (named(field), text())).collect();
        extents.insert(named("metadata"), Extent { fields: parts, ..Extent::default() });
    }
    let of = Type::Object(Arc::new(Object { name: name.to_owned(), fields }));
    Some(Declared { of, extent: Extent { fields: extents, ..Extent::default() }, least })
}

/// Whether a schema itself tells of an object's type and names (`WithTypeAndObjectMeta`).
fn tells_of_meta(schema: &Structural) -> bool {
    let is = |schema: &Structural, name: &str, kind: &str| {
        schema.properties.get(name).is_some_and(|schema| schema.kind == kind)
    };
    is(schema, "kind", "string")
        && is(schema, "apiVersion", "string")
        && is(schema, "metadata", "object")
        && schema
            .properties
            .get("metadata")
            .is_some_and(|metadata| is(metadata, "name", "string") && is(metadata, "generateName", "string"))
}

fn text(schema: &Structural, version: Version) -> Option<Declared> {
    let checks = &schema.checks;
    let (of, (least, most)) = match checks.format.as_str() {
        "byte" => (Type::Bytes, (TEXT_LEAST, checks.max_length.unwrap_or(REQUEST_MAX - 2))),
        "duration" => (Type::Duration, DURATION),
        "date" => (Type::Timestamp, DATE),
        "date-time" => (Type::Timestamp, DATE_TIME),
        _ => {
            let most = match (checks.max_length, checks.values.as_slice()) {
                // A character has up to four bytes.
                (Some(length), _) => length.saturating_mul(4),
                (None, values) if !values.is_empty() && version.has(ENUMS_BOUND_COSTS) => {
                    let lengths = values.iter().filter_map(|value| Some(value.as_str()?.len() as u64));
                    lengths.max().unwrap_or_default()
                }
                (None, _) => REQUEST_MAX - 2,
            };
            (Type::String, (TEXT_LEAST, most))
        }
    };
    Declared::scalar(of, least, most)
}
