//! Creating (`handlers/create.go`, `rest.BeforeCreate`).

use super::write::{self, Draft};
use super::{Call, Served, body, key_of, stamp};
use crate::admit::Operation;
use crate::api::resources::Resource;
use crate::api::{Dig, Status, objects};
use crate::authorize::Authorized;
use serde_json::Value;

/// Answers `POST` to a collection.
pub fn create(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    let object = body(call, request, row)?;
    from_object(call, request, row, object)
}

/// Takes a decoded object through the stages of a create.
pub(super) fn from_object(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    mut object: Value,
) -> Served {
    let info = request.info();
    if row.namespaced {
        in_namespace(&mut object, &info.namespace)?;
    } else {
        object.take_out("metadata.namespace");
    }
    for server in ["selfLink", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        if server == "resourceVersion" && !object.text("metadata.resourceVersion").is_empty() {
            return Err(Status::internal("resourceVersion should not be set on objects to be created").into());
        }
        object.take_out(&format!("metadata.{server}"));
    }
    stamp(&mut object, call.random.uid(), call.now);
    objects::defaults(&mut object, row.group, row.name, call.version);
    let key = key_of(row, info, object.name());
    let draft = Draft::new(request, row, Operation::Create, key).object(object);
    let admitted = write::admit(call, request, draft)?;
    write::store(call, admitted, 201)
}

/// The object lives where the URL says; it may say so itself, but nothing else.
pub(super) fn in_namespace(object: &mut Value, namespace: &str) -> Result<(), Status> {
    match object.namespace() {
        "" => object.set("metadata.namespace", namespace),
        given if given == namespace => {}
        _ => {
            return Err(Status::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
    }
    Ok(())
}
