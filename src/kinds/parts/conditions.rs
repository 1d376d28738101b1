//! Conditions of a status (`apimachinery/pkg/apis/meta/v1/validation`: `ValidateConditions`).

use crate::api::names::{qualified_name, regex_error};
use crate::kinds::field::Field;

const STATUSES: [&str; 3] = ["False", "True", "Unknown"];
const REASON_MAX: usize = 1024;
const MESSAGE_MAX: usize = 32 * 1024;

/// Checks a list of conditions.
pub(crate) fn validate(list: Field<'_>) {
    for (i, condition) in list.items("").enumerate() {
        let kind = condition.string("type");
        if list.list("").iter().take(i).any(|other| other.get("type") == condition.value.get("type")) {
            kind.duplicate();
        }
        kind.invalid_each(qualified_name(kind.text(""), kind.version()));
        let status = condition.string("status");
        if !STATUSES.contains(&status.text("")) {
            status.not_supported(&STATUSES);
        }
        let generation = condition.child("observedGeneration");
        if generation.number("").is_some_and(|number| number < 0) {
            generation.invalid("must be greater than or equal to zero");
        }
        if !condition.has("lastTransitionTime") {
            condition.child("lastTransitionTime").required("must be set");
        }
        reason(condition.child("reason"));
        let message = condition.child("message");
        if message.text("").len() > MESSAGE_MAX {
            message.errors.too_long(message.path, MESSAGE_MAX);
        }
    }
}

fn reason(reason: Field<'_>) {
    let text = reason.text("");
    if text.is_empty() {
        return reason.required("must be set");
    }
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    let ends = text.bytes().next_back().is_some_and(word);
    if !(begins && ends && text.bytes().all(|b| word(b) || matches!(b, b',' | b':'))) {
        let words = "a condition reason must start with alphabetic character, optionally followed by a string of \
                     alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
        let examples = ["my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"];
        reason.invalid(regex_error(words, "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?", &examples));
    }
    if text.len() > REASON_MAX {
        reason.errors.too_long(reason.path, REASON_MAX);
    }
}
