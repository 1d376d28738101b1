//! The types of the API: which fields an object has, of which type, and how their lists merge.
//!
//! The facts are in `schema/types.txt`, for all releases: their OpenAPI documents, and what the Go types say of zero values
//! (`examples/schema.rs` writes it). Reading is lazy: an index of a release by one scan, a definition when it is asked for.
//!
//! # Differs from Kubernetes
//!
//! Which gate a field hangs on was read in the kinds' strategies, for what people write; a field of a status may lack it.

use super::Version;
use super::version::ByRelease;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;
use std::sync::{LazyLock, OnceLock};

pub(crate) mod disabled;
pub(crate) mod settled;
mod text;
pub(crate) mod zeros;

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
    Object(Named),
}

/// The name of a definition, and which it is, once somebody has asked.
#[derive(Clone)]
pub(crate) struct Named {
    name: &'static str,
    found: OnceLock<Option<&'static Definition>>,
}

impl Named {
    fn new(name: &'static str) -> Named {
        Named { name, found: OnceLock::new() }
    }
}

impl Deref for Named {
    type Target = str;

    fn deref(&self) -> &str {
        self.name
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Named) -> bool {
        self.name == other.name
    }
}

impl Eq for Named {}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.name, f)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Type {
    /// The type as Go writes it, with what it calls anything, and an object of a definition.
    pub(crate) fn go_name(&self, any: &str, object: fn(&str) -> String) -> String {
        match self {
            Type::String => "string".to_owned(),
            Type::Int32 => "int32".to_owned(),
            Type::Int64 => "int64".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Double => "float64".to_owned(),
            Type::Quantity => "resource.Quantity".to_owned(),
            Type::IntOrString => "intstr.IntOrString".to_owned(),
            Type::Time => "v1.Time".to_owned(),
            Type::MicroTime => "v1.MicroTime".to_owned(),
            Type::Bytes => "[]uint8".to_owned(),
            Type::Any => any.to_owned(),
            Type::List(item) => format!("[]{}", item.go_name(any, object)),
            Type::Map(item) => format!("map[string]{}", item.go_name(any, object)),
            Type::Object(name) => object(name),
        }
    }
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
    /// Whether the documents say that it must be given.
    pub required: bool,
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
    /// The feature gates one of which must be on; empty for a field of no feature.
    pub gates: Vec<&'static str>,
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
    /// The first letters of the fields' names, in their order.
    heads: Vec<u64>,
    /// The gates of fields here and in what they hold, none twice.
    gated: OnceLock<Vec<&'static [&'static str]>>,
}

impl Definition {
    fn new(block: &text::Block, fields: Vec<Field>) -> Definition {
        Definition {
            name: block.name,
            kind: block.kind,
            atomic: block.atomic,
            heads: fields.iter().map(|field| head(field.name)).collect(),
            fields,
            gated: OnceLock::new(),
        }
    }

    /// The field of that name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        let head = head(name);
        let from = self.heads.partition_point(|other| *other < head);
        let alike = self.heads[from..].iter().take_while(|other| **other == head).count();
        self.fields[from..from + alike].iter().find(|field| field.name == name)
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

/// The first eight letters of a name as a number: numbers are in the order of names, and compared at once.
fn head(name: &str) -> u64 {
    let mut head = [0; 8];
    let letters = name.len().min(8);
    head[..letters].copy_from_slice(&name.as_bytes()[..letters]);
    u64::from_be_bytes(head)
}

/// The definitions of a release: its own, and those of versions that it serves no more (its scheme still has them).
#[derive(Debug)]
pub(crate) struct Schema {
    blocks: Vec<text::Block>,
    /// The blocks of kinds, in the order of group, version and kind.
    by_kind: Vec<((&'static str, &'static str, &'static str), usize)>,
}

/// The feature gates that fields hang on.
pub(crate) fn gates() -> &'static BTreeSet<&'static str> {
    static GATES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| text::gates(TYPES).collect());
    &GATES
}

static TYPES: &str = include_str!("schema/types.txt");

/// Whether a release has types of a version of a group, served or not.
pub(crate) fn has_version(group: &str, version: &str, release: Version) -> bool {
    let mut kinds = schema(release).blocks.iter().filter(|it| it.version == release).filter_map(|it| it.kind);
    kinds.any(|(of, named, _)| of == group && named == version)
}

/// The definitions that a release knows.
pub(crate) fn schema(version: Version) -> &'static Schema {
    static SCHEMAS: ByRelease<Schema> = ByRelease::new();
    SCHEMAS.get(version, |version| Schema::new(text::blocks(TYPES, version)))
}

impl Schema {
    fn new(blocks: Vec<text::Block>) -> Schema {
        let kinds = blocks.iter().enumerate().filter_map(|(place, block)| Some((block.kind?, place)));
        let mut by_kind: Vec<_> = kinds.collect();
        by_kind.sort_unstable();
        Schema { blocks, by_kind }
    }

