//! Replacing an object (`handlers/update.go`, `rest.BeforeUpdate`).

use super::write::{self, Draft};
use super::{Call, Served, body, create, key_of};
use crate::admit::Operation;
use crate::api::resources::Resource;
use crate::api::{Dig, GroupResource, Status, objects};
use crate::authorize::Authorized;
use serde_json::Value;
use std::sync::Arc;

/// Answers `PUT` to a name.
pub fn update(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    let info = request.info();
    let mut object = body(call, request, row)?;
    if row.namespaced {
        create::in_namespace(&mut object, &info.namespace)?;
    } else {
        object.take_out("metadata.namespace");
    }
    named_as_url(&object, &info.name, true)?;
    let key = key_of(row, info, &info.name);
    let of = GroupResource::new(row.group, row.name);
    let Some(old) = call.store.objects().of(&key).cloned() else {
        return match may_create(row) {
            true if object.text("metadata.resourceVersion").is_empty() && object.uid().is_empty() => {
                create::from_object(call, request, row, object)
            }
            true if !object.uid().is_empty() => Err(Status::conflict(
                &of,
                &info.name,
                format!("Precondition failed: UID in precondition: {}, UID in object meta: ", object.uid()),
            )
            .into()),
            true | false => Err(Status::not_found(&of, &info.name).into()),
        };
    };
    replace(call, request, row, old, object)
}

/// Takes the successor of a stored object through the stages of an update.
pub(super) fn replace(
    call: &mut Call<'_>,
    request: &Authorized,
    row: &'static Resource,
    old: Arc<Value>,
    mut object: Value,
) -> Served {
    let info = request.info();
    let of = GroupResource::new(row.group, row.name);
    let uid = object.uid();
    if !uid.is_empty() && uid != old.uid() {
        let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {}", old.uid());
        return Err(Status::conflict(&of, &info.name, why).into());
    }
    objects::defaults(&mut object, row.group, row.name, call.version);
    let given = object.text("metadata.resourceVersion").to_owned();
    object.set("apiVersion", old.at("apiVersion").clone());
    object.set("kind", old.at("kind").clone());
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
    let key = key_of(row, info, &info.name);
    let draft = Draft::new(request, row, Operation::Update, key).object(object).old(old.clone());
    let draft = write::mutate(call, draft)?;
    let draft = write::escalate(call, request.user(), draft)?;
    if !given.is_empty() && given != old.text("metadata.resourceVersion") {
        return Err(Status::conflict(&of, &info.name, CHANGED).into());
    }
    let draft = write::validate(call, draft)?;
    let admitted = write::enforce(call, draft)?;
    write::store(call, admitted, 200)
}

const CHANGED: &str =
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

/// Whether a `PUT` to a name that isn't there creates (`AllowCreateOnUpdate`).
pub(super) fn may_create(row: &Resource) -> bool {
    const CREATES: &[(&str, &[&str])] = &[
        ("", &["endpoints", "events", "limitranges", "resourcequotas", "services", "podtemplates"]),
        ("events.k8s.io", &["events"]),
        ("coordination.k8s.io", &["leases"]),
        ("rbac.authorization.k8s.io", &["roles", "clusterroles", "rolebindings", "clusterrolebindings"]),
        ("node.k8s.io", &["runtimeclasses"]),
    ];
    row.subresource.is_empty()
        && CREATES.iter().any(|(group, names)| *group == row.group && names.contains(&row.name))
}
