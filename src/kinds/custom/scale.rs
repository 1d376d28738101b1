//! The paths of the `scale` subresource lead to counts (`customresource/validator.go`: `ValidateScaleSpec`,
//! `ValidateScaleStatus`).

use crate::api::Dig;
use crate::api::field::{go_kind, go_plain};
use crate::json::Value;
use crate::kinds::field::Field;

/// Checks what the paths of a definition's `subresources.scale` lead to; at an update of the status only its own.
pub(super) fn validate(object: Field<'_>, scale: &Value, subresource: &str) {
    let counts: &[&str] = match subresource {
        "status" => &["statusReplicasPath"],
        _ => &["specReplicasPath", "statusReplicasPath"],
    };
    for path in counts.iter().map(|name| scale.text(name)).filter(|path| !path.is_empty()) {
        replicas(object, path);
    }
    let path = scale.text("labelSelectorPath");
    if let (false, Err(why)) = (path.is_empty(), selector(object.value, path)) {
        object.errors.invalid(path, "", why);
    }
}

fn replicas(object: Field<'_>, path: &str) {
    let found = nested(object.value, path).and_then(|value| match value {
        None => Ok(0),
        Some(Value::Number(number)) if number.is_i64() => Ok(number.as_i64().unwrap_or_default()),
        Some(value) => Err(accessor(path, value, "int64")),
    });
    match found {
        Err(why) => object.errors.invalid(path, 0, why),
        Ok(count) if count < 0 => object.errors.invalid(path, count, "should be a non-negative integer"),
        Ok(count) if count > i64::from(i32::MAX) => {
            object.errors.invalid(path, count, format_args!("should be less than or equal to {}", i32::MAX));
        }
        Ok(_) => {}
    }
}

fn selector(object: &Value, path: &str) -> Result<(), String> {
    match nested(object, path)? {
        None | Some(Value::String(_)) => Ok(()),
        Some(value) => Err(accessor(path, value, "string")),
    }
}

/// What a path (`.spec.replicas`) leads to (`unstructured.NestedFieldNoCopy`).
fn nested<'a>(object: &'a Value, path: &str) -> Result<Option<&'a Value>, String> {
    let mut value = object;
    let mut walked = String::new();
    for name in path.trim_start_matches('.').split('.') {
        walked.push('.');
        walked.push_str(name);
        value = match value {
            Value::Null => return Ok(None),
            Value::Object(fields) => match fields.get(name) {
                None => return Ok(None),
                Some(value) => value,
            },
            value => return Err(accessor(&walked, value, "map[string]interface{}")),
        };
    }
    Ok(Some(value))
}

fn accessor(path: &str, value: &Value, expected: &str) -> String {
    format!(
        "{path} accessor error: {} is of the type {}, expected {expected}",
        go_plain(value),
        go_kind(value)
    )
}
