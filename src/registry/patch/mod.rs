//! Changing part of an object (`handlers/patch.go`).
//!
//! The kind of patch is the body's media type. An apply (`application/apply-patch+yaml`) may make an object that is not
//! there yet; the others need one.

mod json;
mod strategic;
#[cfg(test)]
mod tests;

use super::managed_fields::{self, Writer};
use super::{create, scale, update};
use crate::admit::Stop;
use crate::api::resources::Resource;
use crate::api::{By, Dig, Errors, GroupResource, Query, Stage, Status, decode, schema};
use crate::authorize::Authorized;
use crate::pipeline::decode::validation;
use crate::pipeline::{self, Call, Served, key_of, query};
use serde_json::Value;

/// How a patch says what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Operations on paths (RFC 6902).
    Json,
    /// What is to be other, null for what is to go (RFC 7386).
    Merge,
    /// A merge that knows the lists' keys.
    Strategic,
    /// What its manager wants the object to be.
    Apply,
}

impl Kind {
    fn of(media: &str) -> Option<Kind> {
        let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Some(match media.as_str() {
            "application/json-patch+json" => Kind::Json,
            "application/merge-patch+json" => Kind::Merge,
            "application/strategic-merge-patch+json" => Kind::Strategic,
            "application/apply-patch+yaml" => Kind::Apply,
            _ => return None,
        })
    }
}

/// Why a patch does not fit.
struct Unpatched(Status);

impl Unpatched {
    /// 400: the patch is broken.
    fn bad(text: impl Into<String>) -> Unpatched {
        Unpatched(Status::bad_request(text))
    }

    /// 422 of a patch that the object has no place for.
    fn unprocessable(_why: &str) -> Unpatched {
        let text = "the server rejected our request due to an error in our request";
        let mut status = Status::plain(422, "Invalid", text);
        status.details = serde_json::json!({});
        Unpatched(status)
    }

    /// 500 of what the server does not expect.
    fn failed(text: impl Into<String>) -> Unpatched {
        Unpatched(Status::plain(500, "", text))
    }

    fn no_key(value: &Value, key: &str) -> Unpatched {
        Unpatched::failed(format!("map: {} does not contain declared merge key: {key}", go_map(value)))
    }

    fn unknown_directive(directive: &str, patch: &crate::api::value::Fields) -> Unpatched {
        let map = go_map(&Value::Object(patch.clone()));
        Unpatched::failed(format!("Unknown patch type found: {directive} in map: {map}"))
    }
}

