//! Reads `types.txt`: of its lines those that a release has, or had when it last served what it serves no more.

use super::{Definition, Field, Named, Strategy, Type, Zero};
use crate::api::Version;
use std::sync::OnceLock;

/// A definition's place in the text, read when asked for.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) name: &'static str,
    pub(super) kind: Option<(&'static str, &'static str, &'static str)>,
    /// The release whose lines count.
    pub(super) version: Version,
    pub(super) atomic: bool,
    body: &'static str,
    parsed: OnceLock<Definition>,
}

/// The index of a release: its blocks, which stand in the order of names.
pub(super) fn blocks(text: &'static str, version: Version) -> Vec<Block> {
    text.split("\n\n").skip(1).filter_map(|block| self::block(block, version)).collect()
}

/// The feature gates that a text names.
pub(super) fn gates(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split_whitespace().filter_map(|word| word.strip_prefix("gate=")).flat_map(|gates| gates.split(','))
}

fn block(text: &'static str, version: Version) -> Option<Block> {
    let (heading, body) = text.split_once('\n').unwrap_or((text, ""));
    let mut words = heading.split(' ');
    let name = words.next()?;
    let mut block = Block { name, kind: None, atomic: false, version, body, parsed: OnceLock::new() };
    for word in words {
        match word.split_once('=') {
            Some(("kind", path)) => block.kind = group_version_kind(path),
            Some(("atomic", releases)) => block.atomic = block.version.is_in(releases),
            Some(_) => {}
            None if word == "atomic" => block.atomic = true,
            None => block.version = latest(name, word, version)?,
        }
    }
    Some(block)
}

/// The release whose types count: a server serves betas no more and still knows their kinds; alphas are taken out.
fn latest(name: &str, releases: &str, version: Version) -> Option<Version> {
    version.latest_in(releases).filter(|latest| *latest == version || !name.contains("alpha"))
}

fn group_version_kind(path: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (group_version, kind) = path.rsplit_once('/')?;
    let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
    Some((group, version, kind))
}

impl Block {
    pub(super) fn definition(&'static self) -> &'static Definition {
        self.parsed.get_or_init(|| {
            let fields = self.body.lines().filter_map(|line| field(line, self.version)).collect();
            Definition::new(self, fields)
        })
    }
}

/// The field of a line; none in releases that do not have it so.
fn field(line: &'static str, version: Version) -> Option<Field> {
    let mut words = line.split_ascii_whitespace();
    let (name, kind) = (words.next()?, words.next()?);
    let (kind, zero) = match (kind.strip_suffix('?'), kind.strip_suffix('!')) {
        (Some(kind), _) => (kind, Zero::Kept),
        (_, Some(kind)) => (kind, Zero::Written),
        (None, None) => (kind, Zero::Dropped),
    };
    let mut field = Field {
        name,
        kind: parse_type(kind),
        zero,
        required: false,
        strategy: Strategy::Plain,
        retain_keys: false,
        map_keys: Vec::new(),
        set: false,
        atomic: false,
        gates: Vec::new(),
        values: Vec::new(),
    };
    for word in words {
        match word.split_once('=') {
            Some(("merge", key)) => field.strategy = Strategy::MergeBy(key),
            Some(("keys", keys)) => field.map_keys = keys.split(',').collect(),
            Some(("gate", gates)) => field.gates = gates.split(',').collect(),
            Some(("enum", values)) => field.values = values.split(',').collect(),
            Some(_) => {}
            None => match word {
                "merge" => field.strategy = Strategy::Merge,
                "replace" => field.strategy = Strategy::Replace,
                "retain-keys" => field.retain_keys = true,
                "set" => field.set = true,
                "atomic" => field.atomic = true,
                "required" => field.required = true,
                releases if !version.is_in(releases) => return None,
                _ => {}
            },
        }
    }
    Some(field)
}

fn parse_type(text: &'static str) -> Type {
    if let Some(item) = text.strip_prefix("[]") {
        return Type::List(Box::new(parse_type(item)));
    }
    if let Some(item) = text.strip_prefix("map<").and_then(|t| t.strip_suffix('>')) {
        return Type::Map(Box::new(parse_type(item)));
    }
    match text {
        "string" => Type::String,
        "int32" => Type::Int32,
        "int64" => Type::Int64,
        "bool" => Type::Bool,
        "double" => Type::Double,
        "quantity" => Type::Quantity,
        "int-or-string" => Type::IntOrString,
        "time" => Type::Time,
        "microtime" => Type::MicroTime,
        "bytes" => Type::Bytes,
        "any" => Type::Any,
        name => Type::Object(Named::new(name)),
    }
}
