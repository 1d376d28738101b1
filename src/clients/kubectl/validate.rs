//! What the old kubectl asks of a manifest before it sends it: known fields, of the right type
//! (`kubectl/pkg/util/openapi/validation`). Today's leaves that to the server.
//!
//! Differs from Kubernetes: a required field that is missing is left to the server.

use super::Ctx;
use super::error::{Done, Failure};
use super::mapping::split_version;
use crate::api::Dig;
use crate::api::schema::{Definition, Schema, Type, schema};
use crate::json::Value;

impl Ctx<'_> {
    /// Checks a manifest against the types of the server's release.
    pub(super) fn validate(&self, source: &str, object: &Value) -> Done {
        let checks = matches!(self.command.as_str(), "create" | "apply" | "replace");
        if !self.old() || !checks || self.flags.get("validate") == Some("false") {
            return Ok(());
        }
        let types = schema(self.client.version());
        let (group, version) = split_version(object.text("apiVersion"));
        let kind = object.text("kind");
        let Some(definition) = types.of_kind(group, version, kind) else {
            return Ok(());
        };
        let mut wrong = Vec::new();
        check_object(types, definition, object, kind, &mut wrong);
        let what = match wrong.as_slice() {
            [] => return Ok(()),
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        Err(Failure::validating(source, &what))
    }
}

/// A definition's name in the server's document.
fn full_name(definition: &Definition) -> String {
    match definition.name.strip_prefix("meta.") {
        Some(rest) => format!("io.k8s.apimachinery.pkg.apis.meta.{rest}"),
        None => format!("io.k8s.api.{}", definition.name),
    }
}

fn check_object(
    types: &'static Schema,
    definition: &'static Definition,
    value: &Value,
    path: &str,
    wrong: &mut Vec<String>,
) {
    for (name, value) in value.as_object().into_iter().flatten() {
        match definition.field(name) {
            None => wrong.push(format!(
                "ValidationError({path}): unknown field \"{name}\" in {}",
                full_name(definition)
            )),
            Some(field) => {
                let of = format!("{}.{name}", full_name(definition));
                check(types, &field.kind, value, (&format!("{path}.{name}"), &of), wrong);
            }
        }
    }
}

fn check(
    types: &'static Schema,
    kind: &Type,
    value: &Value,
    (path, of): (&str, &str),
    wrong: &mut Vec<String>,
) {
    if value.is_null() {
        return;
    }
    let expected = match kind {
        Type::String => "string",
        Type::Int32 | Type::Int64 => "integer",
        Type::Bool => "boolean",
        Type::List(_) => "array",
        Type::Map(_) | Type::Object(_) => "map",
        Type::Double
        | Type::Quantity
        | Type::IntOrString
        | Type::Time
        | Type::MicroTime
        | Type::Bytes
        | Type::Any => {
            return;
        }
    };
    let got = type_of(value);
    if got != expected {
        wrong.push(format!(
            "ValidationError({path}): invalid type for {of}: got \"{got}\", expected \"{expected}\""
        ));
        return;
    }
    match (kind, value) {
        (Type::List(inner), Value::Array(list)) => {
            for (i, item) in list.iter().enumerate() {
                check(types, inner, item, (&format!("{path}[{i}]"), of), wrong);
            }
        }
        (Type::Map(inner), Value::Object(map)) => {
            for (key, item) in map {
                check(types, inner, item, (&format!("{path}.{key}"), of), wrong);
            }
        }
        _ => {
            if let Some(definition) = types.of_type(kind) {
                check_object(types, definition, value, path, wrong);
            }
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "map",
    }
}