    /// The definition of a name.
    pub(crate) fn definition(&'static self, name: &str) -> Option<&'static Definition> {
        let at = self.blocks.binary_search_by(|b| b.name.cmp(name)).ok()?;
        self.blocks.get(at).map(text::Block::definition)
    }

    /// The definition of a kind.
    pub(crate) fn of_kind(
        &'static self,
        group: &str,
        version: &str,
        kind: &str,
    ) -> Option<&'static Definition> {
        let wanted = (group, version, kind);
        let at = self.by_kind.binary_search_by(|(kind, _)| kind.cmp(&wanted)).ok()?;
        self.blocks.get(self.by_kind.get(at)?.1).map(text::Block::definition)
    }

    /// What a release itself has.
    pub(crate) fn own(&'static self, version: Version) -> impl Iterator<Item = &'static Definition> {
        self.blocks.iter().filter(move |block| block.version == version).map(text::Block::definition)
    }

    /// Group, version and kind of what a release itself has and travels by itself.
    #[cfg(test)]
    pub(crate) fn kinds(
        &self,
        version: Version,
    ) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        self.blocks.iter().filter(move |block| block.version == version).filter_map(|block| block.kind)
    }

    /// The definition that a type names, for an object.
    pub(crate) fn of_type(&'static self, kind: &Type) -> Option<&'static Definition> {
        match kind {
            Type::Object(named) => *named.found.get_or_init(|| self.definition(named)),
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
            assert_eq!(ports.kind, Type::List(Box::new(Type::Object(Named::new("core.v1.ContainerPort")))));
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
    fn a_field_begins_and_ends_with_its_release() {
        for (definition, name, since, until) in [
            ("core.v1.PodSecurityContext", "appArmorProfile", 30, 37),
            ("core.v1.PodSpec", "ephemeralContainers", 20, 37),
            ("core.v1.PodResourceClaim", "source", 26, 30),
            ("resource.v1alpha2.ResourceClaimSpec", "allocationMode", 27, 30),
            ("meta.v1.ObjectMeta", "clusterName", 20, 24),
            ("core.v1.PodSpec", "evictionResponders", 37, 37),
        ] {
            let has = Version::all().filter(|version| field(version.number(), definition, name).is_some());
            let has: Vec<u8> = has.map(Version::number).collect();
            assert_eq!(has, (since..=until).collect::<Vec<_>>(), "{definition} {name}");
        }
        // What is no longer served is still known, as it last was.
        let eviction = schema(Version::NEWEST).of_kind("policy", "v1beta1", "Eviction");
        assert!(eviction.is_some_and(|eviction| eviction.field("deleteOptions").is_some()));
        assert!(schema(Version::minor(22)).of_kind("autoscaling", "v2", "HorizontalPodAutoscaler").is_none());
        let atomic =
            |minor| schema(Version::minor(minor)).definition("core.v1.EndpointAddress").unwrap().atomic;
        assert!(!atomic(21) && atomic(22));
        let policies = |minor| field(minor, "core.v1.Container", "imagePullPolicy").unwrap().values.len();
        assert_eq!((policies(23), policies(24)), (0, 3));
    }

    #[test]
    fn every_resource_has_a_definition() {
        for version in Version::all() {
            let stored = |r: &&std::sync::Arc<super::super::Resource>| {
                r.subresource.is_empty() && r.has_verb("create")
            };
            for row in super::super::resources(version).iter().filter(stored) {
                let found = schema(version).of_kind(&row.kind_group, &row.kind_version, &row.kind);
                assert!(found.is_some(), "{version} {} {}", row.api_version(), row.kind);
            }
        }
    }

    #[test]
    fn every_type_is_defined_and_fields_are_sorted() {
        for version in Version::all() {
            let schema = schema(version);
            assert!(schema.blocks.is_sorted_by_key(|block| block.name));
            for definition in schema.blocks.iter().map(text::Block::definition) {
                let name = definition.name;
                assert!(definition.fields.is_sorted_by(|a, b| a.name < b.name), "{version} {name}");
                for field in &definition.fields {
                    let mut kind = &field.kind;
                    while let Type::List(inner) | Type::Map(inner) = kind {
                        kind = inner;
                    }
                    if let Type::Object(of) = kind {
                        assert!(schema.definition(of).is_some(), "{version} {name}: {of}");
                    }
                }
            }
        }
    }
}
