//! The values of expressions, and what they are as JSON.

mod instant;
mod list;
pub(super) mod number;

pub(crate) use instant::Instant;
pub(crate) use list::{Keys, List};

use super::opaque::Opaque;
use super::types::Type;
use crate::json::Value;
use jiff::SignedDuration;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    /// A number that may have a fraction.
    Double(f64),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
    /// A span of time.
    Duration(SignedDuration),
    /// An instant.
    Timestamp(Instant),
    List(List),
    /// A map, in the order of its keys.
    Map(Arc<BTreeMap<Key, Val>>),
    /// A value or none.
    Optional(Option<Box<Val>>),
    Type(Type),
    /// A message that the expression made: its type and its fields.
    Object(Arc<str>, Arc<BTreeMap<String, Val>>),
    /// A value of a library.
    Opaque(Arc<Opaque>),
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Bool(bool),
    /// An integer of either kind.
    Int(i128),
    String(Arc<str>),
}

impl Key {
    /// The key that a value is, if it can be one.
    pub(crate) fn of(value: &Val) -> Option<Key> {
        match value {
            Val::Bool(b) => Some(Key::Bool(*b)),
            Val::Int(i) => Some(Key::Int(i128::from(*i))),
            Val::Uint(u) => Some(Key::Int(i128::from(*u))),
            Val::Double(d) if d.fract() == 0.0 => Some(Key::Int(*d as i128)),
            Val::String(s) => Some(Key::String(s.clone())),
            _ => None,
        }
    }

    /// The key as a value.
    pub(crate) fn value(&self) -> Val {
        match self {
            Key::Bool(b) => Val::Bool(*b),
            Key::Int(i) => i64::try_from(*i).map_or_else(|_| Val::Uint(*i as u64), Val::Int),
            Key::String(s) => Val::String(s.clone()),
        }
    }
}

impl Val {
    pub(crate) fn text(text: impl AsRef<str>) -> Val {
        Val::String(text.as_ref().into())
    }

    pub(crate) fn list(items: Vec<Val>) -> Val {
        Val::List(List::new(items, Keys::Place))
    }

    /// A value of a library.
    pub(crate) fn opaque(of: Opaque) -> Val {
        Val::Opaque(Arc::new(of))
    }

    /// What a library keeps in its value; none for other values.
    pub(super) fn library(&self) -> Option<&Opaque> {
        match self {
            Val::Opaque(of) => Some(of),
            _ => None,
        }
    }

    /// A value of JSON, as an expression sees an object that has no declared type.
    pub(crate) fn from_json(json: &Value) -> Val {
        match json {
            Value::Null => Val::Null,
            Value::Bool(b) => Val::Bool(*b),
            Value::Number(n) => match n.as_i64() {
                Some(i) => Val::Int(i),
                None => n.as_u64().map_or_else(|| Val::Double(n.as_f64().unwrap_or_default()), Val::Uint),
            },
            Value::String(s) => Val::text(s),
            Value::Array(list) => Val::list(list.iter().map(Val::from_json).collect()),
            Value::Object(map) => {
                let entries = map.iter().map(|(k, v)| (Key::String(k.as_str().into()), Val::from_json(v)));
                Val::Map(Arc::new(entries.collect()))
            }
        }
    }

    /// The value as JSON, or the type that has none.
    pub(crate) fn to_json(&self) -> Result<Value, String> {
        Ok(match self {
            Val::Null | Val::Optional(None) => Value::Null,
            Val::Bool(b) => (*b).into(),
            Val::Int(i) => (*i).into(),
            Val::Uint(u) => (*u).into(),
            Val::Double(d) if d.fract() == 0.0 && d.abs() < 9e15 => (*d as i64).into(),
            Val::Double(d) => (*d).into(),
            Val::String(s) => (**s).into(),
            Val::Bytes(b) => {
                use base64::Engine;
                base64::engine::general_purpose::STANDARD.encode(b).into()
            }
            Val::Duration(_) | Val::Timestamp(_) => text_of(self)?.as_ref().into(),
            Val::List(list) => list.iter().map(Val::to_json).collect::<Result<Vec<_>, _>>()?.into(),
            Val::Map(map) => {
                let mut out = crate::json::Map::new();
                for (key, value) in map.iter() {
                    let key = text_of(&key.value())?;
                    out.insert((*key).to_owned(), value.to_json()?);
                }
                out.into()
            }
            Val::Object(_, fields) => {
                let mut out = crate::json::Map::new();
                for (name, value) in fields.iter() {
                    out.insert(name.clone(), value.to_json()?);
                }
                out.into()
            }
            Val::Optional(Some(value)) => value.to_json()?,
            Val::Type(_) | Val::Opaque(_) => {
                return Err(format!(
                    "type conversion error from '{}' to 'google.protobuf.Value'",
                    self.type_of()
                ));
            }
        })
    }

