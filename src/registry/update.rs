//! Replacing an object (`handlers/update.go`, `rest.BeforeUpdate`).

use super::create;
use super::managed_fields::{self, Writer};
use crate::admit::{Operation, Stop};
use crate::api::resources::Resource;
use crate::api::{By, Dig, GroupResource, Stage, Status};
use crate::authorize::Authorized;
use crate::kinds;
use crate::pipeline::{self, Call, Draft, Rules, Served, Verb, body, decode, key_of, validate};
use serde_json::Value;
use std::sync::Arc;

/// Answers `PUT` to a name.
pub(super) fn update(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    decode::options(call, request, "UpdateOptions")?;
    let info = request.info();
    let mut object = body(call, request, row)?;
    let placed = match row.namespaced {
        true => create::in_namespace(&mut object, &info.namespace),
        false => {
            object.take_out("metadata.namespace");
            Ok(())
        }
    };
    let placed = placed.and_then(|()| named_as_url(&object, &info.name, true));
    placed.map_err(|status| call.stop(Stage::Decode, By::Decoder, status))?;
    let key = key_of(row, info, &info.name);
    let of = GroupResource::new(row.group, row.name);
    let Some(old) = call.store.objects().of(&key).cloned() else {
        let status = match row.subresource.is_empty() && kinds::of(row).created_by_update {
            true if !object.uid().is_empty() => Status::conflict(&of, &info.name, other_uid(&object, "")),
            true if object.text("metadata.resourceVersion").is_empty() => {
                return create::in_place(call, request, row, object, false);
            }
            true | false => Status::not_found(&of, &info.name),
        };
        return Err(call.stop(Stage::Store, By::Store, status));
    };
    if !object.uid().is_empty() && object.uid() != old.uid() {
        let status = Status::conflict(&of, &info.name, other_uid(&object, old.uid()));
        return Err(call.stop(Stage::Store, By::Store, status));
    }
    replace(call, request, row, old, object, false)
}

fn other_uid(object: &Value, stored: &str) -> String {
    format!("Precondition failed: UID in precondition: {}, UID in object meta: {stored}", object.uid())
}

/// Takes the successor of a stored object through the stages of an update; `tracked`: its managers are told already.
pub(super) fn replace(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    old: Arc<Value>,
    mut object: Value,
    tracked: bool,
) -> Served {
    let info = request.info();
    (kinds::of(row).defaults)(&mut object, call.version);
    let given = object.text("metadata.resourceVersion").to_owned();
    // The generation is the server's to count, whatever a client sends (`rest.BeforeUpdate`).
    match old.at("metadata.generation") {
        Value::Null => drop(object.take_out("metadata.generation")),
        counted => object.set("metadata.generation", counted.clone()),
    }
    for kept in ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
        let path = format!("metadata.{kept}");
        match old.at(&path) {
            Value::Null => drop(object.take_out(&path)),
            value => object.set_default(&path, value.clone()),
        }
    }
    if !tracked {
        let manager = pipeline::manager(&pipeline::query(request), request);
        let writer = Writer { manager: &manager, row, version: call.version, now: pipeline::time(call.now) };
        managed_fields::update(&mut object, Some(&old), &writer);
    }
    object.set("apiVersion", old.at("apiVersion").clone());
    object.set("kind", old.at("kind").clone());
    let key = key_of(row, info, &info.name);
    let draft = Draft::new(request, row, Operation::Update, key).object(object).old(old.clone());
    let known = given.is_empty() || given == old.text("metadata.resourceVersion");
    let conflict = Status::conflict(&GroupResource::new(row.group, row.name), &info.name, CHANGED);
    let admitted = pipeline::admit(call, draft, &mut Update(Some(conflict).filter(|_| !known)))?;
    pipeline::store(call, admitted, 200)
}

/// An object that is replaced; and the conflict, if its writer knew another one.
struct Update(Option<Status>);

impl Verb for Update {
    const RULES: Rules = validate::of_kind;

    fn precondition(&mut self, call: &mut Call<'_>, _: &Draft) -> Result<(), Stop> {
        let conflict = self.0.take().map(|status| call.stop(Stage::Store, By::Store, status));
        conflict.map_or(Ok(()), Err)
    }
}

pub(super) const CHANGED: &str =
    "the object has been modified; please apply your changes to the latest version and try again";

/// Object and URL must agree on the name.
pub(super) fn named_as_url(object: &Value, url: &str, strict: bool) -> Result<(), Status> {
    match object.name() {
        "" if strict => Err(Status::bad_request(format!(
            "the name of the object ({url} based on URL) was undeterminable: name must be provided"
        ))),
        name if name == url || name.is_empty() => Ok(()),
        name => Err(Status::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({url})"
        ))),
    }
}
