//! A custom resource, as the schema of its version says (`customresource_handler.go`, `schemaCoercingDecoder`).

use super::{Decoded, FieldValidation, strictly};
use crate::api::custom::Custom;
use crate::api::differences::NO_VERSION_IS_BAD_REQUEST;
use crate::api::{Dig, Resource, Status, Version};
use crate::golang::json::Json;
use crate::json::Value;
use std::collections::BTreeSet;

/// Why a body is no custom resource.
pub(super) enum Unread {
    /// It does not say of which kind it is.
    NoKind,
    /// It has a value that nothing can hold, in the reader's words.
    Unfit(String),
    /// 400.
    Refused(Status),
}

/// Reads a body of a custom resource; whether it is of the right version is asked afterwards ([`check_version`]).
pub(super) fn decode(
    node: Json,
    mut strict_errors: Vec<String>,
    resource: &Resource,
    custom: &Custom,
    release: Version,
    validation: FieldValidation,
) -> Result<Decoded, Unread> {
    duplicates(&node, &mut String::new(), &mut strict_errors);
    let mut object = node.into_value().map_err(Unread::Unfit)?;
    let (kind, given) = (object.text("kind"), object.text("apiVersion"));
    if kind.is_empty() {
        return Err(Unread::NoKind);
    }
    let version = given.rsplit('/').next().unwrap_or_default();
    let doing = format!("{kind} in version \"{version}\" cannot be handled as a {}", resource.kind);
    let refused = |why: String| Unread::Refused(Status::bad_request(format!("{doing}: {why}")));
    // What is of another group is not looked into.
    if given.split_once('/').is_some_and(|(group, _)| group == resource.group) {
        let unknown = custom.definition.coerce(&mut object, release, super::metadata).map_err(refused)?;
        strict_errors.extend(unknown.iter().map(|path| format!("unknown field \"{path}\"")));
    }
    strictly(object, strict_errors, validation).map_err(refused)
}

/// Checks that an object is of the version that was asked for.
///
/// # Errors
/// 400: it is not. 500, for long: it is of none.
pub(crate) fn check_version(object: &Value, resource: &Resource, release: Version) -> Result<(), Status> {
    let (given, expected) = (object.text("apiVersion"), resource.kind_api_version());
    if resource.custom_objects().is_some() && given.is_empty() && !release.has(NO_VERSION_IS_BAD_REQUEST) {
        return Err(Status::internal("Object 'apiVersion' is missing in 'object has no apiVersion field'"));
    }
    match resource.custom_objects().is_none() || given == expected {
        true => Ok(()),
        false => Err(Status::bad_request(format!(
            "the API version in the data ({given}) does not match the expected API version ({expected})"
        ))),
    }
}

/// Gives an object that was made from another one (by a patch) the form of its version; the error is the decoder's.
pub(super) fn typed(
    mut object: Value,
    mut told: Vec<String>,
    custom: &Custom,
    release: Version,
    validation: FieldValidation,
) -> Result<Decoded, String> {
    let unknown = custom.definition.coerce(&mut object, release, super::metadata)?;
    told.extend(unknown.iter().map(|path| format!("unknown field \"{path}\"")));
    strictly(object, told, validation)
}

/// The keys that stand twice in an object.
pub(super) fn duplicates(node: &Json, path: &mut String, found: &mut Vec<String>) {
    let length = path.len();
    match node {
        Json::Map(entries) => {
            let mut seen = BTreeSet::new();
            for (key, node) in entries {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(key);
                let told = format!("duplicate field \"{path}\"");
                if !seen.insert(key) && !found.contains(&told) {
                    found.push(told);
                }
                duplicates(node, path, found);
                path.truncate(length);
            }
        }
        Json::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                duplicates(item, path, found);
                path.truncate(length);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
