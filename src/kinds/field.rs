//! A field that is checked: its value, its path, and where its errors go.

use crate::api::field::ErrorType;
use crate::api::{Dig, Errors, Path, Version, internal, names};
use crate::json::{Text, Value, json};
use serde::Serialize;
use std::fmt::Display;

static EMPTY: Value = Value::String(Text::new_static(""));

/// A field of an object that is checked.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    /// What stands there; null if it is absent.
    pub(crate) value: &'a Value,
    pub(crate) path: Path<'a>,
    pub(crate) errors: &'a Errors,
}

impl<'a> Field<'a> {
    /// A whole object.
    pub(crate) fn of(object: &'a Value, errors: &'a Errors) -> Field<'a> {
        Field { value: object, path: Path::new(""), errors }
    }

    /// The field at a dotted path below.
    pub(crate) fn child(&'a self, path: &'a str) -> Field<'a> {
        self.told_as(path, self.value.at(path))
    }

    /// The text field at a dotted path below; an absent one is shown as the empty text that it is in Go.
    pub(crate) fn string(&'a self, path: &'a str) -> Field<'a> {
        if self.has(path) { self.child(path) } else { self.told_as(path, &EMPTY) }
    }

    /// The entry of the map here; its key may hold dots.
    pub(crate) fn entry(&'a self, key: &'a str) -> Field<'a> {
        let value = self.value.get(key).unwrap_or(&Value::Null);
        Field { value, path: self.path.entry("", key), errors: self.errors }
    }

    /// Those of the fields below that are there.
    pub(crate) fn present(&'a self, keys: &'a [&'a str]) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        keys.iter().map(|key| (*key, self.child(key))).filter(|(_, field)| !field.is_null())
    }

    /// A value that errors speak of as if it stood at a path below.
    pub(crate) fn told_as(&'a self, path: &'a str, value: &'a Value) -> Field<'a> {
        Field { value, path: self.path.child(path), errors: self.errors }
    }

    /// The items of the list at a path below.
    pub(crate) fn items(&'a self, path: &'a str) -> impl ExactSizeIterator<Item = Field<'a>> + Clone {
        let items = self.value.list(path).iter().enumerate();
        items.map(move |(i, value)| Field { value, path: self.path.item(path, i), errors: self.errors })
    }

    /// The entries of the map at a path below.
    pub(crate) fn entries(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        self.value.entries(path).map(move |(key, value)| {
            (key.as_str(), Field { value, path: self.path.entry(path, key), errors: self.errors })
        })
    }

    /// The text at a path below; empty if it is absent.
    pub(crate) fn text(&self, path: &str) -> &'a str {
        self.value.text(path)
    }

    /// The number at a path below.
    pub(crate) fn number(&self, path: &str) -> Option<i64> {
        self.value.at(path).as_i64()
    }

    /// Whether the boolean at a path below is true.
    pub(crate) fn flag(&self, path: &str) -> bool {
        self.value.flag(path)
    }

    /// Whether something other than null stands at a path below.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.value.has(path)
    }

    /// The list at a path below.
    pub(crate) fn list(&self, path: &str) -> &'a [Value] {
        self.value.list(path)
    }

    /// Whether nothing stands here.
    pub(crate) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// The release in whose words errors are told.
    pub(crate) fn version(&self) -> Version {
        self.errors.version()
    }

    // Errors

    /// A value must be given.
    pub(crate) fn required(&self, detail: impl Display) {
        self.errors.required(self.path, detail);
    }

    /// The value breaks a rule.
    pub(crate) fn invalid(&self, detail: impl Display) {
        self.errors.invalid(self.path, self.value, detail);
    }

    /// The value breaks a rule and is shown as something else.
    pub(crate) fn invalid_as(&self, shown: impl Serialize, detail: impl Display) {
        self.errors.invalid(self.path, shown, detail);
    }

    /// The value breaks a rule; its text in Go's syntax and as JSON, of which the release takes one.
    pub(crate) fn invalid_go(&self, go: impl Display, json: impl Display, detail: impl Display) {
        self.errors.invalid_go(self.path, go, json, detail);
    }

    /// The value breaks a rule and is shown as what Go holds in memory: a type of the API without its version
    /// (`batch.SuccessPolicy`).
    pub(crate) fn invalid_internal(&self, kind: &str, detail: impl Display) {
        match internal::shown(kind, self.value, self.version()) {
            Some((go, json)) => self.invalid_go(go, json, detail),
            None => self.invalid(detail),
        }
    }

    /// The value is none of the allowed ones, and is shown as what Go holds in memory.
    pub(crate) fn not_supported_internal(&self, kind: &str, allowed: &[&str]) {
        match internal::shown(kind, self.value, self.version()) {
            Some((go, json)) => self.errors.not_supported_go(self.path, go, json, allowed),
            None => self.not_supported(allowed),
        }
    }

    /// The value breaks a rule and is not shown (`field.OmitValueType`).
    pub(crate) fn invalid_omitted(&self, detail: impl Display) {
        self.errors.add(self.errors.told(ErrorType::Invalid, self.path, None, detail));
    }

    /// The text breaks a rule for each message of a check of [`names`].
    pub(crate) fn invalid_each(&self, messages: Vec<String>) {
        self.errors.invalid_each(self.path, self.text(""), messages);
    }

    /// The value is none of the allowed ones.
    pub(crate) fn not_supported(&self, allowed: &[&str]) {
        self.errors.not_supported(self.path, self.value, allowed);
    }

    /// The value may stand once only.
    pub(crate) fn duplicate(&self) {
        self.errors.duplicate(self.path, self.value);
    }

    /// The value may stand once only, and is told by its key.
    pub(crate) fn duplicate_key(&self, key: &str) {
        self.errors.duplicate(self.path, key);
    }

    /// The value could be valid, but not here and now.
    pub(crate) fn forbidden(&self, detail: impl Display) {
        self.errors.forbidden(self.path, detail);
    }

    /// The value may stand once only, and is shown as something else.
    pub(crate) fn invalid_duplicate(&self, shown: impl Serialize) {
        self.errors.duplicate(self.path, shown);
    }

    /// What the value names isn't there.
    pub(crate) fn not_found(&self) {
        self.errors.not_found(self.path, self.value);
    }

    /// What the value names isn't there; where it should be is told.
    pub(crate) fn not_found_among(&self, detail: impl Display) {
        self.errors.add(self.errors.told(ErrorType::NotFound, self.path, Some(self.value), detail));
    }

    // Checks that many kinds share

    /// A text or a list must be there.
    pub(crate) fn filled(&self) {
        match self.value {
            Value::Null => self.required(""),
            Value::String(text) if text.is_empty() => self.required(""),
            Value::Array(list) if list.is_empty() => self.required(""),
            _ => {}
        }
    }

    /// A text must be there and pass a check of [`names`].
    pub(crate) fn named(&self, check: impl Fn(&str) -> Vec<String>) {
        self.filled();
        self.named_if_set(check);
    }

    /// A text passes a check of [`names`] unless it is empty.
    pub(crate) fn named_if_set(&self, check: impl Fn(&str) -> Vec<String>) {
        if !self.text("").is_empty() {
            self.invalid_each(check(self.text("")));
        }
    }

    /// A number, if it is there, is neither too small nor too great.
    pub(crate) fn between(&self, least: i64, most: i64) {
        if self.number("").is_some_and(|number| !(least..=most).contains(&number)) {
            self.invalid(format_args!("must be between {least} and {most}, inclusive"));
        }
    }

    /// A number may not be negative.
    pub(crate) fn nonnegative(&self) {
        if self.number("").is_some_and(|number| number < 0) {
            self.invalid("must be greater than or equal to 0");
        }
    }

    /// A text must be there and be one of a few.
    pub(crate) fn one_of(&self, allowed: &[&str]) {
        match self.text("") {
            "" => self.required(""),
            text if allowed.contains(&text) => {}
            _ => self.not_supported(allowed),
        }
    }

    /// A text is one of a few if it is there.
    pub(crate) fn one_of_if_set(&self, allowed: &[&str]) {
        if !self.is_null() && !allowed.contains(&self.text("")) {
            self.not_supported(allowed);
        }
    }

    /// A field must stay as it is; it is shown as what Go holds in memory.
    pub(crate) fn immutable_internal(&self, old: &Value, kind: &str) {
        if self.value != old {
            self.invalid_internal(kind, "field is immutable");
        }
    }

    /// A field must stay as it is.
    pub(crate) fn immutable(&self, old: &Value) {
        let empty = |value: &Value| value.is_null() || value.as_str() == Some("");
        if self.value != old && !(empty(self.value) && empty(old)) {
            self.invalid("field is immutable");
        }
    }

    /// A count or a percentage is not negative (`ValidatePositiveIntOrPercent`).
    pub(crate) fn count_or_percent(&self) {
        match self.value {
            Value::String(_) if percent(self.value).is_none() => {
                let words = "a valid percent string must be a numeric string followed by an ending '%'";
                self.invalid_count(names::regex_error(words, "[0-9]+%", &["1%", "93%"]));
            }
            _ => self.nonnegative(),
        }
    }

    /// A count or a percentage breaks a rule.
    pub(crate) fn invalid_count(&self, detail: impl Display) {
        let shown = if self.is_null() { json!(0) } else { self.value.clone() };
        self.invalid_go(internal::go_int_or_string(self.value), shown, detail);
    }

    /// A counter may not be lowered (`IsDecremented`).
    pub(crate) fn not_lowered(&self, old: &Value) {
        let (now, before) = (self.number(""), old.as_i64());
        if before.is_some_and(|before| now.is_none_or(|now| now < before)) {
            self.invalid_as(now.unwrap_or_default(), "cannot be decremented");
        }
    }

    /// No more than all of them (`IsNotMoreThan100Percent`).
    pub(crate) fn at_most_all(&self) {
        if percent(self.value).is_some_and(|percent| percent > 100) {
            self.invalid_count("must not be greater than 100%");
        }
    }

    /// The counters of a status: none is negative, and some may not exceed another one, which is told by a name.
    pub(crate) fn counters(&self, keys: &[&str], bounds: &[(&str, &str, &str)]) {
        keys.iter().for_each(|key| self.child(key).nonnegative());
        let count = |key| self.number(key).unwrap_or_default();
        for (key, most, name) in bounds {
            if count(key) > count(most) {
                self.child(key).invalid_as(count(key), format_args!("cannot be greater than {name}"));
            }
        }
    }
}

/// The number before the percent sign.
fn percent(value: &Value) -> Option<u64> {
    let digits = value.as_str()?.strip_suffix('%')?;
    let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// Whether a count or percentage is nothing.
pub(crate) fn is_none(value: &Value) -> bool {
    match percent(value) {
        Some(percent) => percent == 0,
        None => value.as_i64().unwrap_or_default() == 0,
    }
}
