//! What a template computes with (`reflect.Value`).

use crate::golang::fmt;
use crate::json::{Map, Value};
use std::borrow::Cow;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Thing<'d> {
    /// No value at all.
    Nothing,
    /// A null that stands in an object.
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number of JSON.
    Int64(i64),
    Byte(u8),
    Float(f64),
    Text(Cow<'d, str>),
    List(&'d [Value]),
    Map(&'d Map),
}

/// A value, and whether it stands where anything may (`interface {}`).
#[derive(Clone, Debug)]
pub(super) struct Held<'d> {
    pub(super) thing: Thing<'d>,
    pub(super) any: bool,
}

impl<'d> Held<'d> {
    /// No value.
    pub(super) const NOTHING: Held<'d> = Held { thing: Thing::Nothing, any: false };

    /// A value of its own type.
    pub(super) fn new(thing: Thing<'d>) -> Held<'d> {
        Held { thing, any: false }
    }

    /// An entry of an object or a list.
    pub(super) fn entry(value: &'d Value) -> Held<'d> {
        Held { thing: Thing::of(value), any: true }
    }

    /// An entry that is not there, where one is asked for all the same.
    pub(super) fn absent() -> Held<'d> {
        Held { thing: Thing::Null, any: true }
    }

    /// The value without the place where it stands: a null then is nothing.
    pub(super) fn dug(self) -> Held<'d> {
        Held::new(match self.thing {
            Thing::Null => Thing::Nothing,
            thing => thing,
        })
    }

    /// The name of the type of the place where it stands.
    pub(super) fn type_name(&self) -> &'static str {
        if self.any { "interface {}" } else { self.thing.type_name() }
    }
}

impl<'d> Thing<'d> {
    pub(super) fn of(value: &'d Value) -> Thing<'d> {
        match value {
            Value::Null => Thing::Null,
            Value::Bool(value) => Thing::Bool(*value),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => Thing::Int64(whole),
                None => Thing::Float(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => Thing::Text(Cow::Borrowed(text)),
            Value::Array(items) => Thing::List(items),
            Value::Object(fields) => Thing::Map(fields),
        }
    }

    /// The name of its own type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Thing::Nothing | Thing::Null => "<nil>",
            Thing::Bool(_) => "bool",
            Thing::Int(_) => "int",
            Thing::Int64(_) => "int64",
            Thing::Byte(_) => "uint8",
            Thing::Float(_) => "float64",
            Thing::Text(_) => "string",
            Thing::List(_) => "[]interface {}",
            Thing::Map(_) => "map[string]interface {}",
        }
    }

    /// Whether it is other than the zero value of its type.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Thing::Nothing | Thing::Null => false,
            Thing::Bool(value) => *value,
            Thing::Int(value) | Thing::Int64(value) => *value != 0,
            Thing::Byte(value) => *value != 0,
            Thing::Float(value) => *value != 0.0,
            Thing::Text(text) => !text.is_empty(),
            Thing::List(items) => !items.is_empty(),
            Thing::Map(fields) => !fields.is_empty(),
        }
    }

    /// As `%v` prints it.
    pub(super) fn plain(&self) -> String {
        match self {
            Thing::Nothing | Thing::Null => "<nil>".to_owned(),
            Thing::Bool(value) => value.to_string(),
            Thing::Int(value) | Thing::Int64(value) => value.to_string(),
            Thing::Byte(value) => value.to_string(),
            Thing::Float(value) => fmt::float(*value),
            Thing::Text(text) => text.to_string(),
            Thing::List(items) => {
                let items: Vec<String> = items.iter().map(fmt::plain).collect();
                format!("[{}]", items.join(" "))
            }
            Thing::Map(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(key, value)| format!("{key}:{}", fmt::plain(value))).collect();
                format!("map[{}]", fields.join(" "))
            }
        }
    }

    /// As an action prints it.
    pub(super) fn printed(&self) -> String {
        match self {
            Thing::Nothing => "<no value>".to_owned(),
            thing => thing.plain(),
        }
    }
}

/// `fmt.Sprint`: a space between what is no text.
pub(super) fn sprint<'a, 'd: 'a>(things: impl IntoIterator<Item = &'a Thing<'d>>) -> String {
    let mut out = String::new();
    let mut text_before = true;
    for thing in things {
        let text = matches!(thing, Thing::Text(_));
        if !text && !text_before {
            out.push(' ');
        }
        out.push_str(&thing.plain());
        text_before = text;
    }
    out
}
