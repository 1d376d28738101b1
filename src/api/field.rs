//! Errors about single fields, and how they add up to a 422 (`apimachinery/pkg/util/validation/field`).
//!
//! A message shows the value that was found. Releases before 1.34 print what is neither text, number nor boolean in
//! Go's syntax (`[]string{"a"}`, `rbac.RoleRef{…}`), later ones as JSON. Where a type's Go name matters, the caller
//! gives both texts ([`Errors::invalid_go`]); the rest follows from the value.

pub(crate) use crate::golang::fmt::{
    float as go_float, kind as go_kind, number as go_number, plain as go_plain, quote, syntax as go_value,
};

use super::status::Status;
use super::version::Version;
use crate::api::differences::{JSON_VALUES, LENGTHS_BOUNDED, ONE_ITEM};
use crate::json::{Value, json};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorType {
    /// A value must be given.
    Required,
    /// The value breaks a rule.
    Invalid,
    /// The value is of another type.
    TypeInvalid,
    /// The value is none of the allowed ones.
    NotSupported,
    /// The value may stand once only.
    Duplicate,
    /// The value could be valid, but not here and now.
    Forbidden,
    /// The value is too long; it isn't shown.
    TooLong,
    /// The list has too many items.
    TooMany,
    /// What the value names isn't there.
    NotFound,
    /// It could not be checked.
    Internal,
}

impl ErrorType {
    /// The machine-readable reason of a cause.
    pub const fn reason(self) -> &'static str {
        match self {
            ErrorType::Required => "FieldValueRequired",
            ErrorType::Invalid => "FieldValueInvalid",
            ErrorType::TypeInvalid => "FieldValueTypeInvalid",
            ErrorType::NotSupported => "FieldValueNotSupported",
            ErrorType::Duplicate => "FieldValueDuplicate",
            ErrorType::Forbidden => "FieldValueForbidden",
            ErrorType::TooLong => "FieldValueTooLong",
            ErrorType::TooMany => "FieldValueTooMany",
            ErrorType::NotFound => "FieldValueNotFound",
            ErrorType::Internal => "InternalError",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            ErrorType::Required => "Required value",
            ErrorType::Invalid | ErrorType::TypeInvalid => "Invalid value",
            ErrorType::NotSupported => "Unsupported value",
            ErrorType::Duplicate => "Duplicate value",
            ErrorType::Forbidden => "Forbidden",
            ErrorType::TooLong => "Too long",
            ErrorType::TooMany => "Too many",
            ErrorType::NotFound => "Not found",
            ErrorType::Internal => "Internal error",
        }
    }
}

/// One field's error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// What is wrong.
    pub kind: ErrorType,
    /// The field's path (`spec.ports[0].name`).
    pub field: String,
    /// The text without the path.
    pub message: String,
}

/// The errors found in one object, in the order in which the server finds them. Whoever checks shares it.
#[derive(Clone, Debug)]
pub struct Errors {
    version: Version,
    list: RefCell<Vec<FieldError>>,
}

impl Errors {
    /// No errors yet, in the words of a release.
    pub const fn new(version: Version) -> Errors {
        Errors { version, list: RefCell::new(Vec::new()) }
    }

