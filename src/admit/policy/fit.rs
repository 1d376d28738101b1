//! Whether an apply configuration has the types of the object (`structured-merge-diff/typed`), and what of it may not be
//! set at all (`policy/mutating/patch/smd.go`).
//!
//! What a configuration is made of in Go is seen in the errors: a message is a map, and so is a map in one of its fields;
//! a map within those is of a type that nothing there knows.

use crate::api::field::{go_bytes, go_float, quote};
use crate::api::schema::{Definition, Field, Schema, Type};
use crate::cel::Val;

/// All that does not fit, as it is told; nothing if all does.
pub(super) fn unfit(types: &'static Schema, definition: &Definition, patch: &Val) -> Option<String> {
    let mut fit = Fit { types, wrong: Vec::new() };
    fit.fields(definition, patch, "", false);
    match fit.wrong.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("errors:\n  {}", many.join("\n  "))),
    }
}

/// The paths in a configuration that can only be set as a whole: those may not be mutated.
pub(super) fn atomics(types: &'static Schema, definition: &Definition, patch: &Val) -> Vec<String> {
    let mut found = Vec::new();
    entries(patch).for_each(|(name, value)| {
        if let Some(field) = definition.field(&name) {
            atomic(types, field, value, &format!(".{name}"), &mut found);
        }
    });
    found
}

fn atomic(types: &'static Schema, field: &Field, value: &Val, path: &str, found: &mut Vec<String>) {
    match (&field.kind, value) {
        (Type::List(of), Val::List(items)) => {
            if field.map_keys.is_empty() && !field.set {
                found.push(path.to_owned());
            }
            let Some(inner) = types.of_type(of) else { return };
            for (at, item) in items.iter().enumerate() {
                object(types, inner, item, &format!("{path}[{at}]"), found);
            }
        }
        (Type::Map(_), Val::Map(_)) if field.atomic => found.push(path.to_owned()),
        (kind @ Type::Object(_), value) => match types.of_type(kind) {
            Some(inner) => {
                if field.atomic && !inner.atomic {
                    found.push(path.to_owned());
                }
                object(types, inner, value, path, found);
            }
            None if field.atomic => found.push(path.to_owned()),
            None => {}
        },
        _ => {}
    }
}

fn object(types: &'static Schema, of: &Definition, value: &Val, path: &str, found: &mut Vec<String>) {
    if of.atomic && matches!(value, Val::Object(..) | Val::Map(_)) {
        found.push(path.to_owned());
    }
    entries(value).for_each(|(name, value)| {
        if let Some(field) = of.field(&name) {
            atomic(types, field, value, &format!("{path}.{name}"), found);
        }
    });
}

/// The fields of a message, or the entries of a map.
fn entries(of: &Val) -> Box<dyn Iterator<Item = (String, &Val)> + '_> {
    match of {
        Val::Object(_, fields) => Box::new(fields.iter().map(|(name, value)| (name.clone(), value))),
        Val::Map(map) => Box::new(map.iter().map(|(key, value)| (go_text(&key.value()), value))),
        _ => Box::new(std::iter::empty()),
    }
}

struct Fit {
    types: &'static Schema,
    wrong: Vec<String>,
}

impl Fit {
    fn refuse(&mut self, path: &str, why: &str) {
        self.wrong.push(format!("{path}: {why}"));
    }

    /// The fields of an object; a map that is `within` another value is none.
    fn fields(&mut self, definition: &Definition, value: &Val, path: &str, within: bool) {
        let inner = matches!(value, Val::Map(_));
        if (within || !inner) && !matches!(value, Val::Object(..)) {
            return self.refuse(path, &format!("expected map, got &{{{}}}", go_text(value)));
        }
        for (name, value) in entries(value) {
            let path = format!("{path}.{name}");
            match definition.field(&name) {
                Some(field) => self.field(field, value, &path, inner),
                None => self.refuse(&path, "field not declared in schema"),
            }
        }
    }

    fn field(&mut self, field: &Field, value: &Val, path: &str, within: bool) {
        match &field.kind {
            Type::List(of) => self.list(field, of, value, path, within),
            kind => self.value(kind, value, path, within),
        }
    }

    fn value(&mut self, kind: &Type, value: &Val, path: &str, within: bool) {
        match kind {
            Type::Any => {}
            Type::String | Type::Bytes if !matches!(value, Val::String(_)) => {
                self.refuse(
                    path,
                    &format!("expected string, got &value.valueUnstructured{{Value:{}}}", go_syntax(value)),
                );
            }
            Type::Bool if !matches!(value, Val::Bool(_)) => {
                self.refuse(path, &format!("expected boolean, got &{{{}}}", go_text(value)));
            }
            Type::Int32 | Type::Int64 | Type::Double if !matches!(value, Val::Int(_) | Val::Double(_)) => {
                self.refuse(path, &format!("expected numeric (int or float), got {}", go_type(value)));
            }
            Type::IntOrString | Type::Quantity | Type::Time | Type::MicroTime
                if !matches!(value, Val::Int(_) | Val::Double(_) | Val::String(_) | Val::Bool(_)) =>
            {
                self.refuse(path, &format!("expected any scalar, got &{{{}}}", go_text(value)));
            }
            Type::String
            | Type::Bytes
            | Type::Bool
            | Type::Int32
            | Type::Int64
            | Type::Double
            | Type::IntOrString
            | Type::Quantity
            | Type::Time
            | Type::MicroTime => {}
            Type::Map(of) => match value {
                Val::Map(map) if !within => {
                    for (key, value) in map.iter() {
                        self.value(of, value, &format!("{path}.{}", go_text(&key.value())), true);
                    }
                }
                Val::Object(..) => {
                    for (name, value) in entries(value) {
                        self.value(of, value, &format!("{path}.{name}"), false);
                    }
                }
                other => self.refuse(path, &format!("expected map, got &{{{}}}", go_text(other))),
            },
            Type::List(_) => {
                if !matches!(value, Val::List(_)) {
                    self.refuse(path, &format!("expected list, got &{{{}}}", go_text(value)));
                }
            }
            Type::Object(_) => {
                if let Some(definition) = self.types.of_type(kind) {
                    self.fields(definition, value, path, within);
                }
            }
        }
    }

