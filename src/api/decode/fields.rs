//! From what was written to an object of its type: unknown fields out, values checked, empty ones left out.
//!
//! Go's decoders are `json-iterator` up to 1.22, whose words are [`super::iterator`]'s, and `sigs.k8s.io/json` since; both are
//! exact about case. What is then written again lacks nulls and empty values of fields that are omitted when empty, and has objects that are no pointers.

use super::gotypes::go_type;
use super::schemas;
use crate::api::differences::NO_EMPTY_TIMES;
use crate::api::quantity::{Quantity, QuantityError};
use crate::api::schema::{Definition, Field, Schema, Type, Zero, zeros};
use crate::api::value::Fields;
use crate::api::{Version, schema};
use crate::golang::base64::{self, Encoding};
use crate::golang::json::{Json, Number};
use crate::golang::time::{self, Layout};
use crate::json::{Text, Value};
use std::collections::BTreeSet;

/// The real decoder tells no more unknown fields than these.
const STRICT_ERRORS_MAX: usize = 100;

/// An object and what strict decoding objects to.
pub(super) struct Converted {
    pub(super) object: Value,
    pub(super) strict_errors: Vec<String>,
}

/// Makes an object of a definition; the error is the text of Go's decoder.
pub(super) fn convert(
    node: Json,
    definition: &'static Definition,
    version: Version,
    reader: Reader,
) -> Result<Converted, String> {
    let mut converter = Converter::new(version, reader);
    let object = converter.object(node, definition);
    match converter.failure {
        Some(failure) => Err(failure),
        None => Ok(Converted { object, strict_errors: converter.strict_errors }),
    }
}

/// Writes of an object's own fields what is always there, where it was taken out (`status` of a new object).
pub(super) fn complete(object: &mut Value, definition: &'static Definition, version: Version) {
    if let Value::Object(fields) = object {
        Converter::new(version, Reader::Json).fill(fields, definition);
    }
}

/// Which of Go's readers it is, for the words of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// `sigs.k8s.io/json`
    Json,
    /// `runtime.DefaultUnstructuredConverter`: of a map, not of JSON.
    Map,
}

/// Why a value is none of a type that reads its values by itself.
pub(super) fn error(node: Json, kind: &'static Type, version: Version) -> Option<String> {
    if *kind == Type::Any {
        return None;
    }
    let mut converter = Converter::new(version, Reader::Json);
    converter.value(node, kind);
    converter.failure
}

/// The same of a field that is a schema or something else.
pub(super) fn union_error(
    node: Json,
    definition: &'static Definition,
    field: &'static Field,
    version: Version,
) -> Option<String> {
    let mut converter = Converter::new(version, Reader::Json);
    converter.union(node, definition, field);
    converter.failure
}

/// One step into an object.
enum Step {
    Field(&'static Definition, &'static Field),
    Key(Text),
    Item(usize),
}

struct Converter {
    schema: &'static Schema,
    reader: Reader,
    /// Whether a creation time that nobody gave is written as null.
    null_times: bool,
    path: Vec<Step>,
    strict_errors: Vec<String>,
    /// The first error; Go reads on, but this is the one it tells.
    failure: Option<String>,
}

impl Converter {
    fn new(version: Version, reader: Reader) -> Converter {
        Converter {
            schema: schema::schema(version),
            reader,
            null_times: !version.has(NO_EMPTY_TIMES),
            path: Vec::new(),
            strict_errors: Vec::new(),
            failure: None,
        }
    }

