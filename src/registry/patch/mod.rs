//! Changing part of an object (`handlers/patch.go`).
//!
//! The kind of patch is the body's media type. An apply (`application/apply-patch+yaml`) may make an object that is not
//! there yet; the others need one.

mod directives;
mod json;
mod lists;
mod strategic;
#[cfg(test)]
mod tests;

use super::managed_fields::{self, Writer};
use super::scale::{self, Written};
use super::{create, read, update};
use crate::admit::Stop;
use crate::api::decode::FieldValidation;
use crate::api::differences::{APPLIED_KINDS_REFUSED, CUSTOM_APPLIED_BY_SCHEMA, PATCHED_NAMESPACES_WORDED};
use crate::api::field::go_plain;
use crate::api::resources::Resource;
use crate::api::{By, Dig, Errors, Stage, Status, Version, decode, schema};
use crate::golang::yaml;
use crate::json::Value;
use crate::pipeline::decode::validation;
use crate::pipeline::{self, Call, Served};
use std::sync::Arc;

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

/// 422 of a patch that the object has no place for.
fn unprocessable() -> Status {
    let text = "the server rejected our request due to an error in our request";
    Status { details: crate::json!({}), ..Status::plain(422, "Invalid", text) }
}

/// 500 of what the server does not expect.
fn failed(text: impl Into<String>) -> Status {
    Status::plain(500, "", text)
}

/// The kind of a patch, or 415; custom resources know no strategic merge.
fn kind(media: &str, row: &Resource) -> Result<Kind, Status> {
    let refused = |text: &str| Status::plain(415, "UnsupportedMediaType", text);
    match (Kind::of(media), row.custom.is_some()) {
        (Some(Kind::Strategic) | None, true) => Err(refused(
            "the body of the request was in an unknown format - accepted media types include: \
             application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
        )),
        (None, false) => Err(Status { details: crate::json!({}), ..refused("415: Unsupported Media Type") }),
        (Some(kind), _) => Ok(kind),
    }
}

/// Answers `PATCH` to a name.
pub(super) fn patch(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let kind = kind(call.header("Content-Type"), row);
    let kind = call.checked(Stage::Decode, By::Decoder, kind)?;
    call.checked(Stage::Decode, By::Options, options(call, kind))?;
    let body = &call.request.request().body;
    if kind == Kind::Apply && row.subresource == "scale" && row.custom.is_some() {
        // A real server's converter knows no scales.
        let why = "failed to create manager for existing fields: failed to convert live object (/; autoscaling/v1, \
                   Kind=Scale) to proper version: request to convert CR to an invalid group/version: autoscaling/v1";
        return Err(failed(why).into());
    }
    if row.subresource == "scale" && kind == Kind::Apply {
        let applied = applied(call, row);
        let applied = call.checked(Stage::Decode, By::Decoder, applied)?;
        let force = call.query.flag("force");
        return scale::patch(call, row, Written::Applied, |scale, writer| {
            *scale = managed_fields::apply(Some(scale), &applied, force, writer)?;
            Ok(())
        });
    }
    if row.subresource == "scale" {
        return scale::patch(call, row, Written::Otherwise, |scale, _| {
            plain(kind, body, scale, None, Version::NEWEST, FieldValidation::Ignore).map(drop)
        });
    }
    if kind == Kind::Apply {
        return apply(call, row);
    }
    let old = read::old(call, row)?;
    let mut object = pipeline::as_version(&old, row, call.version);
    let definition = schema::schema(call.version).of_kind(&row.kind_group, &row.kind_version, &row.kind);
    let patched = plain(kind, body, &mut object, definition, call.version, validation(call));
    let patched = call.checked(Stage::Decode, By::Patch, patched)?;
    let version = call.version;
    let object = typed(call, row, object, &|| pipeline::as_version(&old, row, version), patched)?;
    if matches!(kind, Kind::Json | Kind::Merge) {
        call.raw = pipeline::raw::patched(call, &old, &object, row);
    }
    update::replace(call, row, old, object, false)
}

/// What a patch has left besides the object.
#[derive(Default)]
struct Patched {
    /// What strict reading objects to.
    told: Vec<String>,
    /// What an error shows; else the object.
    shown: Option<String>,
}

/// Changes an object as a patch says that is no apply.
fn plain(
    kind: Kind,
    body: &[u8],
    object: &mut Value,
    definition: Option<&'static schema::Definition>,
    version: Version,
    validation: FieldValidation,
) -> Result<Patched, Status> {
    let mut told = match kind {
        Kind::Json => Vec::new(),
        Kind::Merge | Kind::Strategic | Kind::Apply => decode::repeated(body),
    };
    let mut shown = None;
    match kind {
        Kind::Json => told = json::operations(object, body, version)?,
        Kind::Merge => json::merge(object, body, version)?,
        Kind::Strategic | Kind::Apply => {
            let mut patch = json::fields(body, version)?;
            strategic::merge(object, &mut patch, definition, version)?;
            shown = Some(go_plain(&Value::Object(patch)));
        }
    }
    if validation == FieldValidation::Ignore {
        told.clear();
    }
    Ok(Patched { told, shown })
}

