//! The types of the API: which fields an object has, of which type, and how their lists merge.
//!
//! The facts are in `schema/*.txt`: the OpenAPI documents of the recorded releases, and what the Go types say of zero
//! values. Reading is lazy: an index by one scan, a definition when it is asked for.
//!
//! # Differs from Kubernetes
//!
//! Releases before 1.28 have the fields of 1.20, later ones those of 1.36; a kind that is in only one of the two is taken
//! from there.

use super::Version;
use std::sync::OnceLock;

mod text;

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Text.
    String,
    /// A 32-bit integer.
    Int32,
    /// A 64-bit integer.
    Int64,
    /// True or false.
    Bool,
    /// A number that may have a fraction.
    Double,
    /// An amount (`100m`, `1Gi`).
    Quantity,
    /// A port, or a percentage.
    IntOrString,
    /// RFC 3339, in seconds.
    Time,
    /// RFC 3339, in microseconds.
    MicroTime,
    /// Bytes in base64.
    Bytes,
    /// Anything: not looked into.
    Any,
    /// A list.
    List(Box<Type>),
    /// A map from names.
    Map(Box<Type>),
    /// An object of the definition of that name.
    Object(&'static str),
}

/// What becomes of a zero value (`0`, `""`, `false`, an empty list) when an object is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zero {
    /// It is left out: a plain field that is omitted when empty.
    Dropped,
    /// It stays when it was given: a pointer.
    Kept,
    /// It is written even when it was not given.
    Written,
}

/// How a strategic merge patch treats a list or an object, where it is not taken as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// As JSON merge patch: objects merge, lists are replaced.
    Plain,
    /// A list of objects merges by a key.
    MergeBy(&'static str),
    /// A list of plain values merges as a set.
    Merge,
    /// An object is replaced as a whole.
    Replace,
}

/// A field of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// The type.
    pub kind: Type,
    /// What becomes of a zero value.
    pub zero: Zero,
    /// How a strategic merge patch treats it.
    pub strategy: Strategy,
    /// Whether such a patch must name the keys that it keeps (`retainKeys`: unions).
    pub retain_keys: bool,
    /// The keys by which an apply tells the elements of a list apart; empty for a list that is no map.
    pub map_keys: Vec<&'static str>,
    /// Whether an apply takes a list as a set.
    pub set: bool,
    /// Whether an apply takes the object as a whole.
    pub atomic: bool,
    /// The values that are allowed, where the document tells them.
    pub values: Vec<&'static str>,
}

/// A type with fields.
#[derive(Debug)]
pub(crate) struct Definition {
    /// The name (`core.v1.Container`).
    pub name: &'static str,
    /// Group, version and kind, for one that travels by itself.
    pub kind: Option<(&'static str, &'static str, &'static str)>,
    /// Whether an apply takes objects of this type as a whole.
    pub atomic: bool,
    /// In the order of names.
    fields: Vec<Field>,
}

impl Definition {
    /// The field of that name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        let at = self.fields.binary_search_by(|f| f.name.cmp(name)).ok()?;
        self.fields.get(at)
    }

    /// All fields in the order of names.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The name as Go writes it in an error (`v1.Container`).
    pub(crate) fn go_name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, rest)| rest)
    }
}

/// The definitions of a release.
#[derive(Debug)]
pub(crate) struct Schema {
    blocks: Vec<text::Block>,
}

/// The definitions that a release knows.
pub(crate) fn schema(version: Version) -> &'static Schema {
    match version.before(28) {
        true => old(),
        false => new(),
    }
}

fn old() -> &'static Schema {
    static OLD: OnceLock<Schema> = OnceLock::new();
    OLD.get_or_init(|| Schema::new(include_str!("schema/v1.20.txt")))
}

fn new() -> &'static Schema {
    static NEW: OnceLock<Schema> = OnceLock::new();
    NEW.get_or_init(|| Schema::new(include_str!("schema/v1.36.txt")))
}

impl Schema {
    fn new(text: &'static str) -> Schema {
        Schema { blocks: text::blocks(text) }
    }

