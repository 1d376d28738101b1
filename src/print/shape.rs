//! The form in which objects travel: whole, their metadata alone, or a table for people (`handlers/response.go`).

use super::partial::metadata;
use super::table;
use crate::api::negotiate::{Accepted, Form, Media};
use crate::api::resources::Resource;
use crate::api::{Body, Dig, Response, Status, Version};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Puts an answer of a resource into the form that was agreed on.
pub(crate) fn response(
    mut response: Response,
    row: &Resource,
    form: &Form,
    include: &str,
    version: Version,
    now: Timestamp,
) -> Result<Response, Status> {
    if *form == Form::Whole || !response.ok() {
        return Ok(response);
    }
    let Some(body) = response.body.json().filter(|body| body.text("kind") != "Status") else {
        return Ok(response);
    };
    let list = body.at("items").is_array() && body.text("kind") == format!("{}List", row.kind);
    let refused = |kind: &str, is: &str| {
        let text = format!(
            "you requested {kind}, but the requested object is {is} (*{}.{})",
            row.version,
            body.text("kind")
        );
        Status::plain(406, "NotAcceptable", text)
    };
    let shaped = match (form, list) {
        (Form::Metadata(_), true) => return Err(refused("PartialObjectMetadata", "a list")),
        (Form::MetadataList(_), false) => return Err(refused("PartialObjectMetadataList", "not a list")),
        (_, false) => object(body.clone(), row, form, include, version, now),
        (Form::Table(of), true) => {
            table::table(body.list("items"), Some(body.at("metadata")), row, of, include, version, now)
        }
        (Form::MetadataList(of), true) => {
            let items: Vec<Value> = body.list("items").iter().map(|item| metadata(item, of)).collect();
            json!({
                "kind": "PartialObjectMetadataList", "apiVersion": format!("meta.k8s.io/{of}"),
                "metadata": body.at("metadata"), "items": items,
            })
        }
        (Form::Whole | Form::Discovery(_), true) => return Ok(response),
    };
    response.body = Body::Json(shaped.into());
    Ok(response)
}

/// One object in a form.
pub(crate) fn object(
    object: Value,
    row: &Resource,
    form: &Form,
    include: &str,
    version: Version,
    now: Timestamp,
) -> Value {
    match form {
        Form::Whole | Form::Discovery(_) => object,
        Form::Metadata(of) | Form::MetadataList(of) => metadata(&object, of),
        Form::Table(of) => table::table(std::slice::from_ref(&object), None, row, of, include, version, now),
    }
}

/// Writes an answer's object in the media type that was agreed on.
pub(crate) fn written(mut response: Response, accepted: &Accepted) -> Response {
    match (accepted.media, response.body.json()) {
        (Media::Yaml, Some(body)) => {
            let text = serde_yaml::to_string(body).unwrap_or_default();
            response.body = Body::Text(text);
            response.typed("application/yaml")
        }
        _ => response,
    }
}
