//! Bodies in protobuf (`application/vnd.kubernetes.protobuf`), as newer clients send them
//! (`apimachinery/pkg/runtime/serializer/protobuf`, `generated.proto` of each group).
//!
//! A body becomes the JSON that a Go client would have sent instead: types come from the schema, the fields' numbers
//! from `protobuf.txt`. Unknown fields are skipped, as protobuf has it.

use crate::api::schema::{Definition, Field, Schema, Type, Zero};
use crate::json::{Map, Value, json};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::OnceLock;

static NUMBERS: &str = include_str!("protobuf.txt");

/// What stands at the beginning of every body.
const MAGIC: &[u8] = b"k8s\0";

/// How deep messages may nest.
const DEPTH: usize = 64;

/// One field of a message on the wire.
enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Takes fields off a message.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// All fields; none where the bytes are broken.
    fn fields(mut self) -> Option<Vec<(u64, Wire<'a>)>> {
        let mut fields = Vec::new();
        while !self.0.is_empty() {
            let key = self.varint()?;
            let value = match key & 7 {
                0 => Wire::Number(self.varint()?),
                1 => Wire::Number(u64::from_le_bytes(self.take(8)?.try_into().ok()?)),
                2 => {
                    let length = usize::try_from(self.varint()?).ok()?;
                    Wire::Bytes(self.take(length)?)
                }
                5 => Wire::Number(u64::from(u32::from_le_bytes(self.take(4)?.try_into().ok()?))),
                _ => return None,
            };
            fields.push((key >> 3, value));
        }
        Some(fields)
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

/// The message of a field of bytes with that number.
fn part(bytes: &[u8], number: u64) -> Option<&[u8]> {
    Reader(bytes).fields()?.into_iter().rev().find_map(|(found, value)| match value {
        Wire::Bytes(bytes) if found == number => Some(bytes),
        Wire::Bytes(_) | Wire::Number(_) => None,
    })
}

fn number(bytes: &[u8], wanted: u64) -> Option<u64> {
    Reader(bytes).fields()?.into_iter().rev().find_map(|(found, value)| match value {
        Wire::Number(number) if found == wanted => Some(number),
        Wire::Bytes(_) | Wire::Number(_) => None,
    })
}

/// The fields of each message by number; those of a message within are inlined under its own number.
fn numbers() -> &'static BTreeMap<&'static str, BTreeMap<u64, &'static str>> {
    static TABLE: OnceLock<BTreeMap<&'static str, BTreeMap<u64, &'static str>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = NUMBERS.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| {
                let (name, fields) = line.split_once(' ')?;
                let field = |cell: &'static str| {
                    let (field, number) = cell.split_once('=')?;
                    Some((number.parse().ok()?, field))
                };
                Some((name, fields.split(' ').filter_map(field).collect()))
            })
            .collect()
    })
}

/// The fields of a message in the order in which it declares them: names, and `*` before a message whose fields stand in
/// the object itself.
pub(crate) fn order(definition: &str) -> impl Iterator<Item = &'static str> {
    static LINES: OnceLock<BTreeMap<&'static str, &'static str>> = OnceLock::new();
    let lines = LINES.get_or_init(|| NUMBERS.lines().filter_map(|line| line.split_once(' ')).collect());
    let cells = lines.get(definition).copied().unwrap_or_default().split(' ');
    cells.filter_map(|cell| cell.split_once('=')).map(|(name, _)| name)
}

/// The object of a body; `of` is the kind that the route is for, where the body names none.
pub(super) fn object(body: &[u8], schema: &'static Schema, of: (&str, &str, &str)) -> Result<Value, String> {
    let broken = || "the body is no protobuf object".to_owned();
    let unknown = body.strip_prefix(MAGIC).ok_or("provided data does not appear to be a protobuf message")?;
    let meta = part(unknown, 1).unwrap_or_default();
    let said = |number| part(meta, number).and_then(text).unwrap_or_default();
    let (api_version, kind) = (said(1), said(2));
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let definition = match kind.as_str() {
        "" => schema.of_kind(of.0, of.1, of.2),
        "DeleteOptions" => schema.definition("meta.v1.DeleteOptions"),
        kind => schema.of_kind(group, version, kind),
    };
    let mut object = Map::new();
    if let Some(definition) = definition {
        let raw = part(unknown, 2).unwrap_or_default();
        message(raw, definition.name, definition, schema, &mut object, DEPTH).ok_or_else(broken)?;
    }
    if !kind.is_empty() {
        object.insert("kind".to_owned(), kind.into());
        object.insert("apiVersion".to_owned(), api_version.into());
    }
    Ok(Value::Object(object))
}

/// Reads a message into an object whose fields are those of a definition.
fn message(
    bytes: &[u8],
    name: &str,
    definition: &'static Definition,
    schema: &'static Schema,
    into: &mut Map,
    depth: usize,
) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let empty = BTreeMap::new();
    let known = numbers().get(name).unwrap_or(&empty);
    for (number, wire) in Reader(bytes).fields()? {
        let Some(field) = known.get(&number) else { continue };
        match (field.strip_prefix('*'), wire) {
            (Some(inlined), Wire::Bytes(bytes)) => message(bytes, inlined, definition, schema, into, depth)?,
            (Some(_), Wire::Number(_)) => return None,
            (None, wire) => {
                if let Some(field) = definition.field(field) {
                    put(field, wire, schema, into, depth)?;
                }
            }
        }
    }
    Some(())
}