    /// The release in whose words the errors are told.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.borrow().is_empty()
    }

    /// How many errors there are.
    pub fn len(&self) -> usize {
        self.list.borrow().len()
    }

    /// The errors so far.
    pub fn list(&self) -> Vec<FieldError> {
        self.list.borrow().clone()
    }

    /// Forgets the errors so far.
    pub fn clear(&self) {
        self.list.borrow_mut().clear();
    }

    /// Takes in errors that were found apart, behind those here.
    pub fn append(&self, more: Errors) {
        self.list.borrow_mut().extend(more.list.into_inner());
    }

    /// Sorts the errors by their texts.
    pub fn sort(&self) {
        self.list.borrow_mut().sort_by_cached_key(|error| format!("{}: {}", error.field, error.message));
    }

    /// Takes in errors that were found apart, each before the first of those here that comes later in the order of
    /// fields.
    pub fn merge<R: Ord>(&mut self, more: Errors, rank: impl Fn(&FieldError) -> R) {
        let list = self.list.get_mut();
        for error in more.list.into_inner() {
            let at = rank(&error);
            let place = list.iter().position(|other| rank(other) > at);
            list.insert(place.unwrap_or(list.len()), error);
        }
    }

    /// Adds an error.
    pub fn add(&self, error: FieldError) {
        self.list.borrow_mut().push(error);
    }

    /// Adds an error with its ready text after the kind's words.
    fn push(&self, kind: ErrorType, path: impl Display, shown: Option<String>, detail: impl Display) {
        self.add(worded(kind, path, shown, detail));
    }

    /// An error of a kind that is told with the value, if that is to be shown (`field.OmitValueType`).
    pub(crate) fn told(
        &self,
        kind: ErrorType,
        path: impl Display,
        value: Option<&Value>,
        detail: impl Display,
    ) -> FieldError {
        let shown = value.map(|value| shown(value, self.version));
        match kind {
            ErrorType::Required | ErrorType::Forbidden => worded(kind, path, None, detail),
            ErrorType::Duplicate => worded(kind, path, shown, ""),
            _ => worded(kind, path, shown, detail),
        }
    }

    fn show(&self, value: impl Serialize) -> Option<String> {
        let value = crate::json::to_value(value).unwrap_or_default();
        Some(shown(&value, self.version))
    }

    /// A value must be given.
    pub fn required(&self, path: impl Display, detail: impl Display) {
        self.push(ErrorType::Required, path, None, detail);
    }

    /// The value breaks a rule.
    pub fn invalid(&self, path: impl Display, value: impl Serialize, detail: impl Display) {
        let shown = self.show(value);
        self.push(ErrorType::Invalid, path, shown, detail);
    }

    /// The value breaks a rule and is not shown (`field.OmitValueType`).
    pub fn omitted(&self, path: impl Display, detail: impl Display) {
        self.push(ErrorType::Invalid, path, None, detail);
    }

    /// The value is of another type.
    pub fn type_invalid(&self, path: impl Display, value: impl Serialize, detail: impl Display) {
        let shown = self.show(value);
        self.push(ErrorType::TypeInvalid, path, shown, detail);
    }

    /// The value breaks a rule; its text in Go's syntax and as JSON, of which the release takes one.
    pub fn invalid_go(&self, path: impl Display, go: impl Display, json: impl Display, detail: impl Display) {
        let shown = self.pick(go, json);
        self.push(ErrorType::Invalid, path, Some(shown), detail);
    }

    /// The value may stand once only; its text in Go's syntax and as JSON, of which the release takes one.
    pub fn duplicate_go(
        &self,
        path: impl Display,
        go: impl Display,
        json: impl Display,
        detail: impl Display,
    ) {
        let shown = self.pick(go, json);
        self.push(ErrorType::Duplicate, path, Some(shown), detail);
    }

    fn pick(&self, go: impl Display, json: impl Display) -> String {
        if self.version.has(JSON_VALUES) { json.to_string() } else { go.to_string() }
    }

    /// An invalid value for each message of a check of [`super::names`].
    pub fn invalid_each(&self, path: impl Display, value: &str, messages: Vec<String>) {
        for message in messages {
            self.invalid(&path, value, message);
        }
    }

    /// The value is none of the allowed ones.
    pub fn not_supported(&self, path: impl Display, value: impl Serialize, allowed: &[&str]) {
        let shown = self.show(value);
        self.unsupported(path, shown, allowed);
    }

    /// The value is none of the allowed ones; its text in Go's syntax and as JSON, of which the release takes one.
    pub fn not_supported_go(
        &self,
        path: impl Display,
        go: impl Display,
        json: impl Display,
        allowed: &[&str],
    ) {
        let shown = self.pick(go, json);
        self.unsupported(path, Some(shown), allowed);
    }

    fn unsupported(&self, path: impl Display, shown: Option<String>, allowed: &[&str]) {
        let names: Vec<String> = allowed.iter().map(|name| quote(name)).collect();
        let detail = match names.is_empty() {
            true => String::new(),
            false => format!("supported values: {}", names.join(", ")),
        };
        self.push(ErrorType::NotSupported, path, shown, detail);
    }

    /// The value may stand once only.
    pub fn duplicate(&self, path: impl Display, value: impl Serialize) {
        let shown = self.show(value);
        self.push(ErrorType::Duplicate, path, shown, "");
    }

    /// The value could be valid, but not here and now.
    pub fn forbidden(&self, path: impl Display, detail: impl Display) {
        self.push(ErrorType::Forbidden, path, None, detail);
    }

    /// The value is longer than `most` bytes.
    pub fn too_long(&self, path: impl Display, most: usize) {
        let detail = match self.version.has(LENGTHS_BOUNDED) {
            true => format!("may not be more than {most} bytes"),
            false => format!("must have at most {most} bytes"),
        };
        self.push(ErrorType::TooLong, path, None, detail);
    }

    /// The text has more than `most` characters (`TooLongMaxLength`).
    pub fn too_long_text(&self, path: impl Display, most: u64) {
        let detail = match self.version.has(LENGTHS_BOUNDED) {
            true => format!("may not be more than {most} bytes"),
            false => format!("may not be longer than {most}"),
        };
        self.push(ErrorType::TooLong, path, None, detail);
    }

    /// The list has `found` items, and `most` are allowed.
    pub fn too_many(&self, path: impl Display, found: usize, most: usize) {
        let items = if most == 1 && self.version.has(ONE_ITEM) { "item" } else { "items" };
        let detail = format!("must have at most {most} {items}");
        self.push(ErrorType::TooMany, path, Some(found.to_string()), detail);
    }

    /// The field could not be checked.
    pub fn internal(&self, path: impl Display, detail: impl Display) {
        self.push(ErrorType::Internal, path, None, detail);
    }

    /// What the value names isn't there.
    pub fn not_found(&self, path: impl Display, value: impl Serialize) {
        let shown = self.show(value);
        self.push(ErrorType::NotFound, path, shown, "");
    }

    /// 422 about an object of a kind, unless nothing is wrong.
    pub fn into_status(self, group: &str, kind: &str, name: &str) -> Result<(), Status> {
        if self.list.borrow().is_empty() { Ok(()) } else { Err(self.status(group, kind, name)) }
    }

    /// 422 about an object of a kind.
    pub fn status(&self, group: &str, kind: &str, name: &str) -> Status {
        let mut details = json!({});
        for (key, value) in [("name", name), ("group", group), ("kind", kind)] {
            if !value.is_empty() {
                details[key] = value.into();
            }
        }
        details["causes"] = self
            .list
            .borrow()
            .iter()
            .map(|e| json!({"reason": e.kind.reason(), "message": e.message, "field": e.field}))
            .collect();
        let kind = match group {
            "" => kind.to_owned(),
            _ => format!("{kind}.{group}"),
        };
        let message = format!("{kind} {} is invalid: {}", quote(name), self.summary());
        Status { code: 422, reason: "Invalid".into(), message, details }
    }

    /// The errors in one line: each text once, several of them in brackets.
    pub fn summary(&self) -> String {
        let mut seen = BTreeSet::new();
        let texts: Vec<String> = self
            .list
            .borrow()
            .iter()
            .map(|e| format!("{}: {}", e.field, e.message))
            .filter(|text| seen.insert(text.clone()))
            .collect();
        match texts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        }
    }
}

