//! `/openapi/v2` and `/openapi/v3`: the API's types for clients that check and merge objects themselves (kubectl).
//!
//! Written from the schema and the table of resources: types, merge keys, kinds, and of the paths what kubectl looks
//! for (which parameters a `PATCH` takes). Differs from Kubernetes: there is prose of a few kinds only, and no other operation.

mod custom;
mod dialect;
mod document;
mod proto;
#[cfg(test)]
mod tests;
mod words;

use crate::api::differences::OPENAPI_V3;
use crate::api::{Body, Dig, Resources, Response, Status};
use crate::json::{Value, json};
use std::sync::Arc;

/// How clients ask for protobuf; the first cannot be read as a media type, so that no answer bears it.
const PROTO: [&str; 2] = [
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
];

/// Answers what stands below `/openapi`; none where there is nothing.
pub(crate) fn answer(table: &Resources, rest: &[&str], accept: &str) -> Option<Result<Response, Status>> {
    match rest {
        ["v2"] => Some(second(table, accept)),
        ["v3"] if table.version().has(OPENAPI_V3) => Some(Ok(Response::json(200, index(table)))),
        ["v3", "api", of] if table.version().has(OPENAPI_V3) => third(table, "", of),
        ["v3", "apis", group, of] if table.version().has(OPENAPI_V3) => third(table, group, of),
        _ => None,
    }
}

/// The whole document of version 2, as JSON or as protobuf.
fn second(table: &Resources, accept: &str) -> Result<Response, Status> {
    let wants =
        |media: &str| accept.split(',').any(|clause| clause.split(';').next().map(str::trim) == Some(media));
    if PROTO.into_iter().any(wants) {
        let mut response = Response::text(200, "").typed(PROTO[1]);
        response.body = Body::Bytes(encoded(table));
        return Ok(response);
    }
    if accept.is_empty() || ["application/json", "application/*", "*/*"].into_iter().any(wants) {
        return Ok(Response::json(200, document::second(table)));
    }
    Err(Status::plain(406, "NotAcceptable", "406: Not Acceptable"))
}

/// The protobuf of what is served: kubectl asks for it with each command, so it is kept.
fn encoded(table: &Resources) -> Arc<[u8]> {
    table.openapi(|table| proto::document(&document::second(table)).into())
}

/// Where the documents of version 3 are, a group version each.
fn index(table: &Resources) -> Value {
    let version = table.version();
    let paths = table.group_versions().map(|(group, of)| {
        let path = if group.is_empty() { format!("api/{of}") } else { format!("apis/{group}/{of}") };
        let url = format!("/openapi/v3/{path}?hash={version}{}", of_definitions(table, group, of));
        (path, json!({"serverRelativeURL": url}))
    });
    json!({"paths": paths.collect::<crate::json::Map>()})
}

/// What of a document's name changes with the definitions that it tells of.
fn of_definitions(table: &Resources, group: &str, of: &str) -> String {
    let custom = table.of_group_version(group, of).filter_map(|row| row.custom.as_ref());
    custom.map(|of| format!("-{}", of.definition.object.text("metadata.resourceVersion"))).collect()
}

fn third(table: &Resources, group: &str, of: &str) -> Option<Result<Response, Status>> {
    let served = table.has_group_version(group, of);
    served.then(|| Ok(Response::json(200, document::third(table, group, of))))
}
