//! Templates of Helm's that nobody rendered: they are told as such, and not as the broken YAML that they are.

use crate::api::Dig;
use crate::api::rbac::GROUP;
use crate::error::{Error, Place};
use crate::json::Value;

/// What stands behind the braces of a template: a value, or one of the words that charts begin with.
const BEGINNINGS: [&str; 12] =
    [".", "$", "/*", "if ", "else", "end", "range ", "with ", "include ", "template ", "define ", "toYaml "];

/// The line of a text's first part that is to be filled in, from 1.
fn line(text: &str) -> Option<usize> {
    let is_template = |line: &str| {
        line.split("{{").skip(1).any(|rest| {
            let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start();
            BEGINNINGS.iter().any(|beginning| rest.starts_with(beginning))
        })
    };
    text.lines().position(is_template).map(|at| at + 1)
}

fn unrendered(path: &str, line: usize) -> Error {
    let at = Some(Place { path: path.to_owned(), position: Some((line, 1)), line: None });
    let error = Error { at, ..Error::new("this is a template of Helm's that is not rendered") };
    error.hint("render the chart first: helm template . | kubeverdict … -f -")
}

/// What is wrong with a text that can't be read.
pub(super) fn told(path: &str, text: &str, error: Error) -> Error {
    line(text).map_or(error, |line| unrendered(path, line))
}

/// What is wrong with an object that could be read, and in which a name was to be filled in.
pub(in crate::explain) fn of_object(object: &Value, path: &str, begins: usize) -> Option<Error> {
    // Elsewhere, braces may be meant for another program: a config map of templates, an alert.
    let is_rbac = object.text("apiVersion").starts_with(GROUP);
    let names = ["metadata.name", "metadata.namespace"];
    let is_named = names.iter().any(|field| line(object.text(field)).is_some());
    let parts = ["rules", "subjects", "roleRef"];
    let is_template = is_named || is_rbac && parts.iter().any(|field| has(object.at(field)));
    is_template.then(|| unrendered(path, begins))
}

/// Whether a text somewhere is to be filled in.
fn has(value: &Value) -> bool {
    match value {
        Value::String(text) => line(text).is_some(),
        Value::Array(items) => items.iter().any(has),
        Value::Object(fields) => fields.iter().any(|(_, value)| has(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
