//! JSON as `encoding/json` and `sigs.k8s.io/json` read it, as it was written: keys in order, and all of them, also where one
//! comes twice; numbers as they are spelled.

use crate::json::{Text, Value};
use std::fmt;

mod reader;
mod writer;

pub(crate) use reader::{Unread, push_bytes, read, stream};
pub(crate) use writer::write;

/// A value in the order of its text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    String(Text),
    List(Vec<Json>),
    Map(Vec<(Text, Json)>),
}

/// A number as it is spelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number(Text);

impl Number {
    /// The number that a text is, which must be one.
    pub(crate) fn spelled(text: impl Into<Text>) -> Number {
        Number(text.into())
    }

    /// A number as `encoding/json` writes a `float64`.
    pub(crate) fn of_float(value: f64) -> Number {
        let size = value.abs();
        if size != 0.0 && !(1e-6..1e21).contains(&size) {
            let text = format!("{value:e}");
            return Number(
                match text.split_once("e-") {
                    Some(_) => text,
                    None => text.replace('e', "e+"),
                }
                .into(),
            );
        }
        Number(value.to_string().into())
    }

    /// The whole number, if it is written as one (`strconv.ParseInt`): `1.0` is none.
    pub(crate) fn integer(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The same for whoever asks for no type: a whole number, or a `float64`; none where that is too small.
    pub(crate) fn value(&self) -> Option<crate::json::Number> {
        if let Some(whole) = self.integer() {
            return Some(whole.into());
        }
        match self.0.parse::<u64>() {
            Ok(whole) => Some(whole.into()),
            Err(_) => self.0.parse().ok().and_then(crate::json::Number::from_f64),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Json {
    /// What Go's errors call it.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "bool",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::List(_) => "array",
            Json::Map(_) => "object",
        }
    }

    /// The last value of a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Map(entries) => entries.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::List(_) => None,
        }
    }

    /// The value for whoever asks for no type (`interface{}`), the last of several under one key.
    ///
    /// # Errors
    /// A number that is larger than any `float64`.
    pub(crate) fn into_value(self) -> Result<Value, String> {
        Ok(match self {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(value),
            Json::Number(number) => Value::Number(number.value().ok_or_else(|| {
                format!("json: cannot unmarshal number {number} into Go value of type float64")
            })?),
            Json::String(value) => Value::from(value),
            Json::List(items) => items.into_iter().map(Json::into_value).collect::<Result<_, _>>()?,
            Json::Map(entries) => {
                let entry = |(key, value): (Text, Json)| Ok((key, value.into_value()?));
                Value::Object(entries.into_iter().map(entry).collect::<Result<_, String>>()?)
            }
        })
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(value),
            Value::Number(value) => Json::Number(Number(value.to_string().into())),
            Value::String(value) => Json::String(value),
            Value::Array(items) => Json::List(items.into_iter().map(Json::from).collect()),
            Value::Object(map) => Json::Map(map.into_iter().map(|(k, v)| (k, Json::from(v))).collect()),
        }
    }
}

/// What Go's errors call a value.
pub(crate) fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Reads JSON for whoever asks for no type.
///
/// # Errors
/// In Go's words.
pub(crate) fn value(text: &[u8]) -> Result<Value, String> {
    read(text)?.into_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn numbers_keep_their_spelling() {
        for (text, integer, value) in [
            ("-0", Some(0), json!(0)),
            ("1", Some(1), json!(1)),
            ("1.0", None, json!(1.0)),
            ("1E1", None, json!(10.0)),
            ("9223372036854775808", None, json!(9_223_372_036_854_775_808_u64)),
        ] {
            let Ok(Json::Number(number)) = read(text.as_bytes()) else { panic!("{text}") };
            assert_eq!((number.to_string().as_str(), number.integer()), (text, integer));
            assert_eq!(super::value(text.as_bytes()), Ok(value));
        }
        let error = "json: cannot unmarshal number 1e400 into Go value of type float64";
        assert_eq!(super::value(b"{\"a\": [1e400]}"), Err(error.to_owned()));
    }

    #[test]
    fn floats_are_written_as_go_does() {
        for (value, text) in [
            (0.0, "0"),
            (8.0, "8"),
            (1.5, "1.5"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e-7, "1.5e-7"),
            (-1e23, "-1e+23"),
        ] {
            assert_eq!(Number::of_float(value).to_string(), text);
        }
    }
}