/// Puts a field's value where it belongs; zero values that Go leaves out of JSON are left out.
fn put(field: &Field, wire: Wire<'_>, schema: &'static Schema, into: &mut Map, depth: usize) -> Option<()> {
    match (&field.kind, wire) {
        (Type::List(item), wire) => {
            let value = value(item, wire, schema, depth)?;
            if let Value::Array(list) = into.entry(field.name).or_insert_with(|| json!([])) {
                list.push(value);
            }
        }
        (Type::Map(item), Wire::Bytes(entry)) => {
            let key = part(entry, 1).map_or(Some(String::new()), text)?;
            let value = match &**item {
                // A list in a map is a message of its own.
                Type::List(inner) => {
                    let items = Reader(part(entry, 2).unwrap_or_default()).fields()?;
                    let items = items.into_iter().map(|(_, wire)| value(inner, wire, schema, depth));
                    Value::Array(items.collect::<Option<_>>()?)
                }
                item => value(item, Wire::Bytes(part(entry, 2).unwrap_or_default()), schema, depth)?,
            };
            if let Value::Object(map) = into.entry(field.name).or_insert_with(|| json!({})) {
                map.insert(key, value);
            }
        }
        (kind, wire) => {
            let value = value(kind, wire, schema, depth)?;
            let zero = match &value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Bool(flag) => !flag,
                Value::Number(number) => number.as_i64() == Some(0),
                Value::Array(_) | Value::Object(_) => false,
            };
            if !(zero && (field.zero == Zero::Dropped || value.is_null())) {
                into.insert(field.name.to_owned(), value);
            }
        }
    }
    Some(())
}

fn value(kind: &Type, wire: Wire<'_>, schema: &'static Schema, depth: usize) -> Option<Value> {
    Some(match (kind, wire) {
        (Type::String, Wire::Bytes(bytes)) => text(bytes)?.into(),
        (Type::Int32 | Type::Int64, Wire::Number(number)) => (number as i64).into(),
        (Type::Bool, Wire::Number(number)) => (number != 0).into(),
        (Type::Double, Wire::Number(number)) => json!(f64::from_bits(number)),
        (Type::Quantity, Wire::Bytes(bytes)) => part(bytes, 1).map_or(Some(String::new()), text)?.into(),
        (Type::IntOrString, Wire::Bytes(bytes)) => match number(bytes, 1) {
            Some(1) => part(bytes, 3).map_or(Some(String::new()), text)?.into(),
            _ => (number(bytes, 2).unwrap_or_default() as i64).into(),
        },
        (Type::Time | Type::MicroTime, Wire::Bytes([])) => Value::Null,
        (Type::Time, Wire::Bytes(bytes)) => instant(bytes)?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into(),
        (Type::MicroTime, Wire::Bytes(bytes)) => {
            instant(bytes)?.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string().into()
        }
        (Type::Bytes, Wire::Bytes(bytes)) => STANDARD.encode(bytes).into(),
        (Type::Any, Wire::Bytes(bytes)) => {
            serde_json::from_slice(part(bytes, 1).unwrap_or_default()).unwrap_or_default()
        }
        (Type::Object(name), Wire::Bytes(bytes)) => {
            let mut object = Map::new();
            let definition = schema.definition(name)?;
            message(bytes, name, definition, schema, &mut object, depth)?;
            Value::Object(object)
        }
        _ => return None,
    })
}

fn instant(bytes: &[u8]) -> Option<Timestamp> {
    let seconds = number(bytes, 1).unwrap_or_default() as i64;
    let nanoseconds = number(bytes, 2).unwrap_or_default() as i32;
    Timestamp::new(seconds, nanoseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Version;
    use crate::api::schema::schema;

    /// A field of bytes.
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
    }

    #[test]
    fn a_body_becomes_what_json_would_have_been() {
        let metadata = [
            field(1, b"red"),
            field(3, b""),
            field(8, b""),
            field(11, &[field(1, b"a"), field(2, b"b")].concat()),
        ];
        let raw = [field(1, &metadata.concat()), field(2, b""), field(3, &field(1, b""))].concat();
        let meta = [field(1, b"v1"), field(2, b"Namespace")].concat();
        let body = [MAGIC, &field(1, &meta), &field(2, &raw)].concat();
        let object = object(&body, schema(Version::NEWEST), ("", "v1", "Namespace")).unwrap();
        let want = json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "red", "labels": {"a": "b"}}, "spec": {}, "status": {},
        });
        assert_eq!(object, want);
    }

    #[test]
    fn broken_bodies_are_errors() {
        for body in [&b""[..], b"k8s", b"json", b"k8s\0\x0a\xff", b"k8s\0\x12\x02\x0a\x7f"] {
            let _ = object(body, schema(Version::NEWEST), ("", "v1", "Pod"));
        }
        assert!(object(b"{}", schema(Version::NEWEST), ("", "v1", "Pod")).is_err());
    }
}