/// A value as Go prints it with `%v`.
fn go_map(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => format!("[{}]", list.iter().map(go_map).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}:{}", go_map(value))).collect();
            format!("map[{}]", entries.join(" "))
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Answers `PATCH` to a name.
pub(super) fn patch(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    let media = request.request().headers.get("Content-Type").unwrap_or_default();
    let Some(kind) = Kind::of(media) else {
        let mut status = Status::plain(415, "UnsupportedMediaType", "415: Unsupported Media Type");
        status.details = serde_json::json!({});
        return Err(call.stop(Stage::Decode, By::Decoder, status));
    };
    let query = query(request);
    if let Err(status) = options(&query, kind, call) {
        return Err(call.stop(Stage::Decode, By::Options, status));
    }
    let info = request.info();
    let key = key_of(row, info, &info.name);
    let old = call.store.objects().of(&key).cloned();
    if row.subresource == "scale" {
        return scale::patch(call, request, row, old.as_deref(), |scale| {
            plain(kind, call_body(request), scale, None)
        });
    }
    match (kind, old) {
        (Kind::Apply, old) => apply(call, request, row, old),
        (_, None) => {
            let of = GroupResource::new(row.group, row.name);
            Err(call.stop(Stage::Store, By::Store, Status::not_found(&of, &info.name)))
        }
        (_, Some(old)) => {
            let mut object = crate::pipeline::as_version(&old, row);
            let types = schema::schema(call.version);
            let definition = types.of_kind(row.kind_group, row.kind_version, row.kind);
            let with = Some((definition, call.version));
            plain(kind, call_body(request), &mut object, with)
                .map_err(|why| call.stop(Stage::Decode, By::Patch, why))?;
            let object = typed(call, request, row, object)?;
            named_as_url(call, &object, &info.name)?;
            update::replace(call, request, row, old, object, false)
        }
    }
}

fn call_body(request: &Authorized) -> &[u8] {
    &request.request().body
}

type With = Option<(Option<&'static schema::Definition>, crate::api::Version)>;

/// Changes an object as a patch says that is no apply.
fn plain(kind: Kind, body: &[u8], object: &mut Value, with: With) -> Result<(), Status> {
    let (definition, version) = with.unwrap_or((None, crate::api::Version::NEWEST));
    let changed = match kind {
        Kind::Json => json::operations(object, body, version),
        Kind::Merge => json::merge(object, body, version),
        Kind::Strategic | Kind::Apply => json::parse(body, version)
            .and_then(|patch| strategic::merge(object, &patch, definition, schema::schema(version))),
    };
    changed.map_err(|Unpatched(status)| status)
}

/// Gives a patched object the form of its type.
fn typed(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    object: Value,
) -> Result<Value, Stop> {
    let text = object.to_string();
    match decode::typed(object, row, call.version, validation(call.version, request)) {
        Ok(decoded) => {
            call.warnings.extend(decoded.warnings);
            Ok(decoded.object)
        }
        Err(why) => {
            let errors = Errors::new(call.version);
            errors.invalid("patch", text, why);
            let status = errors.into_status("", "", "").err().unwrap_or_else(|| Status::internal("patch"));
            Err(call.stop(Stage::Decode, By::Decoder, status))
        }
    }
}

fn named_as_url(call: &mut Call<'_>, object: &Value, name: &str) -> Result<(), Stop> {
    update::named_as_url(object, name, false).map_err(|status| call.stop(Stage::Decode, By::Decoder, status))
}

/// Makes an object as its manager wants it.
fn apply(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    old: Option<std::sync::Arc<Value>>,
) -> Served {
    let query = query(request);
    let applied =
        applied(call, request, row).map_err(|status| call.stop(Stage::Decode, By::Decoder, status))?;
    let live = old.as_ref().map(|old| crate::pipeline::as_version(old, row));
    let manager = pipeline::manager(&query, request);
    let writer =
        Writer { manager: &manager, row, version: call.version, now: crate::pipeline::time(call.now) };
    let object = managed_fields::apply(live.as_ref(), &applied, query.flag("force"), &writer)
        .map_err(|status| call.stop(Stage::Store, By::ManagedFields, status))?;
    let object = typed(call, request, row, object)?;
    let name = request.info().name.as_str();
    named_as_url(call, &object, name)?;
    match old {
        Some(old) => update::replace(call, request, row, old, object, true),
        None if !row.subresource.is_empty() => {
            let of = GroupResource::new(row.group, row.name);
            Err(call.stop(Stage::Store, By::Store, Status::not_found(&of, name)))
        }
        None => create::in_place(call, request, row, object, true),
    }
}

/// The applied object, as it was sent.
fn applied(call: &Call<'_>, request: &Authorized, row: &'static Resource) -> Result<Value, Status> {
    let info = request.info();
    let text = String::from_utf8_lossy(&request.request().body);
    let mut object: Value = serde_yaml::from_str(&text)
        .map_err(|error| Status::bad_request(format!("error decoding YAML: {error}")))?;
    if object.has("metadata.managedFields") {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    let (given, expected) = (object.text("apiVersion"), row.kind_api_version());
    if given != expected {
        return Err(Status::bad_request(format!(
            "Incorrect version specified in apply patch. Specified patch version: {given}, expected: {expected}"
        )));
    }
    if object.name().is_empty() {
        object.set("metadata.name", info.name.as_str());
    }
    if row.namespaced {
        create::in_namespace(&mut object, &info.namespace)?;
    }
    let types = schema::schema(call.version);
    let Some(definition) = types.of_kind(row.kind_group, row.kind_version, row.kind) else {
        return Ok(object);
    };
    let shape = managed_fields::Shape::Fields(definition);
    match managed_fields::Typed(types).unknown(&object, shape) {
        None => Ok(object),
        Some(path) => Err(Status::plain(
            500,
            "",
            format!(
                "failed to create typed patch object ({}/{}; {}, Kind={}): {path}: field not declared in schema",
                info.namespace,
                info.name,
                row.kind_api_version(),
                row.kind
            ),
        )),
    }
}

/// `ValidatePatchOptions`.
fn options(query: &Query, kind: Kind, call: &Call<'_>) -> Result<(), Status> {
    let errors = Errors::new(call.version);
    match kind {
        Kind::Apply if query.get("fieldManager").unwrap_or_default().is_empty() => {
            errors.required("fieldManager", "is required for apply patch");
        }
        Kind::Json | Kind::Merge | Kind::Strategic if query.get("force").is_some() => {
            errors.forbidden("force", "may not be specified for non-apply patch");
        }
        Kind::Json | Kind::Merge | Kind::Strategic | Kind::Apply => {}
    }
    pipeline::decode::check_options(query, &errors);
    errors.into_status("meta.k8s.io", "PatchOptions", "")
}
