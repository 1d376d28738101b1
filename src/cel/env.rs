//! Which names an expression may use, and what is told of one that does not compile (`cel-go/cel.Env`).

use super::Program;
use super::check::check;
use super::declared::FIELDS;
use super::types::Type;
use crate::api::Version;
use crate::api::schema::{self, schema};
use cel::common::ast::SourceInfo;
use cel::parser::Parser;
use std::fmt::Write;

/// The names that an expression may use.
#[derive(Clone, Debug)]
pub(crate) struct Env {
    version: Version,
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

    /// The expression with its type, or all that is wrong with it, as a server tells it.
    pub(crate) fn compile(&self, text: &str) -> Result<Program, String> {
        let parser = Parser::new()
            .enable_optional_syntax(self.minor >= 28)
            .enable_ident_escape_syntax(self.minor >= 33);
        let (expr, source) = parser.parse_with_source_info(text).map_err(|errors| {
            let list = errors.errors.iter().map(|error| {
                let place = (error.pos.0.max(1) as usize, error.pos.1.max(1) as usize);
                (place, error.msg.clone())
            });
            told(text, list.collect())
        })?;
        let (output, wrong) = check(self, &expr);
        match wrong.is_empty() {
            true => Ok(Program { expr, output, minor: self.version.number() }),
            false => {
                Err(told(text, wrong.into_iter().map(|(id, why)| (place(&source, text, id), why)).collect()))
            }
        }
    }

    /// The release whose libraries there are.
    pub(super) fn minor(&self) -> u8 {
        self.minor
    }

    /// Whether there are types that patches are made of.
    pub(super) fn has_patches(&self) -> bool {
        self.patches
    }

    /// The type of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<&Type> {
        self.variables.iter().rev().find(|(known, _)| known == name).map(|(_, of)| of)
    }

    /// The field of a type.
    pub(super) fn field(&self, of: &str, field: &str) -> Field {
        if of == "kubernetes.variables" {
            return self
                .variable(&format!("variables.{field}"))
                .map_or(Field::Undefined, |of| Field::Of(of.clone()));
        }
        if self.patches && (of == "Object" || of.starts_with("Object.")) {
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
        schema::Type::Object(name) => Type::Named((*name).to_owned()),
    }
}

/// Errors in the order of their places, each with the line that it is about.
fn told(text: &str, mut list: Vec<((usize, usize), String)>) -> String {
    list.sort_by_key(|(place, _)| *place);
    let mut out = String::new();
    for (at, ((line, column), why)) in list.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let shown = text.lines().nth(line - 1).unwrap_or_default();
        let dots = ".".repeat(column - 1);
        // INVARIANT: writing into a string does not fail.
        let _ = write!(out, "ERROR: <input>:{line}:{column}: {why}\n | {shown}\n | {dots}^");
    }
    out
}

/// Line and column of an expression, both from one.
fn place(source: &SourceInfo, text: &str, id: u64) -> (usize, usize) {
    let (start, _) = source.offset_for(id).unwrap_or_default();
    let before: String = text.chars().take(start as usize).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
