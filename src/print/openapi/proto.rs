//! The document of version 2 as protobuf (gnostic's `openapi.v2.Document`): as much of it as [`super::document`] writes.

use crate::api::Dig;
use crate::json::Value;
use crate::print::protobuf::{Message, message};

/// The document's bytes.
pub(super) fn document(document: &Value) -> Vec<u8> {
    let info = message().text(1, document.text("info.title")).text(2, document.text("info.version"));
    let paths = document.entries("paths").fold(message(), |paths, (name, item)| {
        let item = message().message(8, operation(item.at("patch")));
        paths.message(2, named(name, item))
    });
    let definitions = document
        .entries("definitions")
        .fold(message(), |all, (name, definition)| all.message(1, named(name, schema(definition))));
    message()
        .text(1, document.text("swagger"))
        .message(2, info)
        .message(8, paths)
        .message(9, definitions)
        .into_bytes()
}

fn named(name: &str, value: Message) -> Message {
    message().text(1, name).message(2, value)
}

/// A value of no type of its own travels as YAML, which JSON is.
fn any(value: &Value) -> Message {
    message().text(2, &value.to_string())
}

fn extensions(mut out: Message, field: u64, value: &Value) -> Message {
    for (name, value) in value.entries("").filter(|(name, _)| name.starts_with("x-")) {
        out = out.message(field, named(name, any(value)));
    }
    out
}

fn operation(operation: &Value) -> Message {
    let mut out = message().texts(7, operation.list("consumes"));
    for parameter in operation.list("parameters") {
        let query =
            message().text(2, "query").text(4, parameter.text("name")).text(6, parameter.text("type"));
        // ParametersItem > Parameter > NonBodyParameter > QueryParameterSubSchema
        let parameter = message().message(2, message().message(3, query));
        out = out.message(8, message().message(1, parameter));
    }
    let ok = message().message(1, message().text(1, "OK"));
    let responses = message().message(1, named("200", ok));
    extensions(out.message(9, responses), 13, operation)
}

fn schema(of: &Value) -> Message {
    let mut out = message().text(1, of.text("$ref")).text(2, of.text("format"));
    out = out.texts(19, of.list("required"));
    for value in of.list("enum") {
        out = out.message(20, any(value));
    }
    if of.has("additionalProperties") {
        out = out.message(21, message().message(1, schema(of.at("additionalProperties"))));
    }
    if of.has("type") {
        out = out.message(22, message().text(1, of.text("type")));
    }
    if of.has("items") {
        out = out.message(23, message().message(1, schema(of.at("items"))));
    }
    if of.has("properties") {
        let properties = of
            .entries("properties")
            .fold(message(), |all, (name, property)| all.message(1, named(name, schema(property))));
        out = out.message(25, properties);
    }
    extensions(out, 31, of)
}
