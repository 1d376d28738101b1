//! The form in which objects travel: whole, their metadata alone, or a table for people (`handlers/response.go`).

use super::partial::metadata;
use super::protobuf;
use super::table;
use crate::api::negotiate::{Form, Media};
use crate::api::resources::Resource;
use crate::api::{Body, Dig, Response, Status, Version};
use crate::json::{Value, json};
use jiff::Timestamp;

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

/// Lines as Go's writer breaks them: at the first blank after so many characters, but not in blocks and in double quotes.
fn folded(text: &str) -> String {
    const WIDTH: usize = 80;
    let mut out = String::new();
    // The indentation of the line that a block of text stands under.
    let mut block: Option<usize> = None;
    for line in text.lines() {
        let indentation = line.len() - line.trim_start().len();
        block = block.filter(|under| line.trim().is_empty() || indentation > *under);
        let key = line.trim_start_matches([' ', '-']);
        let value = key.split_once(": ").map_or(key, |(_, value)| value);
        if block.is_some() || value.starts_with('"') || line.chars().count() <= WIDTH {
            out.push_str(line);
        } else {
            let indentation = line.len() - key.len() + 2;
            let (mut column, mut rest) = (0, line.chars().peekable());
            while let Some(c) = rest.next() {
                let last = c == ' ' && column > WIDTH && rest.peek().is_some_and(|next| *next != ' ');
                if last && out.ends_with(|before| before != ' ') {
                    out.push('\n');
                    out.push_str(&" ".repeat(indentation));
                    column = indentation;
                } else {
                    out.push(c);
                    column += 1;
                }
            }
        }
        if block.is_none() && [" |", " |-", " |+", " >", " >-"].iter().any(|mark| line.ends_with(mark)) {
            block = Some(indentation);
        }
        out.push('\n');
    }
    out
}

/// Writes an answer's object in the media type that was agreed on.
pub(crate) fn written(mut response: Response, media: Media) -> Response {
    if media == Media::Json {
        return response;
    }
    let Some(body) = response.body.json() else { return response };
    match media {
        Media::Yaml => {
            let text = serde_yaml::to_string(body).unwrap_or_default();
            response.body = Body::Text(folded(&text));
            response.typed("application/yaml")
        }
        Media::Protobuf if body.text("kind") == "Status" => {
            response.body = Body::Bytes(protobuf::status(body).into());
            response.typed("application/vnd.kubernetes.protobuf")
        }
        Media::Protobuf | Media::Json => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_as_in_go() {
        let body = json!({"message": "only the following media types are accepted: application/json, \
            application/yaml, text/plain", "n": [{"m": "x".repeat(81) + " y"}], "t": "a b ".repeat(30) + "c\nd\n"});
        let want = format!(
            "message: 'only the following media types are accepted: application/json, application/yaml,\n  \
             text/plain'\nn:\n- m: {}\n    y\nt: |\n  {}c\n  d\n",
            "x".repeat(81),
            "a b ".repeat(30)
        );
        assert_eq!(folded(&serde_yaml::to_string(&body).unwrap()), want);
    }
}
