//! Values as Go holds them in memory, which messages show: the fields of an internal type under Go's names, as JSON or in
//! Go's syntax (`pkg/apis/*/types.go`).
//!
//! An internal type mostly has the fields of the API's newest type, in the same order; what differs is in `internal.txt`.
//!
//! # Differs from Kubernetes
//!
//! A pointer is an address in Go's syntax, by chance; here it is the same everywhere.

use super::decode::{Cell, cells, go_name, order};
use super::field::{go_json, go_value, quote};
use super::schema::{Definition, Field, Type, Zero, schema};
use super::{Dig, Quantity, Version};
use crate::json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The types that differ, by the API's name.
static DIFFERENT: LazyLock<BTreeMap<&str, Vec<Cell>>> = LazyLock::new(|| cells(include_str!("internal.txt")));

/// Fields of a pod's spec that its security context has in memory.
const OF_THE_HOST: [&str; 5] = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];

/// A field of an internal type.
impl Cell {
    fn name(&self) -> String {
        self.name.map_or_else(|| go_name(self.key), str::to_owned)
    }

    /// Whether Go's type is a pointer to what may be absent.
    fn is_pointer(&self, field: Option<&Field>) -> bool {
        match (self.kind, field) {
            (Some(kind), _) => kind.starts_with('*'),
            (None, Some(field)) => match field.kind {
                Type::Object(_) => field.zero == Zero::Dropped,
                _ => field.zero == Zero::Kept,
            },
            (None, None) => false,
        }
    }
}

/// A value of an internal type in Go's syntax and as JSON. The type is that of the API without its version
/// (`flowcontrol.FlowSchemaSpec`); `None` where the release has no such type.
pub(crate) fn shown(kind: &str, value: &Value, version: Version) -> Option<(String, String)> {
    let definition = newest(kind, version)?;
    let printer = Printer { version };
    Some((printer.go_object(value, definition), printer.json_object(value, definition)))
}

/// A list of an internal type in Go's syntax and as JSON.
pub(crate) fn shown_list(kind: &str, list: &[Value], version: Version) -> Option<(String, String)> {
    let all: Vec<(String, String)> = list.iter().filter_map(|item| shown(kind, item, version)).collect();
    let join = |texts: Vec<&str>, with: &str| texts.join(with);
    let go = join(all.iter().map(|(go, _)| go.as_str()).collect(), ", ");
    let json = join(all.iter().map(|(_, json)| json.as_str()).collect(), ",");
    Some((format!("[]{kind}{{{go}}}"), format!("[{json}]")))
}

/// The definition of a type in the newest version that a release has.
fn newest(kind: &str, version: Version) -> Option<&'static Definition> {
    const VERSIONS: [&str; 10] = [
        "v2", "v1", "v2beta2", "v2beta1", "v1beta3", "v1beta2", "v1beta1", "v1alpha3", "v1alpha2", "v1alpha1",
    ];
    let (group, name) = kind.split_once('.')?;
    VERSIONS.iter().find_map(|api| schema(version).definition(&format!("{group}.{api}.{name}")))
}

struct Printer {
    version: Version,
}

/// A part of an internal type.
enum Part {
    /// A field.
    Field(Cell),
    /// A type whose fields stand in the object itself.
    Embedded(&'static str),
}

fn parts(definition: &str) -> Vec<Part> {
    if let Some(members) = DIFFERENT.get(definition) {
        return members.iter().map(|member| Part::Field(*member)).collect();
    }
    let part = |cell: &'static str| match cell.strip_prefix('*') {
        Some(embedded) => Part::Embedded(embedded),
        None => Part::Field(Cell { key: cell, name: None, kind: None }),
    };
    order(definition).map(part).collect()
}

/// The package and name of a type in memory: `core.PodSpec`, but `v1.LabelSelector`.
fn go_type(definition: &str) -> String {
    match definition.strip_prefix("meta.") {
        Some(rest) => rest.to_owned(),
        None => {
            let mut words = definition.split('.');
            let (package, name) = (words.next().unwrap_or_default(), words.next_back().unwrap_or_default());
            format!("{package}.{name}")
        }
    }
}

/// A type in memory.
fn type_name(kind: &Type) -> String {
    kind.go_name("interface {}", go_type)
}

fn is_meta(definition: &Definition) -> bool {
    definition.name.starts_with("meta.")
}

