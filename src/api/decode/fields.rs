//! From what was written to an object of its type: unknown fields out, values checked, empty ones left out.
//!
//! Go's decoders are `json-iterator` up to 1.22 and `sigs.k8s.io/json` since; both are exact about case. What is then
//! written again lacks nulls and empty values of fields that are omitted when empty, and has objects that are no pointers.

use super::node::Node;
use super::schemas;
use crate::api::differences::{NO_EMPTY_TIMES, OWN_JSON_READER};
use crate::api::quantity::{Quantity, QuantityError};
use crate::api::schema::{Definition, Field, Schema, Type, Zero};
use crate::api::value::Fields;
use crate::api::{Version, schema};
use base64::Engine as _;
use serde_json::{Number, Value};
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
    node: Node,
    definition: &'static Definition,
    version: Version,
) -> Result<Converted, String> {
    let mut converter = Converter::new(version);
    let object = converter.object(node, definition);
    match converter.failure {
        Some(failure) => Err(failure),
        None => Ok(Converted { object, strict_errors: converter.strict_errors }),
    }
}

/// Writes of an object's own fields what is always there, where it was taken out (`status` of a new object).
pub(super) fn complete(object: &mut Value, definition: &'static Definition, version: Version) {
    if let Value::Object(fields) = object {
        Converter::new(version).fill(fields, definition);
    }
}

/// One step into an object.
enum Step {
    Field(&'static Definition, &'static Field),
    Key(String),
    Item(usize),
}

struct Converter {
    schema: &'static Schema,
    json_iterator: bool,
    /// Whether a creation time that nobody gave is written as null.
    null_times: bool,
    path: Vec<Step>,
    strict_errors: Vec<String>,
    /// The first error; Go reads on, but this is the one it tells.
    failure: Option<String>,
}

impl Converter {
    fn new(version: Version) -> Converter {
        Converter {
            schema: schema::schema(version),
            json_iterator: !version.has(OWN_JSON_READER),
            null_times: !version.has(NO_EMPTY_TIMES),
            path: Vec::new(),
            strict_errors: Vec::new(),
            failure: None,
        }
    }