    fn object(&mut self, node: Json, definition: &'static Definition) -> Value {
        let entries = match node {
            Json::Map(entries) => entries,
            Json::Null => Vec::new(),
            Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::List(_) => {
                return self.mismatch(&node, definition.go_name());
            }
        };
        let mut object = Fields::new();
        let (mut seen, mut unknown) = (Vec::with_capacity(entries.len()), BTreeSet::new());
        for (key, node) in entries {
            let Some(field) = definition.field(&key) else {
                if !unknown.insert(key.clone()) {
                    self.strict("duplicate", &key);
                }
                self.strict("unknown", &key);
                continue;
            };
            if seen.contains(&field.name) {
                self.strict("duplicate", &key);
            }
            seen.push(field.name);
            self.path.push(Step::Field(definition, field));
            let value = match schemas::is_union(definition, field) {
                true => self.union(node, definition, field),
                false => self.value(node, &field.kind),
            };
            let value = value.filter(|value| stays(field, value));
            self.path.pop();
            match value {
                Some(value) => object.insert(key, value),
                None => object.remove(&key),
            };
        }
        self.fill(&mut object, definition);
        Value::Object(object)
    }

    /// A field that is a schema or something else; what a schema there has too much isn't told.
    fn union(&mut self, node: Json, definition: &'static Definition, field: &Field) -> Option<Value> {
        let told = self.strict_errors.len();
        let read = schemas::union(field, node, &mut |node| self.object(node, definition));
        self.strict_errors.truncate(told);
        read.unwrap_or_else(|why| Some(self.fail(&why)))
    }

    /// Writes what is no pointer and never omitted: it is there even when nobody gave it.
    fn fill(&mut self, object: &mut Fields, definition: &'static Definition) {
        let written = |field: &&Field| field.zero == Zero::Written;
        for field in definition.fields().iter().filter(written) {
            if !object.contains_key(field.name) {
                self.path.push(Step::Field(definition, field));
                // Bytes that are none are null, but in a map.
                let value = match &field.kind {
                    Type::Bytes => Value::Null,
                    kind => self.item(Json::Null, kind),
                };
                self.path.pop();
                object.insert(field.name.to_owned(), value);
            }
        }
        // The metadata of a template; an object's own has its time from the server.
        if self.null_times && definition.name == "meta.v1.ObjectMeta" && self.path.len() > 1 {
            object.entry("creationTimestamp").or_insert(Value::Null);
        }
    }

    /// A value of a type; none for null.
    fn value(&mut self, node: Json, kind: &'static Type) -> Option<Value> {
        if let Json::Null = node {
            return None;
        }
        Some(match kind {
            Type::Any => self.any(node),
            Type::String => self.string(node),
            Type::Bool => self.boolean(&node),
            Type::Double => self.double(node),
            Type::Int32 => self.integer(node, "int32", |n| i32::try_from(n).is_ok()),
            Type::Int64 => self.integer(node, "int64", |_| true),
            Type::IntOrString => self.int_or_string(node),
            Type::Quantity => self.quantity(&node),
            Type::Time => self.time(&node, Layout::Rfc3339, "%Y-%m-%dT%H:%M:%SZ"),
            Type::MicroTime => self.time(&node, Layout::Micro, "%Y-%m-%dT%H:%M:%S.%6fZ"),
            Type::Bytes => self.bytes(&node),
            Type::List(item) => self.list(node, kind, item),
            Type::Map(item) => self.map(node, kind, item),
            Type::Object(_) => match self.schema.of_type(kind) {
                Some(definition) => self.object(node, definition),
                None => self.any(node),
            },
        })
    }

    fn any(&mut self, node: Json) -> Value {
        node.into_value().unwrap_or_else(|why| self.fail(&why))
    }

    fn string(&mut self, node: Json) -> Value {
        let Json::String(text) = node else {
            return self.mismatch(&node, "string");
        };
        text.into()
    }

    fn boolean(&mut self, node: &Json) -> Value {
        let Json::Bool(value) = node else {
            return self.mismatch(node, "bool");
        };
        (*value).into()
    }

    fn double(&mut self, node: Json) -> Value {
        let Json::Number(number) = node else {
            return self.mismatch(&node, "float64");
        };
        match number.value() {
            Some(value) => Value::Number(value),
            None => self.number_mismatch(&number, "float64"),
        }
    }

