//! The scale of a workload, written (`pkg/registry/apps/*/storage`, `ScaleREST`).

use super::connect::{missing_scale, scale};
use super::update::{CHANGED, named_as_url};
use super::{create, read};
use crate::admit::{Operation, Stop};
use crate::api::resources::Resource;
use crate::api::{By, Dig, Errors, GroupResource, Outcome, Response, Stage, Status};
use crate::kinds;
use crate::pipeline::{self, Call, Draft, Rules, Served, Verb, body, decode, key_of};
use serde_json::{Value, json};
use std::sync::Arc;

/// Answers `PUT` to a scale.
pub(super) fn update(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    decode::options(call, "UpdateOptions")?;
    let info = call.request.info();
    let mut wanted = body(call, row)?;
    call.checked(Stage::Decode, By::Decoder, create::in_namespace(&mut wanted, &info.namespace))?;
    patch(call, row, |scale| {
        *scale = wanted;
        Ok(())
    })
}

/// Changes the scale of a stored workload.
pub(super) fn patch(
    call: &mut Call<'_>,
    row: &Arc<Resource>,
    change: impl FnOnce(&mut Value) -> Result<(), Status>,
) -> Served {
    let info = call.request.info();
    let workload = read::stored(call, row).map_err(|_| missing_scale(call, row))?;
    let old = &*workload;
    let before = scale(old);
    let mut after = before.clone();
    call.checked(Stage::Decode, By::Patch, change(&mut after))?;
    call.checked(Stage::Decode, By::Decoder, named_as_url(&after, &info.name, true))?;
    let key = key_of(row, info, &info.name);
    let draft = Draft::new(call, row, Operation::Update, key.clone());
    let draft = draft.object(after).old(Arc::new(before));
    let of = GroupResource::new(&*row.group, &*row.name);
    let stored = old.text("metadata.resourceVersion");
    let admitted = pipeline::admit(call, draft, &mut Scaling { of, stored })?;
    let mut object = old.clone();
    object.set("spec.replicas", json!(replicas(admitted.draft().object_now())));
    kinds::of(row).prepare(&mut object, Some(old), "", call.version);
    if object != *old {
        object = (*admitted.put(call, key, object)).clone();
    }
    call.found(Stage::Store, By::Store, Outcome::Passed, "scaled");
    Ok(Response::json(200, scale(&object)))
}

fn replicas(scale: &Value) -> i64 {
    scale.at("spec.replicas").as_i64().unwrap_or_default()
}

/// A workload that is scaled, in the version that is stored.
struct Scaling<'a> {
    of: GroupResource,
    stored: &'a str,
}

impl Verb for Scaling<'_> {
    const RULES: Rules = |call, draft| {
        let errors = Errors::new(call.version);
        let scale = draft.object_now();
        let replicas = replicas(scale);
        if replicas < 0 {
            errors.invalid("spec.replicas", replicas, "must be greater than or equal to 0");
        }
        errors.into_status("autoscaling", "Scale", scale.name())
    };

    fn precondition(&mut self, _: &mut Call<'_>, draft: &Draft) -> Result<(), Stop> {
        let scale = draft.object_now();
        let given = scale.text("metadata.resourceVersion");
        if given.is_empty() || given == self.stored {
            return Ok(());
        }
        Err(Status::conflict(&self.of, scale.name(), CHANGED).into())
    }
}