    /// The type, as far as a value alone tells it.
    pub(crate) fn type_of(&self) -> Type {
        match self {
            Val::Null => Type::Null,
            Val::Bool(_) => Type::Bool,
            Val::Int(_) => Type::Int,
            Val::Uint(_) => Type::Uint,
            Val::Double(_) => Type::Double,
            Val::String(_) => Type::String,
            Val::Bytes(_) => Type::Bytes,
            Val::Duration(_) => Type::Duration,
            Val::Timestamp(_) => Type::Timestamp,
            Val::List(_) => Type::list(Type::Dyn),
            Val::Map(_) => Type::map(Type::Dyn, Type::Dyn),
            Val::Optional(_) => Type::Optional(Box::new(Type::Dyn)),
            Val::Type(_) => Type::Meta(Box::new(Type::Dyn)),
            Val::Object(name, _) => Type::Named(name.to_string()),
            Val::Opaque(of) => Type::Named(of.type_name().to_owned()),
        }
    }

    /// Whether the value may stand where a type is asked for; of a list or a map the first item tells.
    pub(crate) fn is(&self, wanted: &Type) -> bool {
        match (wanted, self) {
            (Type::Dyn | Type::Param(_), _) => true,
            (Type::List(of), Val::List(list)) => list.first().is_none_or(|item| item.is(of)),
            (Type::Map(key, value), Val::Map(map)) => {
                map.first_key_value().is_none_or(|(k, v)| k.value().is(key) && v.is(value))
            }
            (Type::Optional(_), Val::Optional(_)) | (Type::Meta(_), Val::Type(_)) => true,
            _ => *wanted == self.type_of(),
        }
    }

    /// The number, for comparing across the kinds of numbers.
    fn number(&self) -> Option<Number> {
        match self {
            Val::Int(i) => Some(Number::Whole(i128::from(*i))),
            Val::Uint(u) => Some(Number::Whole(i128::from(*u))),
            Val::Double(d) => Some(Number::Fraction(*d)),
            _ => None,
        }
    }

    /// The order of two values; none where they have none.
    pub(crate) fn order(&self, other: &Val) -> Option<Ordering> {
        if let (Some(a), Some(b)) = (self.number(), other.number()) {
            return match (a, b) {
                (Number::Whole(a), Number::Whole(b)) => Some(a.cmp(&b)),
                (a, b) => a.float().partial_cmp(&b.float()),
            };
        }
        match (self, other) {
            (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
            (Val::String(a), Val::String(b)) => Some(a.cmp(b)),
            (Val::Bytes(a), Val::Bytes(b)) => Some(a.cmp(b)),
            (Val::Duration(a), Val::Duration(b)) => Some(a.cmp(b)),
            (Val::Timestamp(a), Val::Timestamp(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

enum Number {
    Whole(i128),
    Fraction(f64),
}

impl Number {
    fn float(&self) -> f64 {
        match self {
            Number::Whole(i) => *i as f64,
            Number::Fraction(d) => *d,
        }
    }
}

/// Values of different kinds are unequal; numbers compare by what they are worth.
impl PartialEq for Val {
    fn eq(&self, other: &Val) -> bool {
        if self.number().is_some() && other.number().is_some() {
            return self.order(other) == Some(Ordering::Equal);
        }
        match (self, other) {
            (Val::Null, Val::Null) => true,
            (Val::List(a), Val::List(b)) => a == b,
            (Val::Map(a), Val::Map(b)) => a == b,
            (Val::Optional(a), Val::Optional(b)) => a == b,
            (Val::Type(a), Val::Type(b)) => a.name() == b.name(),
            (Val::Object(a, x), Val::Object(b, y)) => a == b && x == y,
            (Val::Opaque(a), Val::Opaque(b)) => a == b,
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }
}

/// Where nothing takes the values that it was given.
pub(super) fn no_overload<T>() -> Result<T, String> {
    Err("no such overload".to_owned())
}

/// Where a conversion does not know the value (`types.ValOrErr`).
pub(super) fn no_conversion<T>(given: &Val, wanted: &Type) -> Result<T, String> {
    Err(format!("type conversion error from '{}' to '{}'", given.type_of().name(), wanted.name()))
}

/// A value as text (`string(…)`).
pub(crate) fn text_of(value: &Val) -> Result<Arc<str>, String> {
    Ok(match value {
        Val::String(s) => s.clone(),
        Val::Bool(b) => b.to_string().into(),
        Val::Int(i) => i.to_string().into(),
        Val::Uint(u) => u.to_string().into(),
        Val::Double(d) => number::shortest(*d).into(),
        Val::Bytes(b) => String::from_utf8(b.to_vec())
            .map_err(|_| "invalid UTF-8 in bytes, cannot convert to string".to_owned())?
            .into(),
        Val::Timestamp(at) => at.to_string().into(),
        Val::Duration(span) => seconds(*span).into(),
        Val::Type(of) => of.name().into(),
        _ => return no_overload(),
    })
}

/// A span of time as seconds: `90s`, `1.5s`.
fn seconds(span: SignedDuration) -> String {
    let seconds = span.as_secs() as f64 + f64::from(span.subsec_nanos()) / 1e9;
    format!("{seconds}s")
}
