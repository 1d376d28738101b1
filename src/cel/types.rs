//! The types of expressions (`cel-go/common/types`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Known only when evaluated.
    Dyn,
    Null,
    Bool,
    /// A signed 64-bit integer.
    Int,
    /// An unsigned 64-bit integer.
    Uint,
    /// A number that may have a fraction.
    Double,
    String,
    Bytes,
    /// A span of time.
    Duration,
    /// An instant.
    Timestamp,
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
    /// A value or none.
    Optional(Box<Type>),
    /// A type as a value.
    Meta(Box<Type>),
    /// A type with fields, or one of a library, by name.
    Named(String),
    /// A type that says itself which fields it has.
    Object(Arc<Object>),
    /// Any type, the same wherever the signature names it.
    Param(char),
    /// A type that is not known yet, by its number.
    Free(u32),
    /// What has no type, because something is wrong with it.
    Wrong,
    /// What a call of an unknown method has in releases that look on after it; nothing takes it.
    Untold,
}

/// A type of objects: its name, and its fields.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) name: String,
    pub(crate) fields: BTreeMap<String, Type>,
}

/// The types that have a word, as signatures spell them.
const WORDS: [(&str, Type); 10] = [
    ("dyn", Type::Dyn),
    ("null", Type::Null),
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("uint", Type::Uint),
    ("double", Type::Double),
    ("string", Type::String),
    ("bytes", Type::Bytes),
    ("duration", Type::Duration),
    ("timestamp", Type::Timestamp),
];

impl Type {
    pub(crate) fn list(of: Type) -> Type {
        Type::List(Box::new(of))
    }

    pub(crate) fn map(key: Type, value: Type) -> Type {
        Type::Map(Box::new(key), Box::new(value))
    }

    /// Reads a type as signatures spell it: `list<A>`, `map<string, dyn>`, `kubernetes.Quantity`.
    pub(crate) fn parse(text: &str) -> Type {
        let text = text.trim();
        if let Some((name, rest)) = text.split_once('<') {
            let inner = rest.strip_suffix('>').unwrap_or(rest);
            return match (name, split(inner).as_slice()) {
                ("list", [of]) => Type::list(Type::parse(of)),
                ("map", [key, value]) => Type::map(Type::parse(key), Type::parse(value)),
                ("optional", [of]) => Type::Optional(Box::new(Type::parse(of))),
                ("type", [of]) => Type::Meta(Box::new(Type::parse(of))),
                _ => Type::Dyn,
            };
        }
        if let Some((_, word)) = WORDS.iter().find(|(word, _)| *word == text) {
            return word.clone();
        }
        match text.chars().next() {
            Some(letter) if text.len() == 1 => Type::Param(letter),
            _ => Type::Named(text.to_owned()),
        }
    }

    /// Whether what it is will be known only when evaluated, or nothing better can be said.
    pub(crate) fn is_dyn(&self) -> bool {
        matches!(self, Type::Dyn | Type::Param(_))
    }

    /// A type as a value.
    pub(crate) fn meta(of: Type) -> Type {
        Type::Meta(Box::new(of))
    }

    /// The type that an expression spells by name (`int`, `google.protobuf.Timestamp`).
    pub(super) fn spelled(name: &str) -> Option<Type> {
        Some(match name {
            "bool" | "bytes" | "double" | "int" | "string" | "uint" => Type::parse(name),
            "list" => Type::list(Type::Dyn),
            "map" => Type::map(Type::Dyn, Type::Dyn),
            "null_type" => Type::Null,
            "type" => Type::meta(Type::Dyn),
            "google.protobuf.Duration" => Type::Duration,
            "google.protobuf.Timestamp" => Type::Timestamp,
            _ => return None,
        })
    }

    /// The name that a type has as a value, which says nothing of what it holds (`TypeName`).
    pub(crate) fn name(&self) -> String {
        match self {
            Type::List(_) => "list".to_owned(),
            Type::Map(..) => "map".to_owned(),
            Type::Meta(_) => "type".to_owned(),
            Type::Optional(_) => "optional_type".to_owned(),
            other => other.to_string(),
        }
    }

    /// The types that it is made of.
    pub(super) fn parts(&self) -> Vec<&Type> {
        match self {
            Type::List(of) | Type::Optional(of) | Type::Meta(of) => vec![of],
            Type::Map(key, value) => vec![key, value],
            _ => Vec::new(),
        }
    }

    /// Of how many types it is made, itself among them.
    pub(super) fn weight(&self) -> usize {
        1 + self.parts().into_iter().map(Type::weight).sum::<usize>()
    }

    /// The same type, of other parts.
    pub(super) fn map_parts(&self, of: &mut dyn FnMut(&Type) -> Type) -> Type {
        match self {
            Type::List(part) => Type::list(of(part)),
            Type::Optional(part) => Type::Optional(Box::new(of(part))),
            Type::Meta(part) => Type::meta(of(part)),
            Type::Map(key, value) => Type::map(of(key), of(value)),
            plain => plain.clone(),
        }
    }
}

/// Splits at the commas that stand outside angle brackets.
pub(super) fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// As errors about an expression's result name a type.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Null => f.write_str("null_type"),
            Type::Duration => f.write_str("google.protobuf.Duration"),
            Type::Timestamp => f.write_str("google.protobuf.Timestamp"),
            Type::List(of) => write!(f, "list({of})"),
            Type::Map(key, value) => write!(f, "map({key}, {value})"),
            Type::Optional(of) => write!(f, "optional_type({of})"),
            Type::Meta(of) => write!(f, "type({of})"),
            Type::Named(name) => f.write_str(name),
            Type::Object(of) => f.write_str(&of.name),
            Type::Untold => f.write_str("<nil>"),
            Type::Wrong => f.write_str("!error!"),
            Type::Param(_) | Type::Free(_) => f.write_str("dyn"),
            word => {
                let found = WORDS.iter().find(|(_, known)| known == word);
                f.write_str(found.map_or("dyn", |(word, _)| word))
            }
        }
    }
}
