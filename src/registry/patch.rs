//! Changing part of an object (`handlers/patch.go`).

use super::{Call, Served, key_of, query, update};
use crate::admit::Stop;
use crate::api::resources::Resource;
use crate::api::{GroupResource, Status};
use crate::authorize::Authorized;
use serde_json::Value;

/// Answers `PATCH` to a name.
pub fn patch(call: &mut Call<'_>, request: &Authorized, row: &'static Resource) -> Served {
    let info = request.info();
    let of = GroupResource::new(row.group, row.name);
    let key = key_of(row, info, &info.name);
    let _ = query(request);
    let media = request.request().headers.get("Content-Type").unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_owned();
    let patch: Value = serde_json::from_slice(&request.request().body)
        .map_err(|error| Status::bad_request(format!("error decoding patch: {error}")))?;
    let old = call.store.objects().of(&key).cloned().ok_or_else(|| Status::not_found(&of, &info.name))?;
    let mut object = (*old).clone();
    match media.as_str() {
        "application/json-patch+json" => {
            let operations: json_patch::Patch = serde_json::from_value(patch)
                .map_err(|error| Status::bad_request(format!("error decoding patch: {error}")))?;
            json_patch::patch(&mut object, &operations).map_err(|error| {
                Status::plain(422, "Invalid", format!("the server rejected our request due to an error in our request: {error}"))
            })?;
        }
        "application/merge-patch+json" | "application/strategic-merge-patch+json" => {
            json_patch::merge(&mut object, &patch);
        }
        _ => {
            return Err(Stop::Refused(Status::plain(
                415,
                "UnsupportedMediaType",
                format!(
                    "the body of the request was in an unknown format - accepted media types include: \
                     application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, \
                     application/apply-patch+yaml (got `{media}`)"
                ),
            )));
        }
    }
    update::named_as_url(&object, &info.name, false)?;
    update::replace(call, request, row, old, object)
}
