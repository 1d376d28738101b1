//! Reading: one object, a list, a watch (`handlers/get.go`).

use super::{Call, Served, as_version, key_of, storage};
use crate::api::resources::Resource;
use crate::api::{Dig, GroupResource, Outcome, Response, Stage, Status};
use crate::authorize::Authorized;
use serde_json::{Value, json};
use std::sync::Arc;

/// Answers `GET` of a name.
pub fn get(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    let info = request.info();
    let key = key_of(row, info, &info.name);
    let of = GroupResource::new(row.group, row.name);
    let object = call.store.objects().of(&key).ok_or_else(|| Status::not_found(&of, &info.name))?;
    let body = as_version(object, row);
    call.found(Stage::Store, "store", Outcome::Passed, "read");
    Ok(Response::json(200, body))
}

/// Answers `GET` of a collection.
pub fn list(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    let chosen = chosen(call, request, row)?;
    call.found(Stage::Store, "store", Outcome::Passed, format!("{} listed", chosen.len()));
    listed(call, request, row, chosen)
}

/// The objects that a list, watch or deletecollection speaks of.
pub(super) fn chosen(
    call: &Call<'_>,
    request: &Authorized,
    row: &'static Resource,
) -> Result<Vec<Arc<Value>>, Status> {
    let info = request.info();
    let kept = storage(row.group, row.name);
    let objects = call.store.objects();
    Ok(match info.namespace.as_str() {
        "" => objects.all(&kept).cloned().collect(),
        namespace => objects.list(&kept, namespace).cloned().collect(),
    })
}

/// A list of objects as it travels.
pub(super) fn listed(
    call: &Call<'_>,
    _request: &Authorized,
    row: &'static Resource,
    objects: Vec<Arc<Value>>,
) -> Served {
    let mut items: Vec<Value> = objects.iter().map(|object| as_version(object, row)).collect();
    for item in &mut items {
        item.take_out("kind");
        item.take_out("apiVersion");
    }
    Ok(Response::json(
        200,
        json!({
            "kind": format!("{}List", row.kind), "apiVersion": row.api_version(),
            "metadata": {"resourceVersion": call.store.revision().to_string()}, "items": items,
        }),
    ))
}

/// Answers `GET` of a collection with `watch`.
pub fn watch(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    list(call, request, row)
}
