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

    /// The one type of two values that stand in the same place.
    pub(crate) fn join(self, other: Type) -> Type {
        if self == other { self } else { Type::Dyn }
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
            Type::Param(_) => f.write_str("dyn"),
            word => {
                let found = WORDS.iter().find(|(_, known)| known == word);
                f.write_str(found.map_or("dyn", |(word, _)| word))
            }
        }
    }
}

/// What type parameters stand for in one call.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings(Vec<(char, Type)>);

impl Bindings {
    /// Whether a value of type `given` may stand where `wanted` is asked for.
    pub(super) fn accept(&mut self, wanted: &Type, given: &Type) -> bool {
        match (wanted, given) {
            (_, Type::Untold) => false,
            (Type::Dyn, _) | (_, Type::Dyn | Type::Param(_)) => true,
            (Type::Param(letter), _) => match self.0.iter().position(|(known, _)| known == letter) {
                None => {
                    self.0.push((*letter, given.clone()));
                    true
                }
                Some(at) => {
                    let bound = self.0[at].1.clone();
                    if bound.is_dyn() || is_loose(&bound) {
                        self.0[at].1 = given.clone();
                        return true;
                    }
                    Bindings::default().accept(&bound, given)
                }
            },
            (Type::List(a), Type::List(b))
            | (Type::Optional(a), Type::Optional(b))
            | (Type::Meta(a), Type::Meta(b)) => self.accept(a, b),
            (Type::Map(ak, av), Type::Map(bk, bv)) => self.accept(ak, bk) && self.accept(av, bv),
            // A field that may be absent compares with null.
            (Type::Named(_) | Type::Object(_) | Type::Duration | Type::Timestamp, Type::Null)
            | (Type::Null, Type::Named(_) | Type::Object(_) | Type::Duration | Type::Timestamp) => true,
            _ => wanted == given,
        }
    }

    /// A type with its parameters filled in.
    pub(super) fn fill(&self, of: &Type) -> Type {
        match of {
            Type::Param(letter) => {
                let found = self.0.iter().find(|(known, _)| known == letter);
                found.map_or(Type::Dyn, |(_, bound)| bound.clone())
            }
            Type::List(of) => Type::list(self.fill(of)),
            Type::Map(key, value) => Type::map(self.fill(key), self.fill(value)),
            Type::Optional(of) => Type::Optional(Box::new(self.fill(of))),
            Type::Meta(of) => Type::Meta(Box::new(self.fill(of))),
            plain => plain.clone(),
        }
    }
}

/// Whether a type says nothing yet of what it holds (an empty list's).
fn is_loose(of: &Type) -> bool {
    match of {
        Type::List(of) | Type::Optional(of) => of.is_dyn(),
        Type::Map(key, value) => key.is_dyn() && value.is_dyn(),
        _ => false,
    }
}
