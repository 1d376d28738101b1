//! Which names an expression may use (`cel-go/cel.Env`).

use super::declared::FIELDS;
use super::macros::OPTIONALS;
use super::types::Type;
use crate::api::Version;
use crate::api::schema::{self, schema};

/// The types of libraries that have a name, and the first release in which they have one.
const TYPES: [(u8, &str); 3] = [(0, "google.protobuf.Any"), (30, "net.CIDR"), (30, "net.IP")];

/// The names that an expression may use.
#[derive(Clone, Debug)]
pub(crate) struct Env {
    pub(super) version: Version,
    /// The release whose libraries there are.
    minor: u8,
    variables: Vec<(String, Type)>,
    patches: bool,
}

impl Env {
    /// No names but those of the libraries that a release has.
    pub(crate) fn new(version: Version) -> Env {
        Env { version, minor: version.number(), variables: Vec::new(), patches: false }
    }

    /// With the libraries of the release before: what is new may not be used yet, so that a cluster can go back.
    pub(crate) fn compatible(mut self) -> Env {
        self.minor = self.minor.saturating_sub(1);
        self
    }

    /// With a variable; a dotted name is a field of what stands before the dot.
    pub(crate) fn with(mut self, name: &str, of: Type) -> Env {
        self.variables.push((name.to_owned(), of));
        self
    }

    /// With the types that patches are made of (`Object`, `JSONPatch`).
    pub(crate) fn with_patches(mut self) -> Env {
        self.patches = true;
        self
    }

    /// The release whose libraries there are.
    pub(super) fn minor(&self) -> u8 {
        self.minor
    }

    /// Whether a function may be called: those for patches only where they are made.
    pub(super) fn knows(&self, function: &str) -> bool {
        self.patches || !function.starts_with("jsonpatch.")
    }

    /// The type of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<&Type> {
        self.variables.iter().rev().find(|(known, _)| known == name).map(|(_, of)| of)
    }

    /// The type that a name which is no variable stands for.
    pub(super) fn type_named(&self, name: &str) -> Option<Type> {
        Type::spelled(name).or_else(|| {
            let library = TYPES.iter().any(|(since, known)| *known == name && *since <= self.minor);
            match name {
                "optional_type" if self.minor >= OPTIONALS => Some(Type::Optional(Box::new(Type::Dyn))),
                name if library || self.makes(name) => Some(Type::Named(name.to_owned())),
                _ => None,
            }
        })
    }

    /// Whether an expression may make a value of a type.
    pub(super) fn makes(&self, name: &str) -> bool {
        self.patches && (name == "JSONPatch" || name == "Object" || name.starts_with("Object."))
    }

    /// The field of a type.
    pub(super) fn field(&self, of: &str, field: &str) -> Field {
        if of == "kubernetes.variables" {
            return self
                .variable(&format!("variables.{field}"))
                .map_or(Field::Undefined, |of| Field::Of(of.clone()));
        }
        if of != "JSONPatch" && self.makes(of) {
            return Field::Of(Type::Dyn);
        }
        if let Some((_, fields)) = FIELDS.iter().find(|(known, _)| *known == of) {
            let found = fields.iter().find(|(known, _)| *known == field);
            return found.map_or(Field::Undefined, |(_, of)| Field::Of(Type::parse(of)));
        }
        match schema(self.version).definition(of) {
            Some(definition) => match definition.field(field) {
                Some(field) => Field::Of(of_schema(&field.kind)),
                None => Field::Undefined,
            },
            None => Field::NoFields,
        }
    }
}

/// What a type says of a field.
pub(super) enum Field {
    /// It has that type.
    Of(Type),
    /// There is no such field.
    Undefined,
    /// The type has no fields at all.
    NoFields,
}

/// The type of a field of the API.
fn of_schema(kind: &schema::Type) -> Type {
    match kind {
        schema::Type::String | schema::Type::Quantity => Type::String,
        schema::Type::Int32 | schema::Type::Int64 => Type::Int,
        schema::Type::Bool => Type::Bool,
        schema::Type::Double => Type::Double,
        schema::Type::IntOrString | schema::Type::Any => Type::Dyn,
        schema::Type::Time | schema::Type::MicroTime => Type::Timestamp,
        schema::Type::Bytes => Type::Bytes,
        schema::Type::List(of) => Type::list(of_schema(of)),
        schema::Type::Map(of) => Type::map(Type::String, of_schema(of)),
        schema::Type::Object(name) => Type::Named(name.to_string()),
    }
}