    fn list(&mut self, field: &Field, of: &Type, value: &Val, path: &str, within: bool) {
        let Val::List(items) = value else {
            return self.refuse(path, &format!("expected list, got &{{{}}}", go_text(value)));
        };
        if within {
            return self.refuse(path, &format!("expected list, got &{{{}}}", go_text(value)));
        }
        let mut seen: Vec<String> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let place = match (field.map_keys.is_empty(), item) {
                (false, Val::Object(_, fields)) => {
                    let keys = field.map_keys.iter().filter_map(|key| {
                        let value = fields.get(*key)?;
                        Some(format!("{key}={}", key_text(value)))
                    });
                    format!("[{}]", keys.collect::<Vec<_>>().join(","))
                }
                (false, _) => {
                    let why =
                        format!("element {at}: associative list with keys may not have non-map elements");
                    return self.refuse(path, &why);
                }
                (true, item) if field.set => format!("[={}]", key_text(item)),
                (true, _) => format!("[{at}]"),
            };
            if seen.contains(&place) {
                self.refuse(path, &format!("duplicate entries for key {place}"));
            }
            self.value(of, item, &format!("{path}{place}"), true);
            seen.push(place);
        }
    }
}

/// A key as paths show it: as JSON.
fn key_text(value: &Val) -> String {
    value.to_json().map(|json| json.to_string()).unwrap_or_default()
}

/// A value as Go's `%v` prints what it is there.
fn go_text(value: &Val) -> String {
    match value {
        Val::Null => "NULL_VALUE".to_owned(),
        Val::Double(d) => go_float(*d),
        Val::Bytes(bytes) => {
            let bytes: Vec<String> = bytes.iter().map(u8::to_string).collect();
            format!("[{}]", bytes.join(" "))
        }
        Val::List(items) => format!("[{}]", items.iter().map(go_text).collect::<Vec<_>>().join(" ")),
        Val::Map(_) | Val::Object(..) => {
            let entries = entries(value).map(|(name, value)| format!("{name}:{}", go_text(value)));
            format!("map[{}]", entries.collect::<Vec<_>>().join(" "))
        }
        Val::Timestamp(at) => format!("{} +0000 UTC", at.to_string().trim_end_matches('Z').replace('T', " ")),
        other => crate::cel::text_of(other).map(|text| text.to_string()).unwrap_or_default(),
    }
}

/// A value as Go's `%#v` prints what it is there.
fn go_syntax(value: &Val) -> String {
    match value {
        Val::Null => "0".to_owned(),
        Val::String(text) => quote(text),
        Val::Uint(number) => format!("{number:#x}"),
        Val::Bytes(bytes) => go_bytes(Some(bytes)).replacen("[]byte", "[]uint8", 1),
        Val::List(items) => {
            format!("[]interface {{}}{{{}}}", items.iter().map(go_syntax).collect::<Vec<_>>().join(", "))
        }
        Val::Map(_) | Val::Object(..) => {
            let entries =
                entries(value).map(|(name, value)| format!("{}:{}", quote(&name), go_syntax(value)));
            format!("map[string]interface {{}}{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => go_text(other),
    }
}

/// The type that a value has there.
fn go_type(value: &Val) -> &'static str {
    match value {
        Val::Null => "structpb.NullValue",
        Val::Bool(_) => "bool",
        Val::Int(_) => "int64",
        Val::Uint(_) => "uint64",
        Val::Double(_) => "float64",
        Val::String(_) => "string",
        Val::Bytes(_) => "[]uint8",
        Val::List(_) => "[]interface {}",
        Val::Timestamp(_) => "time.Time",
        Val::Duration(_) => "time.Duration",
        Val::Map(_) | Val::Object(..) => "map[string]interface {}",
        Val::Optional(_) | Val::Type(_) | Val::Opaque(_) => "ref.Val",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Version;
    use crate::api::schema::schema;
    use crate::cel::Key;

    fn told(fields: &[(&str, Val)]) -> Option<String> {
        let types = schema(Version::NEWEST);
        let definition = types.of_kind("", "v1", "ConfigMap").expect("a kind");
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        unfit(types, definition, &Val::Object("Object".into(), std::sync::Arc::new(fields)))
    }

    fn map(key: &str, value: Val) -> Val {
        Val::Map(std::sync::Arc::new([(Key::String(key.into()), value)].into()))
    }

    #[test]
    fn what_does_not_fit_is_told_as_go_does() {
        let number = "expected string, got &value.valueUnstructured{Value:1}";
        for (field, value, want) in [
            ("data", map("a", Val::text("x")), None),
            ("data", map("a", Val::Int(1)), Some(format!(".data.a: {number}"))),
            ("data", Val::Null, Some(".data: expected map, got &{NULL_VALUE}".to_owned())),
            ("immutable", Val::text("true"), Some(".immutable: expected boolean, got &{true}".to_owned())),
            (
                "metadata",
                map("labels", map("a", Val::text("b"))),
                Some(".metadata.labels: expected map, got &{map[a:b]}".to_owned()),
            ),
            ("nosuch", Val::Null, Some(".nosuch: field not declared in schema".to_owned())),
        ] {
            assert_eq!(told(&[(field, value)]), want, "{field}");
        }
    }
}