/// An error with its ready text after the kind's words.
fn worded(kind: ErrorType, path: impl Display, shown: Option<String>, detail: impl Display) -> FieldError {
    let mut message = kind.words().to_owned();
    let detail = detail.to_string();
    for part in [shown, Some(detail).filter(|d| !d.is_empty())].into_iter().flatten() {
        message.push_str(": ");
        message.push_str(&part);
    }
    FieldError { kind, field: path.to_string(), message }
}

/// A value as a message shows it.
fn shown(value: &Value, version: Version) -> String {
    match value {
        Value::String(text) => quote(text),
        Value::Bool(_) => value.to_string(),
        Value::Number(number) => go_number(number),
        Value::Null if !version.has(JSON_VALUES) => "\"null\"".to_owned(),
        Value::Array(list) if !version.has(JSON_VALUES) && list.iter().all(Value::is_string) => {
            go_strings(list.iter().filter_map(Value::as_str))
        }
        Value::Object(map) if !version.has(JSON_VALUES) && map.values().all(Value::is_string) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{}:{}", quote(key), shown(value, version))).collect();
            format!("map[string]string{{{}}}", entries.join(", "))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => go_json(value),
    }
}

/// A list of strings in Go's syntax: `[]string{"a", "b"}`.
pub(crate) fn go_strings<'a>(list: impl IntoIterator<Item = &'a str>) -> String {
    let list: Vec<String> = list.into_iter().map(quote).collect();
    format!("[]string{{{}}}", list.join(", "))
}

/// Bytes in Go's syntax: `[]byte{0x61}`.
pub(crate) fn go_bytes(bytes: Option<&[u8]>) -> String {
    let Some(bytes) = bytes else {
        return "[]byte(nil)".to_owned();
    };
    let list: Vec<String> = bytes.iter().map(|byte| format!("{byte:#x}")).collect();
    format!("[]byte{{{}}}", list.join(", "))
}

/// JSON as Go's encoder writes it: `<`, `>` and `&` escaped.
pub(crate) fn go_json(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// Errors as one text (`utilerrors.Aggregate`): one as it is, several in brackets; none where there are none.
pub(crate) fn aggregate(errors: &[impl AsRef<str>]) -> Option<String> {
    match errors {
        [] => None,
        [error] => Some(error.as_ref().to_owned()),
        errors => {
            let errors: Vec<&str> = errors.iter().map(AsRef::as_ref).collect();
            Some(format!("[{}]", errors.join(", ")))
        }
    }
}

/// Strings as Go's `%q` prints a slice.
pub(crate) fn quote_list(list: &[impl AsRef<str>]) -> String {
    let list: Vec<String> = list.iter().map(|text| quote(text.as_ref())).collect();
    format!("[{}]", list.join(" "))
}
