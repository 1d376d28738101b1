//! Small checks that many kinds share.

use crate::api::Path;
use crate::api::field::Errors;
use crate::api::names;
use crate::api::value::Dig;
use serde_json::Value;

/// A number that may not be negative.
pub(crate) fn nonnegative(object: &Value, path: &Path<'_>, key: &str, errors: &mut Errors) {
    if let Some(number) = object.at(key).as_i64().filter(|n| *n < 0) {
        errors.invalid(path.child(key), number, "must be greater than or equal to 0");
    }
}

/// A value that must be there and be one of a few.
pub(crate) fn one_of(object: &Value, path: &Path<'_>, key: &str, allowed: &[&str], errors: &mut Errors) {
    match object.text(key) {
        "" => errors.required(path.child(key), ""),
        value if allowed.contains(&value) => {}
        value => errors.not_supported(path.child(key), value, allowed),
    }
}

/// A count, or a percentage: not negative (`ValidatePositiveIntOrPercent`).
pub(crate) fn count_or_percent(value: &Value, path: &Path<'_>, errors: &mut Errors) {
    match value {
        Value::String(text) if percent(value).is_none() => {
            let words = "a valid percent string must be a numeric string followed by an ending '%'";
            errors.invalid(path, text, names::regex_error(words, "[0-9]+%", &["1%", "93%"]));
        }
        _ => {
            if let Some(number) = value.as_i64().filter(|n| *n < 0) {
                errors.invalid(path, number, "must be greater than or equal to 0");
            }
        }
    }
}

/// No more than all of them (`IsNotMoreThan100Percent`).
pub(crate) fn at_most_all(value: &Value, path: &Path<'_>, errors: &mut Errors) {
    if percent(value).is_some_and(|p| p > 100) {
        errors.invalid(path, value, "must not be greater than 100%");
    }
}

/// The number before the percent sign.
pub(crate) fn percent(value: &Value) -> Option<u64> {
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

/// Checks the counters of a status: none is negative, and some may not exceed another one.
pub(crate) fn counters(status: &Value, keys: &[&str], bounds: &[(&str, &str, &str)], errors: &mut Errors) {
    let path = Path::new("status");
    for key in keys {
        nonnegative(status, &path, key, errors);
    }
    let count = |key| status.at(key).as_i64().unwrap_or_default();
    for (key, most, name) in bounds {
        if count(key) > count(most) {
            let detail = format!("cannot be greater than {name}");
            errors.invalid(path.child(key), count(key), detail);
        }
    }
}