    fn list(&mut self, node: Json, kind: &'static Type, item: &'static Type) -> Value {
        let Json::List(nodes) = node else {
            return self.mismatch(&node, &go_type(kind));
        };
        let mut list = Vec::with_capacity(nodes.len());
        for (at, node) in nodes.into_iter().enumerate() {
            self.path.push(Step::Item(at));
            list.push(self.item(node, item));
            self.path.pop();
        }
        Value::Array(list.into())
    }

    fn map(&mut self, node: Json, kind: &'static Type, item: &'static Type) -> Value {
        let Json::Map(entries) = node else {
            return self.mismatch(&node, &go_type(kind));
        };
        let mut map = Fields::new();
        for (key, node) in entries {
            if map.contains_key(&key) {
                self.strict("duplicate", &key);
            }
            self.path.push(Step::Key(key.clone()));
            let mut value = self.item(node, item);
            if let (Type::Quantity, Ok(amount)) =
                (item, value.as_str().unwrap_or_default().parse::<Quantity>())
            {
                // Lists of resources count no finer (`SetDefaults_ResourceList`).
                value = amount.in_thousandths().to_string().into();
            }
            self.path.pop();
            map.insert(key, value);
        }
        Value::Object(map)
    }

    /// An element: null is its type's zero.
    fn item(&mut self, node: Json, kind: &'static Type) -> Value {
        match self.value(node, kind) {
            Some(value) => value,
            None => match kind {
                Type::Bytes => "".into(),
                Type::Object(_) => match self.schema.of_type(kind) {
                    Some(definition) => self.object(Json::Null, definition),
                    None => Value::Null,
                },
                kind => zeros::plain(kind),
            },
        }
    }

    fn integer(&mut self, node: Json, name: &str, fits: impl Fn(i64) -> bool) -> Value {
        let Json::Number(number) = node else {
            return self.mismatch(&node, name);
        };
        match self.whole(&number).filter(|n| fits(*n)) {
            Some(number) => number.into(),
            None => self.number_mismatch(&number, name),
        }
    }

    /// A number as a whole one; a map has `1.0` as a number whose fraction is nothing.
    fn whole(&self, number: &Number) -> Option<i64> {
        let of_map = |number: &Number| number.to_string().strip_suffix(".0")?.parse().ok();
        number.integer().or_else(|| of_map(number).filter(|_| self.reader == Reader::Map))
    }

    /// An `IntOrString` decodes its number by itself.
    fn int_or_string(&mut self, node: Json) -> Value {
        if let Json::String(text) = node {
            return text.into();
        }
        let mut what = node.noun().to_owned();
        if let Json::Number(number) = &node {
            match number.integer().filter(|n| i32::try_from(*n).is_ok()) {
                Some(number) => return number.into(),
                None => what = format!("number {number}"),
            }
        }
        self.inner_mismatch(&what, "int32")
    }

    /// An amount; in a map of them it has thousandths at least (`SetDefaults_ResourceList`).
    fn quantity(&mut self, node: &Json) -> Value {
        let parsed = match node {
            Json::String(text) => text.trim().parse::<Quantity>(),
            Json::Number(number) => number.to_string().parse(),
            Json::Null | Json::Bool(_) | Json::List(_) | Json::Map(_) => Err(QuantityError::Format),
        };
        match parsed {
            Ok(quantity) => quantity.to_string().into(),
            Err(error) => self.fail(&error.to_string()),
        }
    }

    fn time(&mut self, node: &Json, layout: Layout, format: &str) -> Value {
        let Json::String(text) = node else {
            return self.inner_mismatch(node.noun(), "string");
        };
        match time::parse(text, layout) {
            Ok(time) => time.strftime(format).to_string().into(),
            Err(why) => self.fail(&why),
        }
    }

    fn bytes(&mut self, node: &Json) -> Value {
        let Json::String(text) = node else {
            return self.mismatch(node, "[]uint8");
        };
        match base64::decode(text, Encoding::Standard) {
            Ok(bytes) => base64::encode(&bytes, Encoding::Standard).into(),
            Err(why) => self.fail(&why),
        }
    }

