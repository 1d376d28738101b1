//! What `kubectl wait` waits for (`--for`).

use super::error::{Done, Failure, fail};
use crate::api::Dig;
use crate::api::field::{go_plain, quote};
use crate::api::jsonpath::{self, Missing, Template};
use crate::json::Value;

/// What is waited for.
pub(super) enum Condition {
    /// That it is there (`create`).
    There,
    /// That it is gone (`delete`).
    Gone,
    /// A condition of its status, and the value that it is to have.
    Status(String, String),
    /// What a path finds, and the value that it is to be, if not any.
    Path(Template, Option<String>),
}

impl Condition {
    /// Reads what `--for` says, as today's kubectl or 1.20 does.
    pub(super) fn read(text: &str, old: bool) -> Done<Condition> {
        match text.to_lowercase().as_str() {
            "delete" => return Ok(Condition::Gone),
            "create" if !old => return Ok(Condition::There),
            _ => {}
        }
        if let Some(name) = text.strip_prefix("condition=") {
            let (name, value) = name.split_once('=').unwrap_or((name, "true"));
            return Ok(Condition::Status(name.to_owned(), value.to_owned()));
        }
        if let Some(text) = text.strip_prefix("jsonpath=").filter(|_| !old) {
            return Condition::read_path(text);
        }
        fail!("unrecognized condition: {}", quote(text))
    }

    fn read_path(text: &str) -> Done<Condition> {
        if text.is_empty() {
            fail!("jsonpath expression cannot be empty");
        }
        let parts = apart(text);
        let (path, value) = match parts.as_slice() {
            [path] => (path, None),
            [path, value] => (path, Some(value.trim_matches(['\'', '"']))),
            _ => fail!(
                "jsonpath wait format must be --for=jsonpath='{{.status.readyReplicas}}'=3 or --for=jsonpath='{{.status.readyReplicas}}'"
            ),
        };
        let path = jsonpath::relaxed(path).map_err(Failure::plain)?;
        if value == Some("") {
            fail!(
                "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{{.status.readyReplicas}}'=3"
            );
        }
        let template = Template::read(&path).map_err(Failure::plain)?;
        Ok(Condition::Path(template, value.map(str::to_owned)))
    }

    /// Whether it is so; a missing object is `None`.
    pub(super) fn met(&self, object: Option<&Value>) -> Done<bool> {
        let Some(object) = object else {
            return Ok(matches!(self, Condition::Gone));
        };
        Ok(match self {
            Condition::There => true,
            Condition::Gone => false,
            Condition::Status(name, value) => object.list("status.conditions").iter().any(|c| {
                let current = c.at("observedGeneration").as_i64().is_none_or(|seen| {
                    object.at("metadata.generation").as_i64().is_none_or(|made| seen >= made)
                });
                current
                    && c.text("type").eq_ignore_ascii_case(name)
                    && c.text("status").eq_ignore_ascii_case(value)
            }),
            Condition::Path(template, value) => {
                let found = template.each(object, Missing::Allowed).map_err(Failure::plain)?;
                found_is(&found, value.as_deref())?
            }
        })
    }
}

/// Whether what a path found is a value, or anything at all.
fn found_is(found: &[Vec<Value>], value: Option<&str>) -> Done<bool> {
    let first = match found {
        [] => return Ok(false),
        [first, ..] if first.is_empty() => return Ok(false),
        [first] => first,
        _ => fail!("given jsonpath expression matches more than one list"),
    };
    match (first.as_slice(), value) {
        ([_, _, ..], _) => fail!("given jsonpath expression matches more than one value"),
        (_, None) => Ok(true),
        ([Value::Array(_) | Value::Object(_)], Some(_)) => {
            fail!("jsonpath leads to a nested object or list which is not supported")
        }
        (one, Some(value)) => Ok(one.iter().all(|one| go_plain(one).trim() == value.trim())),
    }
}

/// A path and its value, apart at an equals sign that has no other beside it.
fn apart(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('=', Some('=')) => {
                chars.next();
                parts.last_mut().into_iter().for_each(|part| part.push_str("=="));
            }
            ('=', _) => parts.push(String::new()),
            _ => parts.last_mut().into_iter().for_each(|part| part.push(c)),
        }
    }
    parts
}