/// A pod's spec with what its security context has in memory.
fn moved<'a>(value: &'a Value, definition: &Definition, copy: &'a mut Value) -> &'a Value {
    if definition.name != "core.v1.PodSpec" {
        return value;
    }
    *copy = value.clone();
    for key in OF_THE_HOST {
        if let Some(taken) = copy.take_out(key) {
            copy.make("securityContext")[key] = taken;
        }
    }
    copy
}

impl Printer {
    fn json_object(&self, value: &Value, definition: &'static Definition) -> String {
        if is_meta(definition) {
            return format!("{{{}}}", self.json_tagged(value, definition).join(","));
        }
        let mut copy = Value::Null;
        let value = moved(value, definition, &mut copy);
        format!("{{{}}}", self.json_fields(value, definition, definition.name).join(","))
    }

    fn json_fields(&self, value: &Value, definition: &'static Definition, of: &str) -> Vec<String> {
        let mut fields = Vec::new();
        for part in parts(of) {
            match part {
                Part::Embedded(inner) => fields.extend(self.json_fields(value, definition, inner)),
                Part::Field(member) if member.key == "metadata" => {
                    let meta = schema(self.version).definition("meta.v1.ObjectMeta");
                    fields.extend(
                        meta.into_iter().flat_map(|meta| self.json_tagged(value.at("metadata"), meta)),
                    );
                }
                Part::Field(member) => {
                    let field = definition.field(member.key);
                    if field.is_none() && member.kind.is_none() {
                        continue;
                    }
                    let text = self.json_value(value.at(member.key), &member, field);
                    fields.push(format!("\"{}\":{text}", member.name()));
                }
            }
        }
        fields
    }

    /// The fields of a type that has the API's names in memory, too; what is empty is left out.
    fn json_tagged(&self, value: &Value, definition: &'static Definition) -> Vec<String> {
        let mut fields = Vec::new();
        for key in order(definition.name) {
            let Some(field) = definition.field(key) else { continue };
            let found = value.at(key);
            if found.is_null() {
                continue;
            }
            fields.push(format!("\"{key}\":{}", self.json_of(found, &field.kind)));
        }
        fields
    }

    fn json_value(&self, value: &Value, member: &Cell, field: Option<&Field>) -> String {
        if value.is_null() && !member.is_pointer(field) {
            let kind = field.map(|field| &field.kind);
            return match (kind, member.kind) {
                (Some(Type::Object(name)), _) => match schema(self.version).definition(name) {
                    Some(inner) => self.json_object(&Value::Object(Map::new()), inner),
                    None => "null".to_owned(),
                },
                (Some(kind), _) => empty_json(kind).to_owned(),
                (None, Some("bool")) => "false".to_owned(),
                (None, _) => "null".to_owned(),
            };
        }
        match field {
            Some(field) => self.json_of(value, &field.kind),
            None => go_json(value),
        }
    }

    fn json_of(&self, value: &Value, kind: &Type) -> String {
        match (kind, value) {
            (Type::Object(name), Value::Object(_)) => match schema(self.version).definition(name) {
                Some(definition) => self.json_object(value, definition),
                None => go_json(value),
            },
            (Type::List(inner), Value::Array(items)) => {
                let items: Vec<String> = items.iter().map(|item| self.json_of(item, inner)).collect();
                format!("[{}]", items.join(","))
            }
            (Type::Map(inner), Value::Object(entries)) => {
                let entry =
                    |(key, value)| format!("{}:{}", go_json(&Value::from(key)), self.json_of(value, inner));
                let entries: Vec<String> = entries.iter().map(|(k, v)| entry((k.as_str(), v))).collect();
                format!("{{{}}}", entries.join(","))
            }
            (Type::Quantity, value) => {
                amount(value).map_or_else(|| go_json(value), |amount| quote(&amount.to_string()))
            }
            _ => go_json(value),
        }
    }

    fn go_object(&self, value: &Value, definition: &'static Definition) -> String {
        let mut copy = Value::Null;
        let value = moved(value, definition, &mut copy);
        self.go_fields(value, definition, definition.name)
    }

    fn go_fields(&self, value: &Value, definition: &'static Definition, of: &str) -> String {
        let mut fields = Vec::new();
        for part in parts(of) {
            match part {
                Part::Embedded(inner) => {
                    let name = inner.rsplit('.').next().unwrap_or_default();
                    fields.push(format!("{name}:{}", self.go_fields(value, definition, inner)));
                }
                Part::Field(member) => {
                    let field = definition.field(member.key);
                    if field.is_none() && member.kind.is_none() {
                        continue;
                    }
                    let name = if member.key == "metadata" { "ObjectMeta".to_owned() } else { member.name() };
                    fields.push(format!("{name}:{}", self.go_member(value.at(member.key), &member, field)));
                }
            }
        }
        format!("{}{{{}}}", go_type(of), fields.join(", "))
    }

