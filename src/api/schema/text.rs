//! Reads `v*.txt`.

use super::{Definition, Field, Strategy, Type, Zero};
use std::sync::OnceLock;

/// A definition's place in the text, read when asked for.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) name: &'static str,
    pub(super) kind: Option<(&'static str, &'static str, &'static str)>,
    atomic: bool,
    body: &'static str,
    parsed: OnceLock<Definition>,
}

/// The index of a text: its blocks, which stand in the order of names.
pub(super) fn blocks(text: &'static str) -> Vec<Block> {
    text.split("\n\n")
        .skip(1)
        .map(|block| {
            let (heading, body) = block.split_once('\n').unwrap_or((block, ""));
            let mut words = heading.split(' ');
            Block {
                atomic: heading.split(' ').any(|word| word == "atomic"),
                name: words.next().unwrap_or_default(),
                kind: words.find_map(|word| group_version_kind(word.strip_prefix("kind=")?)),
                body,
                parsed: OnceLock::new(),
            }
        })
        .collect()
}

fn group_version_kind(path: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (group_version, kind) = path.rsplit_once('/')?;
    let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
    Some((group, version, kind))
}

impl Block {
    pub(super) fn definition(&'static self) -> &'static Definition {
        self.parsed.get_or_init(|| Definition {
            name: self.name,
            kind: self.kind,
            atomic: self.atomic,
            fields: self.body.lines().filter_map(field).collect(),
        })
    }
}

fn field(line: &'static str) -> Option<Field> {
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
        strategy: Strategy::Plain,
        retain_keys: false,
        map_keys: Vec::new(),
        set: false,
        atomic: false,
        values: Vec::new(),
    };
    for word in words {
        match word.split_once('=') {
            Some(("merge", key)) => field.strategy = Strategy::MergeBy(key),
            Some(("keys", keys)) => field.map_keys = keys.split(',').collect(),
            Some(("enum", values)) => field.values = values.split(',').collect(),
            Some(_) => {}
            None => match word {
                "merge" => field.strategy = Strategy::Merge,
                "replace" => field.strategy = Strategy::Replace,
                "retain-keys" => field.retain_keys = true,
                "set" => field.set = true,
                "atomic" => field.atomic = true,
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
        name => Type::Object(name),
    }
}