/// Gives a patched object the form of its type; it must have the name of the URL. `before` is what was patched.
fn typed(
    call: &mut Call<'_>,
    row: &Arc<Resource>,
    object: Value,
    before: &dyn Fn() -> Value,
    patched: Patched,
) -> Result<Value, Stop> {
    let by_map = patched.shown.is_some();
    let (shown, whole) = (patched.shown, object.clone());
    let unfit = |why: String| {
        let text = shown.clone().unwrap_or_else(|| whole.to_string());
        let errors = Errors::new(call.version);
        errors.invalid("patch", text, why);
        errors.into_status("", "", "").err().unwrap_or_else(|| Status::internal("patch"))
    };
    let kind = object.text("kind").to_owned();
    let decoded = match row.custom.is_none() && !kind.is_empty() && kind != row.kind && !by_map {
        true => Err(unfit(format!("{kind} is no {}: unknown conversion", row.kind))),
        false => {
            let made = decode::Made { object, by_map, told: patched.told, before };
            decode::made(made, row, call.version, validation(call)).map_err(unfit)
        }
    };
    let decoded = call.checked(Stage::Decode, By::Decoder, decoded)?;
    call.warnings.extend(decoded.warnings);
    let mut object = decoded.object;
    let info = call.request.info();
    let placed = create::at_place(&mut object, row, &info.namespace).map_err(|status| {
        match call.version.has(PATCHED_NAMESPACES_WORDED) {
            true => status,
            false => Status::bad_request(format!(
                "the namespace of the object ({}) does not match the namespace on the request ({})",
                object.namespace(),
                info.namespace
            )),
        }
    });
    let placed = placed.and_then(|()| update::named_as_url(&object, &info.name, true));
    call.checked(Stage::Decode, By::Decoder, placed)?;
    Ok(object)
}

/// Makes an object as its manager wants it.
fn apply(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let old = read::old(call, row);
    let applied = applied(call, row);
    let applied = call.checked(Stage::Decode, By::Decoder, applied)?;
    let live = old.as_ref().ok().map(|old| pipeline::as_version(old, row, call.version));
    let force = call.query.flag("force");
    let object = managed_fields::apply(live.as_ref(), &applied, force, &Writer::of(call, row));
    let object = call.checked(Stage::Store, By::ManagedFields, object)?;
    let object = typed(call, row, object, &|| Value::Null, Patched::default())?;
    if matches!(old, Err(Stop::Refused(_))) && !object.uid().is_empty() {
        let (info, uid) = (call.request.info(), object.uid());
        let why = format!(
            "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        );
        let conflict = Status::conflict(&info.group_resource(), &info.name, why);
        return call.checked(Stage::Store, By::ManagedFields, Err(conflict));
    }
    match old {
        Err(Stop::Refused(_)) if row.subresource.is_empty() => create::in_place(call, row, object, true),
        old => update::replace(call, row, old?, object, true),
    }
}

/// The applied object, as it was sent.
fn applied(call: &Call<'_>, row: &Arc<Resource>) -> Result<Value, Status> {
    let info = call.request.info();
    let text = String::from_utf8_lossy(&call.request.request().body);
    let mut object = yaml::value(&text).map_err(|why| {
        Status::bad_request(format!("error decoding YAML: error converting YAML to JSON: {why}"))
    })?;
    if object.has("metadata.managedFields") {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    let (given, expected) = (object.text("apiVersion"), row.kind_api_version());
    let kind = as_kind(given, object.text("kind"));
    let strange = (given, object.text("kind")) != (&expected, &row.kind);
    // Built-in objects of another version are told of below.
    let early = match row.custom {
        Some(_) => call.version.has(CUSTOM_APPLIED_BY_SCHEMA),
        None => given == expected,
    };
    let refused = call.version.has(APPLIED_KINDS_REFUSED);
    if strange && (refused || early && object.text("kind") != row.kind) {
        return Err(match refused {
            true => Status::bad_request(format!("invalid object type: {kind}")),
            false => failed(format!(
                "failed to create typed patch object ({}/{}; {kind}): no corresponding type for {kind}",
                object.namespace(),
                info.name
            )),
        });
    }
    if given != expected {
        return Err(Status::bad_request(format!(
            "Incorrect version specified in apply patch. Specified patch version: {given}, expected: {expected}"
        )));
    }
    if object.name().is_empty() {
        object.set("metadata.name", info.name.as_str());
    }
    let sent_to = object.namespace().to_owned();
    if row.namespaced {
        create::in_namespace(&mut object, &info.namespace)?;
    }
    let Some((types, shape)) = managed_fields::typed(row, call.version) else { return Ok(object) };
    match types.misfit(&object, shape, call.version) {
        None => Ok(object),
        Some(misfit) => Err(failed(format!(
            "failed to create typed patch object ({sent_to}/{}; {kind}): {misfit}",
            info.name
        ))),
    }
}

/// A kind as Go writes a `GroupVersionKind`: the core group is nothing before a slash.
fn as_kind(api_version: &str, kind: &str) -> String {
    let slash = if api_version.contains('/') { "" } else { "/" };
    format!("{slash}{api_version}, Kind={kind}")
}

/// `ValidatePatchOptions`.
fn options(call: &Call<'_>, kind: Kind) -> Result<(), Status> {
    let query = call.query;
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
