//! The scale of a workload, written (`pkg/registry/apps/*/storage`, `ScaleREST`).

use super::connect::scale;
use super::write::{self, Draft};
use super::{Call, Served, body, create, key_of};
use crate::admit::Operation;
use crate::api::resources::Resource;
use crate::api::{By, Dig, Errors, GroupResource, Outcome, Response, Stage, Status, objects};
use crate::authorize::Authorized;
use serde_json::{Value, json};
use std::sync::Arc;

/// Answers `PUT` to a scale.
pub(super) fn update(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    write::options(call, request, "UpdateOptions")?;
    let info = request.info();
    let mut wanted = body(call, request, row)?;
    let placed = create::in_namespace(&mut wanted, &info.namespace);
    placed.map_err(|status| call.stop(Stage::Decode, By::Decoder, status))?;
    let old = call.store.objects().of(&key_of(row, info, &info.name)).cloned();
    patch(call, request, row, old.as_deref(), |scale| {
        *scale = wanted;
        Ok(())
    })
}

/// Changes the scale of a stored workload.
pub(super) fn patch(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    old: Option<&Value>,
    change: impl FnOnce(&mut Value) -> Result<(), Status>,
) -> Served {
    let info = request.info();
    let of = GroupResource::new(row.group, row.name);
    let Some(old) = old else {
        let missing = match call.version.before(24) && row.group == "apps" {
            true => GroupResource::new(row.group, &row.path()),
            false => of,
        };
        return Err(call.stop(Stage::Store, By::Store, Status::not_found(&missing, &info.name)));
    };
    let before = scale(old);
    let mut after = before.clone();
    change(&mut after).map_err(|status| call.stop(Stage::Decode, By::Patch, status))?;
    super::update::named_as_url(&after, &info.name, true)
        .map_err(|status| call.stop(Stage::Decode, By::Decoder, status))?;
    let key = key_of(row, info, &info.name);
    let draft = Draft::new(request, row, Operation::Update, key.clone());
    let mut draft = write::mutate(call, draft.object(after).old(Arc::new(before)))?;
    let after = draft.object_mut();
    let (given, stored) = (after.text("metadata.resourceVersion"), old.text("metadata.resourceVersion"));
    if !given.is_empty() && given != stored {
        let status = Status::conflict(&of, &info.name, super::update::CHANGED);
        return Err(call.stop(Stage::Store, By::Store, status));
    }
    let mut errors = Errors::new(call.version);
    let replicas = after.at("spec.replicas").as_i64().unwrap_or_default();
    if replicas < 0 {
        errors.invalid("spec.replicas", replicas, "must be greater than or equal to 0");
    }
    let valid = errors.into_status("autoscaling", "Scale", &info.name);
    valid.map_err(|status| call.stop(Stage::Validate, By::Validation, status))?;
    let dry = draft.is_dry_run();
    write::enforce(call, draft)?;
    let mut object = old.clone();
    object.set("spec.replicas", json!(replicas));
    objects::prepare(&mut object, Some(old), row.group, row.name, "", call.version);
    if !dry && object != *old {
        object = (*call.store.put(key, object, call.now)).clone();
    }
    call.found(Stage::Store, By::Store, Outcome::Passed, "scaled");
    Ok(Response::json(200, scale(&object)))
}