    /// The definition of a name.
    pub(crate) fn definition(&'static self, name: &str) -> Option<&'static Definition> {
        [self, new(), old()].into_iter().find_map(|schema| {
            let at = schema.blocks.binary_search_by(|b| b.name.cmp(name)).ok()?;
            schema.blocks.get(at).map(text::Block::definition)
        })
    }

    /// The definition of a kind.
    pub(crate) fn of_kind(
        &'static self,
        group: &str,
        version: &str,
        kind: &str,
    ) -> Option<&'static Definition> {
        [self, new(), old()].into_iter().find_map(|schema| {
            let mut blocks = schema.blocks.iter();
            blocks.find(|b| b.kind == Some((group, version, kind))).map(text::Block::definition)
        })
    }

    /// The definition that a type names, for an object.
    pub(crate) fn of_type(&'static self, kind: &Type) -> Option<&'static Definition> {
        match kind {
            Type::Object(name) => self.definition(name),
            Type::String
            | Type::Int32
            | Type::Int64
            | Type::Bool
            | Type::Double
            | Type::Quantity
            | Type::IntOrString
            | Type::Time
            | Type::MicroTime
            | Type::Bytes
            | Type::Any
            | Type::List(_)
            | Type::Map(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(minor: u8, definition: &str, name: &str) -> Option<&'static Field> {
        let definition = schema(Version::minor(minor)).definition(definition);
        definition.and_then(|d| d.field(name))
    }

    #[test]
    fn fields_by_release() {
        let container = "core.v1.Container";
        for minor in [20, 36] {
            let ports = field(minor, container, "ports").unwrap();
            assert_eq!(ports.strategy, Strategy::MergeBy("containerPort"));
            assert_eq!(ports.map_keys, ["containerPort", "protocol"]);
            assert_eq!(ports.kind, Type::List(Box::new(Type::Object("core.v1.ContainerPort"))));
            let zero = |definition, name| field(minor, definition, name).map(|f| f.zero);
            assert_eq!(zero("apps.v1.DeploymentSpec", "replicas"), Some(Zero::Kept));
            assert_eq!(zero("core.v1.PodSpec", "hostNetwork"), Some(Zero::Dropped));
            assert_eq!(zero(container, "resources"), Some(Zero::Written));
        }
        assert!(field(20, container, "resizePolicy").is_none());
        assert!(field(36, container, "resizePolicy").is_some());
        let limits = field(36, "core.v1.ResourceRequirements", "limits").unwrap();
        assert_eq!(limits.kind, Type::Map(Box::new(Type::Quantity)));
        let volumes = field(36, "core.v1.PodSpec", "volumes").unwrap();
        assert!(volumes.retain_keys && volumes.strategy == Strategy::MergeBy("name"));
    }

    #[test]
    fn every_resource_has_a_definition() {
        for minor in Version::OLDEST.number()..=Version::NEWEST.number() {
            let version = Version::minor(minor);
            let stored = |r: &&super::super::Resource| r.subresource.is_empty() && r.has_verb("create");
            for row in super::super::resources(version).iter().filter(stored) {
                // Of the versions that came and went between the recorded releases nothing is known.
                let unknown = row.version.starts_with("v1beta") && (21..36).contains(&minor);
                let found = schema(version).of_kind(row.kind_group, row.kind_version, row.kind);
                assert!(found.is_some() || unknown, "1.{minor} {} {}", row.api_version(), row.kind);
            }
        }
    }

    #[test]
    fn every_type_is_defined_and_fields_are_sorted() {
        for schema in [old(), new()] {
            for definition in schema.blocks.iter().map(text::Block::definition) {
                assert!(definition.fields.is_sorted_by_key(|f| f.name), "{}", definition.name);
                for field in &definition.fields {
                    let mut kind = &field.kind;
                    while let Type::List(inner) | Type::Map(inner) = kind {
                        kind = inner;
                    }
                    if let Type::Object(name) = kind {
                        assert!(schema.definition(name).is_some(), "{name}");
                    }
                }
            }
        }
    }
}
