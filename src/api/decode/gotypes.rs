//! Go's names for what a type has, as a reader of Go's types tells them: fields, what they are embedded in, lists.
//!
//! Most follow from the schema and from the messages of protobuf; what does not is in `gotypes.txt`.

use super::protobuf::order;
use crate::api::schema::{Definition, Field, Type, Zero};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Cells of `gotypes.txt` by definition.
static SAID: LazyLock<BTreeMap<&str, Vec<Cell>>> = LazyLock::new(|| cells(include_str!("gotypes.txt")));

/// What a table of Go's types says of a field: `key`, `key=Name`, `key:Kind`, `key=Name:Kind`.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    /// The API's name.
    pub(crate) key: &'static str,
    /// Go's name, where it does not follow from the API's.
    pub(crate) name: Option<&'static str>,
    /// Go's type, where the schema does not tell it.
    pub(crate) kind: Option<&'static str>,
}

impl Cell {
    fn read(cell: &'static str) -> Cell {
        let (cell, kind) = cell.split_once(':').map_or((cell, None), |(cell, kind)| (cell, Some(kind)));
        let (key, name) = cell.split_once('=').map_or((cell, None), |(key, name)| (key, Some(name)));
        Cell { key, name, kind }
    }
}

/// The cells of a table by the type that begins the line; `#` begins a comment.
pub(crate) fn cells(table: &'static str) -> BTreeMap<&'static str, Vec<Cell>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let parsed = lines.filter_map(|line| line.split_once(' '));
    parsed.map(|(name, cells)| (name, cells.split(' ').map(Cell::read).collect())).collect()
}

/// What is said of a field.
fn said(definition: &Definition, field: &Field) -> Option<&'static Cell> {
    SAID.get(definition.name)?.iter().find(|cell| cell.key == field.name)
}

/// Beginnings of names that Go writes in capitals.
const CAPITALS: [(&str, &str); 32] = [
    ("api", "API"),
    ("aws", "AWS"),
    ("ca", "CA"),
    ("cel", "CEL"),
    ("cephfs", "CephFS"),
    ("cidr", "CIDR"),
    ("csi", "CSI"),
    ("dns", "DNS"),
    ("fc", "FC"),
    ("fs", "FS"),
    ("gce", "GCE"),
    ("gmsa", "GMSA"),
    ("http", "HTTP"),
    ("id", "ID"),
    ("ip", "IP"),
    ("iqn", "IQN"),
    ("iscsi", "ISCSI"),
    ("json", "JSON"),
    ("nfs", "NFS"),
    ("os", "OS"),
    ("pid", "PID"),
    ("qos", "QOS"),
    ("rbd", "RBD"),
    ("se", "SE"),
    ("ssl", "SSL"),
    ("tcp", "TCP"),
    ("tls", "TLS"),
    ("ttl", "TTL"),
    ("tty", "TTY"),
    ("uid", "UID"),
    ("url", "URL"),
    ("wwids", "WWIDs"),
];

/// Go's name for a field of the API.
pub(crate) fn go_name(key: &str) -> String {
    if let Some(words) = key.strip_prefix("x-kubernetes-") {
        return format!("X{}", words.split('-').map(capital).collect::<String>());
    }
    if key == "storageos" {
        return "StorageOS".to_owned();
    }
    let word = key.find(|c: char| c.is_ascii_uppercase()).unwrap_or(key.len());
    let (first, rest) = key.split_at(word);
    if let Some((_, capitals)) = CAPITALS.iter().find(|(small, _)| *small == first) {
        return format!("{capitals}{rest}");
    }
    if first == "ips" {
        return format!("IPs{rest}");
    }
    capital(key)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Go's names on the way to a field of a struct: the structs that are embedded in it, then the field.
pub(super) fn way(definition: &Definition, field: &Field) -> Vec<String> {
    let named = said(definition, field).and_then(|cell| cell.name);
    let own = match (named, field.name, &field.kind) {
        (Some(name), _, _) => name.to_owned(),
        (None, "metadata", Type::Object(of)) => of.rsplit('.').next().unwrap_or_default().to_owned(),
        _ => go_name(field.name),
    };
    let mut way = embedding(definition.name, field.name).unwrap_or_else(|| match field.name {
        "kind" | "apiVersion" => vec!["TypeMeta".to_owned()],
        _ => Vec::new(),
    });
    way.push(own);
    way
}

/// The structs that a field of a message is embedded in; none where the message has no such field.
fn embedding(message: &str, key: &str) -> Option<Vec<String>> {
    if order(message).any(|cell| cell == key) {
        return Some(Vec::new());
    }
    order(message).filter_map(|cell| cell.strip_prefix('*')).find_map(|inner| {
        let mut way = embedding(inner, key)?;
        // The handler of a probe had the name of that of a lifecycle, as long as json-iterator was there.
        let name = inner.rsplit('.').next().unwrap_or_default();
        way.insert(0, if name == "ProbeHandler" { "Handler" } else { name }.to_owned());
        Some(way)
    })
}

/// The fields of a struct in the order in which Go writes them.
pub(super) fn declared(definition: &Definition) -> Vec<&'static str> {
    let mut fields = Vec::new();
    push_fields(definition.name, &mut fields);
    let of_type = ["kind", "apiVersion"].into_iter().filter(|key| !fields.contains(key));
    of_type.collect::<Vec<_>>().into_iter().chain(fields).collect()
}

fn push_fields(message: &str, fields: &mut Vec<&'static str>) {
    for cell in order(message) {
        match cell.strip_prefix('*') {
            Some(inner) => push_fields(inner, fields),
            None => fields.push(cell),
        }
    }
}

/// Go's name for the list of a field, or for that in the map that it is.
pub(super) fn list(definition: &Definition, field: &Field) -> Option<&'static str> {
    said(definition, field)?.kind
}

/// Whether Go's field is a pointer.
pub(super) fn is_pointer(field: &Field) -> bool {
    match field.kind {
        Type::Time if field.name == "creationTimestamp" => false,
        Type::Object(_) | Type::Time | Type::MicroTime => field.zero == Zero::Dropped,
        Type::List(_) | Type::Map(_) | Type::Bytes | Type::Any => false,
        Type::String
        | Type::Bool
        | Type::Double
        | Type::Int32
        | Type::Int64
        | Type::IntOrString
        | Type::Quantity => field.zero == Zero::Kept,
    }
}

/// A type of the API as Go writes it.
pub(super) fn go_type(kind: &Type) -> String {
    kind.go_name("runtime.RawExtension", |name| {
        name.split_once('.').map_or(name, |(_, rest)| rest).to_owned()
    })
}
