//! Values of another kind than their type takes, which no decoder of a server's reads, and fields that a type has in no release.
//!
//! Only the kinds of values and the names of fields are looked at, so that a dump of many objects costs next to nothing.

use super::schemas;
use crate::api::Version;
use crate::api::schema::{self, Definition, Schema, Type};
use crate::error::nearest;
use crate::json::Value;
use std::fmt::Write;

/// A part of an object that its type does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Where: `rules[0].verbs`.
    pub(crate) field: String,
    /// What is wrong there.
    pub(crate) wrong: Wrong,
}

/// What is wrong with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It is of another kind than what the type takes: `a text`, where that takes `a list`.
    Kind { is: &'static str, wanted: &'static str },
    /// No release's type has such a field; the one that is nearly called so.
    Unknown { nearest: Option<&'static str> },
}

/// The first part of an object that a decoder would refuse; nothing is said of kinds whose types the release does not have. That a
/// field is unknown is told if `strictly`.
pub(crate) fn misfit(
    object: &Value,
    [group, version, kind]: [&str; 3],
    release: Version,
    strictly: bool,
) -> Option<Misfit> {
    let schema = schema::schema(release);
    let mut looking = Looking { schema, strictly, path: String::new() };
    let wrong = looking.object(object, schema.of_kind(group, version, kind)?)?;
    Some(Misfit { field: looking.path.trim_start_matches('.').to_owned(), wrong })
}

struct Looking {
    schema: &'static Schema,
    strictly: bool,
    /// The way to the present value.
    path: String,
}

impl Looking {
    /// Looks into a part; the way to it stays where something was found.
    fn within(&mut self, step: std::fmt::Arguments<'_>, value: &Value, kind: &'static Type) -> Option<Wrong> {
        let length = self.path.len();
        let _ = self.path.write_fmt(step);
        let told = self.value(value, kind);
        if told.is_none() {
            self.path.truncate(length);
        }
        told
    }

    fn object(&mut self, value: &Value, definition: &'static Definition) -> Option<Wrong> {
        let Value::Object(fields) = value else {
            return Some(Wrong::Kind { is: called(value), wanted: "an object" });
        };
        let mut keys = fields.keys().filter(|_| self.strictly);
        if let Some(key) = keys.find(|key| is_unknown(definition, key)) {
            let _ = write!(self.path, ".{key}");
            return Some(Wrong::Unknown {
                nearest: nearest(key, definition.fields().iter().map(|field| field.name)),
            });
        }
        let known = fields.iter().filter_map(|(key, value)| Some((value, definition.field(key)?)));
        // What is a schema or something else is told by who reads it.
        let mut known = known.filter(|(_, field)| !schemas::is_union(definition, field));
        known.find_map(|(value, field)| self.within(format_args!(".{}", field.name), value, &field.kind))
    }

    fn value(&mut self, value: &Value, kind: &'static Type) -> Option<Wrong> {
        let (fits, wanted) = match (kind, value) {
            (_, Value::Null) | (Type::Bytes | Type::Any, _) => return None,
            (Type::List(item), Value::Array(items)) => {
                let mut items = items.iter().enumerate();
                return items.find_map(|(at, value)| self.within(format_args!("[{at}]"), value, item));
            }
            (Type::Map(item), Value::Object(fields)) => {
                let mut fields = fields.iter();
                return fields.find_map(|(key, value)| self.within(format_args!("[{key}]"), value, item));
            }
            (Type::Object(_), _) => return self.object(value, self.schema.of_type(kind)?),
            (Type::List(_), _) => (false, "a list"),
            (Type::Map(_), _) => (false, "an object"),
            (Type::String | Type::Time | Type::MicroTime, value) => (value.as_str().is_some(), "a text"),
            (Type::Bool, value) => (matches!(value, Value::Bool(_)), "true or false"),
            (Type::Int32 | Type::Int64 | Type::Double, value) => {
                (matches!(value, Value::Number(_)), "a number")
            }
            (Type::Quantity | Type::IntOrString, value) => {
                (matches!(value, Value::String(_) | Value::Number(_)), "a text or a number")
            }
        };
        (!fits).then(|| Wrong::Kind { is: called(value), wanted })
    }
}

/// Whether a type has a field in no release: what others have is of another time, and no slip of the pen.
fn is_unknown(definition: &Definition, key: &str) -> bool {
    let has = |release| {
        schema::schema(release).definition(definition.name).is_some_and(|of| of.field(key).is_some())
    };
    definition.field(key).is_none() && !Version::all().any(has)
}

/// A value as a sentence has it.
fn called(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
