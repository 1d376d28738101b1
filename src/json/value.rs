//! A JSON value, and what is asked of one.

use super::{List, Map, Number, Text};
use std::fmt;
use std::ops;

/// Any JSON value.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as serde_json keeps it.
    Number(Number),
    /// A text.
    String(Text),
    /// A list.
    Array(List),
    /// An object.
    Object(Map),
}

impl Value {
    /// Null, for whoever needs one to point at.
    pub(crate) const NULL: Value = Value::Null;

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Whether it is a text.
    pub fn is_string(&self) -> bool {
        matches!(self, Value::String(_))
    }

    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        matches!(self, Value::Number(_))
    }

    /// Whether it is true or false.
    pub fn is_boolean(&self) -> bool {
        matches!(self, Value::Bool(_))
    }

    /// Whether it is a list.
    pub fn is_array(&self) -> bool {
        matches!(self, Value::Array(_))
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Value::Object(_))
    }

    /// Whether it is a whole number of 64 bits with a sign.
    pub fn is_i64(&self) -> bool {
        self.as_number().is_some_and(Number::is_i64)
    }

    /// Whether it is a whole number of 64 bits without a sign.
    pub fn is_u64(&self) -> bool {
        self.as_number().is_some_and(Number::is_u64)
    }

    /// Whether it is a number with a fraction or an exponent.
    pub fn is_f64(&self) -> bool {
        self.as_number().is_some_and(Number::is_f64)
    }

    /// The truth of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A number.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Value::Number(value) => Some(value),
            _ => None,
        }
    }

    /// A whole number of 64 bits with a sign.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    /// A whole number of 64 bits without a sign.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    /// Any number as a float.
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number()?.as_f64()
    }

    /// A text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A list's items.
    pub fn as_array(&self) -> Option<&List> {
        match self {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }

    /// A list, to be changed.
    pub fn as_array_mut(&mut self) -> Option<&mut List> {
        match self {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }

    /// An object's map.
    pub fn as_object(&self) -> Option<&Map> {
        match self {
            Value::Object(map) => Some(map),
            _ => None,
        }
    }

    /// An object's map, to be changed.
    pub fn as_object_mut(&mut self) -> Option<&mut Map> {
        match self {
            Value::Object(map) => Some(map),
            _ => None,
        }
    }

    /// What stands at a key of an object, or at a place of a list.
    pub fn get(&self, at: impl Index) -> Option<&Value> {
        at.get(self)
    }

    /// What stands at a key of an object, or at a place of a list, to be changed.
    pub fn get_mut(&mut self, at: impl Index) -> Option<&mut Value> {
        at.get_mut(self)
    }

    /// What a JSON Pointer (RFC 6901) points at.
    pub fn pointer(&self, pointer: &str) -> Option<&Value> {
        match pointer.strip_prefix('/') {
            None => pointer.is_empty().then_some(self),
            Some(rest) => {
                let unescaped = rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
                unescaped.into_iter().try_fold(self, |value, part| match value {
                    Value::Object(map) => map.get(&part),
                    Value::Array(list) => list.get(part.parse::<usize>().ok()?),
                    _ => None,
                })
            }
        }
    }

    /// Gives back what was asked of the allocator for entries to come: for an object that is stored, and rarely changed from
    /// then on.
    pub(crate) fn settle(&mut self) {
        match self {
            Value::Array(list) => list.settle(),
            Value::Object(map) => map.settle(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Takes the value, and leaves null.
    pub fn take(&mut self) -> Value {
        std::mem::take(self)
    }
}

/// What a value may be asked at: a key, or a place in a list.
pub trait Index {
    /// What stands there.
    fn get<'v>(&self, value: &'v Value) -> Option<&'v Value>;
    /// What stands there, to be changed.
    fn get_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value>;
    /// The place, made where an object has none.
    ///
    /// # Panics
    ///
    /// If there is no such place, and none can be made.
    fn make<'v>(&self, value: &'v mut Value) -> &'v mut Value;
}

impl Index for str {
    fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.as_object()?.get(self)
    }

    fn get_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        value.as_object_mut()?.get_mut(self)
    }

    fn make<'v>(&self, value: &'v mut Value) -> &'v mut Value {
        if value.is_null() {
            *value = Value::Object(Map::new());
        }
        match value {
            Value::Object(map) => map.entry(self).or_insert(Value::Null),
            other => panic!("no object to have a key {self:?}: {other}"),
        }
    }
}

impl Index for usize {
    fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.as_array()?.get(*self)
    }

    fn get_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        value.as_array_mut()?.get_mut(*self)
    }

    fn make<'v>(&self, value: &'v mut Value) -> &'v mut Value {
        match value {
            Value::Array(list) => &mut list[*self],
            other => panic!("no list to have a place {self}: {other}"),
        }
    }
}

/// Whatever reads as a text is a key.
macro_rules! key {
    ($($text:ty),*) => {$(
        impl Index for $text {
            fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
                Index::get(self.as_ref() as &str, value)
            }

            fn get_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
                Index::get_mut(self.as_ref() as &str, value)
            }

            fn make<'v>(&self, value: &'v mut Value) -> &'v mut Value {
                Index::make(self.as_ref() as &str, value)
            }
        }
    )*};
}

key!(String, Text);

impl<T: Index + ?Sized> Index for &T {
    fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        (**self).get(value)
    }

    fn get_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        (**self).get_mut(value)
    }

    fn make<'v>(&self, value: &'v mut Value) -> &'v mut Value {
        (**self).make(value)
    }
}

impl<I: Index> ops::Index<I> for Value {
    type Output = Value;

    fn index(&self, at: I) -> &Value {
        at.get(self).unwrap_or(&Value::NULL)
    }
}

impl<I: Index> ops::IndexMut<I> for Value {
    fn index_mut(&mut self, at: I) -> &mut Value {
        at.make(self)
    }
}

/// As JSON; `{:#}` in lines.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match f.alternate() {
            true => serde_json::to_string_pretty(self),
            false => serde_json::to_string(self),
        };
        f.write_str(&text.map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("Null"),
            Value::Bool(value) => write!(f, "Bool({value})"),
            Value::Number(value) => value.fmt(f),
            Value::String(text) => write!(f, "String({text:?})"),
            Value::Array(list) => {
                f.write_str("Array ")?;
                list.fmt(f)
            }
            Value::Object(map) => {
                f.write_str("Object ")?;
                map.fmt(f)
            }
        }
    }
}