    fn object(&mut self, node: Node, definition: &'static Definition) -> Value {
        let entries = match node {
            Node::Map(entries) => entries,
            Node::Null => Vec::new(),
            Node::Bool(_) | Node::Number(_) | Node::String(_) | Node::List(_) => {
                return self.mismatch(&node, definition.go_name(), "readObjectStart: expect { or n");
            }
        };
        let mut object = Fields::new();
        let mut seen = BTreeSet::new();
        for (key, node) in entries {
            if !seen.insert(key.clone()) {
                self.strict("duplicate", &key);
            }
            let Some(field) = definition.field(&key) else {
                self.strict("unknown", &key);
                continue;
            };
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
    fn union(&mut self, node: Node, definition: &'static Definition, field: &Field) -> Option<Value> {
        let told = self.strict_errors.len();
        let read = schemas::union(field, node, &mut |node| self.object(node, definition));
        self.strict_errors.truncate(told);
        read.unwrap_or_else(|why| Some(self.fail(why)))
    }

    /// Writes what is no pointer and never omitted: it is there even when nobody gave it.
    fn fill(&mut self, object: &mut Fields, definition: &'static Definition) {
        let written = |field: &&Field| field.zero == Zero::Written;
        for field in definition.fields().iter().filter(written) {
            if !object.contains_key(field.name) {
                self.path.push(Step::Field(definition, field));
                let value = self.item(Node::Null, &field.kind);
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
    fn value(&mut self, node: Node, kind: &'static Type) -> Option<Value> {
        if let Node::Null = node {
            return None;
        }
        Some(match kind {
            Type::Any => node.into_value(),
            Type::String => self.string(node),
            Type::Bool => self.boolean(&node),
            Type::Double => self.double(node),
            Type::Int32 => self.integer(node, "int32", |n| i32::try_from(n).is_ok()),
            Type::Int64 => self.integer(node, "int64", |_| true),
            Type::IntOrString => self.int_or_string(node),
            Type::Quantity => self.quantity(&node),
            Type::Time => self.time(&node, "%Y-%m-%dT%H:%M:%SZ"),
            Type::MicroTime => self.time(&node, "%Y-%m-%dT%H:%M:%S.%6fZ"),
            Type::Bytes => self.bytes(&node),
            Type::List(item) => self.list(node, kind, item),
            Type::Map(item) => self.map(node, kind, item),
            Type::Object(_) => match self.schema.of_type(kind) {
                Some(definition) => self.object(node, definition),
                None => node.into_value(),
            },
        })
    }

    fn string(&mut self, node: Node) -> Value {
        let Node::String(text) = node else {
            return self.mismatch(&node, "string", "ReadString: expects \" or n");
        };
        text.into()
    }

    fn boolean(&mut self, node: &Node) -> Value {
        let Node::Bool(value) = node else {
            return self.mismatch(node, "bool", "ReadBool: expect t or f");
        };
        (*value).into()
    }

    fn double(&mut self, node: Node) -> Value {
        let Node::Number(number) = node else {
            return self.mismatch(&node, "float64", "readFloat64SlowPath: invalid number");
        };
        Value::Number(number)
    }

    fn list(&mut self, node: Node, kind: &'static Type, item: &'static Type) -> Value {
        let Node::List(nodes) = node else {
            return self.mismatch(&node, &go_type(kind), "decode slice: expect [ or n");
        };
        let mut list = Vec::with_capacity(nodes.len());
        for (at, node) in nodes.into_iter().enumerate() {
            self.path.push(Step::Item(at));
            list.push(self.item(node, item));
            self.path.pop();
        }
        Value::Array(list)
    }

    fn map(&mut self, node: Node, kind: &'static Type, item: &'static Type) -> Value {
        let Node::Map(entries) = node else {
            return self.mismatch(&node, &go_type(kind), "ReadMapCB: expect { or n");
        };
        let mut map = Fields::new();
        for (key, node) in entries {
            if map.contains_key(&key) {
                self.strict("duplicate", &key);
            }
            self.path.push(Step::Key(key.clone()));
            let value = self.item(node, item);
            self.path.pop();
            map.insert(key, value);
        }
        Value::Object(map)
    }

    /// An element: null is its type's zero.
    fn item(&mut self, node: Node, kind: &'static Type) -> Value {
        match self.value(node, kind) {
            Some(value) => value,
            None => match kind {
                Type::String => "".into(),
                Type::Int32 | Type::Int64 | Type::Double | Type::IntOrString => 0.into(),
                Type::Bool => false.into(),
                Type::Quantity => "0".into(),
                Type::Object(_) => match self.schema.of_type(kind) {
                    Some(definition) => self.object(Node::Null, definition),
                    None => Value::Null,
                },
                Type::Time | Type::MicroTime | Type::Bytes | Type::Any | Type::List(_) | Type::Map(_) => {
                    Value::Null
                }
            },
        }
    }

    fn integer(&mut self, node: Node, name: &str, fits: impl Fn(i64) -> bool) -> Value {
        let Node::Number(number) = node else {
            return self.mismatch(&node, name, "readUint32: unexpected character");
        };
        match number.as_i64().filter(|n| fits(*n)) {
            Some(number) => number.into(),
            None => self.number_mismatch(&number, name),
        }
    }

    /// An `IntOrString` decodes its number by itself, so the error knows no field.
    fn int_or_string(&mut self, node: Node) -> Value {
        if let Node::String(text) = node {
            return text.into();
        }
        let mut what = node.noun().to_owned();
        if let Node::Number(number) = &node {
            match number.as_i64().filter(|n| i32::try_from(*n).is_ok()) {
                Some(number) => return number.into(),
                None => what = format!("number {number}"),
            }
        }
        self.fail(&format!("json: cannot unmarshal {what} into Go value of type int32"))
    }

    fn quantity(&mut self, node: &Node) -> Value {
        let parsed = match node {
            Node::String(text) => text.trim().parse::<Quantity>(),
            Node::Number(number) => number.to_string().parse(),
            Node::Null | Node::Bool(_) | Node::List(_) | Node::Map(_) => Err(QuantityError::Format),
        };
        match parsed {
            Ok(quantity) => quantity.to_string().into(),
            Err(error) => self.fail(&error.to_string()),
        }
    }

    fn time(&mut self, node: &Node, format: &str) -> Value {
        let Node::String(text) = node else {
            let what = node.noun();
            return self.fail(&format!("json: cannot unmarshal {what} into Go value of type string"));
        };
        match text.parse::<jiff::Timestamp>() {
            Ok(time) => time.strftime(format).to_string().into(),
            Err(_) => self.fail(&format!(
                "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""
            )),
        }
    }

    fn bytes(&mut self, node: &Node) -> Value {
        let Node::String(text) = node else {
            return self.mismatch(node, "[]uint8", "base64Codec: invalid input");
        };
        let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        let at = match base64::engine::general_purpose::STANDARD.decode(&text) {
            Ok(_) => return text.into(),
            Err(base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _)) => {
                at
            }
            Err(base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding) => {
                text.trim_end_matches('=').len() / 4 * 4
            }
        };
        let decoder = if self.json_iterator { "decode base64: " } else { "" };
        self.fail(&format!("{decoder}illegal base64 data at input byte {at}"))
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

    /// A value of another type than the field's: `expects` are json-iterator's words.
    fn mismatch(&mut self, node: &Node, go_type: &str, expects: &str) -> Value {
        match self.json_iterator {
            true => self.fail(&format!("{expects}, but found {}", node.first_letter())),
            false => self.unmarshal_error(node.noun(), go_type),
        }
    }

    fn number_mismatch(&mut self, number: &Number, go_type: &str) -> Value {
        match self.json_iterator {
            true => self.fail("can not decode float as int"),
            false => self.unmarshal_error(&format!("number {number}"), go_type),
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

    /// Keeps the first error; json-iterator puts the way to it in front.
    fn fail(&mut self, reason: &str) -> Value {
        let mut text = String::new();
        if self.json_iterator {
            for (definition, field) in self.path.iter().filter_map(Step::field) {
                text.push_str(&format!("{}.{}: ", definition.go_name(), exported(field.name)));
                if let Type::List(_) = field.kind {
                    text.push_str(&format!("{}: ", go_type(&field.kind)));
                }
            }
        }
        text.push_str(reason);
        self.failure.get_or_insert(text);
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

/// The name of a Go field, nearly: acronyms are not told from words.
fn exported(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// A type as Go writes it.
fn go_type(kind: &Type) -> String {
    match kind {
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
        Type::Any => "runtime.RawExtension".to_owned(),
        Type::List(item) => format!("[]{}", go_type(item)),
        Type::Map(item) => format!("map[string]{}", go_type(item)),
        Type::Object(name) => name.split_once('.').map_or(*name, |(_, rest)| rest).to_owned(),
    }
}