    fn go_member(&self, value: &Value, member: &Cell, field: Option<&Field>) -> String {
        let told = match (member.kind, field) {
            (Some(kind), _) => kind.trim_start_matches('*').to_owned(),
            (None, Some(field)) => type_name(&field.kind),
            (None, None) => String::new(),
        };
        if member.is_pointer(field) {
            let address = if value.is_null() { "nil" } else { "0xc000000000" };
            return format!("(*{told})({address})");
        }
        let empty = Type::Any;
        self.go_of(value, field.map_or(&empty, |field| &field.kind), &told)
    }

    fn go_of(&self, value: &Value, kind: &Type, told: &str) -> String {
        match (kind, value) {
            (Type::List(_) | Type::Map(_), Value::Null) => format!("{told}(nil)"),
            (Type::List(inner), Value::Array(items)) => {
                let name = type_name(inner);
                let items: Vec<String> = items.iter().map(|item| self.go_of(item, inner, &name)).collect();
                format!("{told}{{{}}}", items.join(", "))
            }
            (Type::Map(inner), Value::Object(entries)) => {
                let name = type_name(inner);
                let entries = entries.iter();
                let entries: Vec<String> = entries
                    .map(|(key, v)| format!("{}:{}", quote(key), self.go_of(v, inner, &name)))
                    .collect();
                format!("{told}{{{}}}", entries.join(", "))
            }
            (Type::Object(name), value) => match schema(self.version).definition(name) {
                Some(definition) => self.go_object(value, definition),
                None => go_value(value),
            },
            (Type::String, value) => quote(value.as_str().unwrap_or_default()),
            (Type::Bool, value) => value.as_bool().unwrap_or_default().to_string(),
            (Type::Int32 | Type::Int64 | Type::Double, Value::Null) => "0".to_owned(),
            (Type::Quantity, value) => {
                go_quantity(&amount(value).map_or_else(String::new, |a| a.to_string()))
            }
            (Type::IntOrString, value) => go_int_or_string(value),
            (Type::Time | Type::MicroTime, _) => {
                "time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)".to_owned()
            }
            (_, value) => match (told, value) {
                ("bool", Value::Null) => "false".to_owned(),
                _ => go_value(value),
            },
        }
    }
}

const fn empty_json(kind: &Type) -> &'static str {
    match kind {
        Type::String => "\"\"",
        Type::Int32 | Type::Int64 | Type::Double | Type::IntOrString => "0",
        Type::Quantity => "\"0\"",
        Type::Bool => "false",
        Type::Time
        | Type::MicroTime
        | Type::Bytes
        | Type::Any
        | Type::List(_)
        | Type::Map(_)
        | Type::Object(_) => "null",
    }
}

/// The amount that a field holds; text that is none was refused at decoding.
pub(crate) fn amount(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A count or a percentage in Go's syntax.
pub(crate) fn go_int_or_string(value: &Value) -> String {
    let (kind, number, text) = match value.as_str() {
        Some(text) => (1, 0, text),
        None => (0, value.as_i64().unwrap_or_default(), ""),
    };
    format!("intstr.IntOrString{{Type:{kind}, IntVal:{number}, StrVal:{}}}", quote(text))
}

/// `resource.Quantity` in Go's syntax, for an amount as it was written: digits and a suffix.
pub(crate) fn go_quantity(text: &str) -> String {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = text.get(digits.len()..).unwrap_or_default();
    let binary = suffix.ends_with('i');
    let power = "KMGTPE".find(suffix.trim_end_matches('i')).filter(|_| binary);
    let scale = match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        _ => 0,
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let scale = scale - i32::try_from(fraction.len()).unwrap_or_default();
    let times = power.map_or(1, |power| 1024_i128.pow(u32::try_from(power).unwrap_or_default() + 1));
    let value = format!("{whole}{fraction}").parse::<i128>().unwrap_or_default() * times;
    let format = if binary { "BinarySI" } else { "DecimalSI" };
    // What is not written as it would be, has no text yet.
    let kept = if fraction.is_empty() { text } else { "" };
    format!(
        "resource.Quantity{{i:resource.int64Amount{{value:{value}, scale:{scale}}}, \
         d:resource.infDecAmount{{Dec:(*inf.Dec)(nil)}}, s:{}, Format:\"{format}\"}}",
        quote(kept)
    )
}