    /// Notes a key that strict decoding does not accept where the path stands.
    fn strict(&mut self, what: &str, key: &str) {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Field(_, field) => push_key(&mut path, field.name),
                Step::Key(key) => push_key(&mut path, key),
                Step::Item(at) => path.push_str(&format!("[{at}]")),
            }
        }
        push_key(&mut path, key);
        let error = format!("{what} field \"{path}\"");
        if self.strict_errors.len() < STRICT_ERRORS_MAX && !self.strict_errors.contains(&error) {
            self.strict_errors.push(error);
        }
    }

    /// A value of another type than the field's.
    fn mismatch(&mut self, node: &Json, go_type: &str) -> Value {
        match self.reader {
            Reader::Json => self.unmarshal_error(node.noun(), go_type),
            Reader::Map => self.fail(&not_restored(node, go_type)),
        }
    }

    fn number_mismatch(&mut self, number: &Number, go_type: &str) -> Value {
        match self.reader {
            Reader::Json => self.unmarshal_error(&format!("number {number}"), go_type),
            Reader::Map => self.fail(&format!("cannot convert float64 to {go_type}")),
        }
    }

    /// A type that reads itself got another one than it reads.
    fn inner_mismatch(&mut self, what: &str, go_type: &str) -> Value {
        match self.reader {
            Reader::Json => self.unmarshal_error(what, go_type),
            Reader::Map => {
                self.fail(&format!("json: cannot unmarshal {what} into Go value of type {go_type}"))
            }
        }
    }

    fn unmarshal_error(&mut self, what: &str, go_type: &str) -> Value {
        let fields: Vec<_> = self.path.iter().filter_map(Step::field).collect();
        let place = match fields.last() {
            None => "Go value".to_owned(),
            Some((definition, _)) => {
                let owner = definition.name.rsplit('.').next().unwrap_or_default();
                let names: Vec<_> = fields.iter().map(|(_, field)| field.name).collect();
                format!("Go struct field {owner}.{}", names.join("."))
            }
        };
        let text = format!("json: cannot unmarshal {what} into {place} of type {go_type}");
        self.failure.get_or_insert(text);
        Value::Null
    }

    /// Keeps the first error.
    fn fail(&mut self, reason: &str) -> Value {
        self.failure.get_or_insert_with(|| reason.to_owned());
        Value::Null
    }
}

impl Step {
    fn field(&self) -> Option<(&'static Definition, &'static Field)> {
        match self {
            Step::Field(definition, field) => Some((definition, field)),
            Step::Key(_) | Step::Item(_) => None,
        }
    }
}

fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// Whether a value is written: not one that is empty in a field that is omitted when empty.
fn stays(field: &Field, value: &Value) -> bool {
    if field.zero != Zero::Dropped {
        return true;
    }
    match (&field.kind, value) {
        (Type::String | Type::Bytes, Value::String(text)) => !text.is_empty(),
        (Type::Int32 | Type::Int64 | Type::Double, Value::Number(number)) => number.as_i64() != Some(0),
        (Type::Bool, Value::Bool(value)) => *value,
        (Type::List(_), Value::Array(list)) => !list.is_empty(),
        (Type::Map(_), Value::Object(map)) => !map.is_empty(),
        _ => true,
    }
}

/// Why the converter of maps can't make a value of a type.
fn not_restored(node: &Json, go_type: &str) -> String {
    let kind = match node {
        Json::Null => "invalid",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.integer().is_none() => "float64",
        Json::Number(_) => "int64",
        Json::String(_) => "string",
        Json::List(_) => "slice",
        Json::Map(_) => "map",
    };
    match (kind, go_type) {
        (_, of) if of.starts_with("[]") => format!("cannot restore slice from {kind}"),
        (_, of) if of.starts_with("map[") => format!("cannot restore map from {kind}"),
        (_, of) if of.contains('.') => format!("cannot restore struct from: {kind}"),
        ("int64", "string") => "cannot convert int64 to string".to_owned(),
        _ => format!("unrecognized type: {go_type}"),
    }
}
