//! The rules of a schema in CEL (`x-kubernetes-validations`), as far as they are text: what they say, not whether it
//! compiles and what it costs. Expressions are compiled where CEL is known, as those of admission policies are
//! (`pipeline/validate.rs`), and only those of schemas without an error of their own.

use super::field_path::field_path;
use crate::api::differences::WORDS_WITHOUT_FIELD;
use crate::kinds::field::Field;

const REASONS: [&str; 4] =
    ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/// Checks the rules of a part of a schema.
pub(super) fn validate(schema: Field<'_>) {
    for rule in schema.items("x-kubernetes-validations") {
        rule_and_message(rule);
        let expression = rule.child("messageExpression");
        if is_blank(expression.text("")) {
            expression.required(named(expression, "messageExpression", "must be non-empty if specified"));
        }
        rule.child("reason").one_of_if_set(&REASONS);
        let path = rule.child("fieldPath");
        let text = path.text("");
        if is_blank(text) {
            path.invalid(named(path, "fieldPath", "must be non-empty if specified"));
        }
        if text.contains(['\n', '\r']) {
            path.invalid(named(path, "fieldPath", "must not contain line breaks"));
        }
        if !text.is_empty() && field_path(text, schema.value, true).is_err() {
            path.invalid(named(path, "fieldPath", "must be a valid path"));
        }
    }
}

fn rule_and_message(rule: Field<'_>) {
    let (expression, message) = (rule.text("rule").trim(), rule.child("message"));
    if expression.is_empty() {
        rule.child("rule").required("rule is not specified");
    } else if is_blank(message.text("")) {
        message.invalid(named(message, "message", "must be non-empty if specified"));
    } else if message.text("").trim().contains(['\n', '\r']) {
        message.invalid(named(message, "message", "must not contain line breaks"));
    } else if expression.contains(['\n', '\r']) && message.text("").is_empty() {
        message.required("message must be specified if rule contains line breaks");
    }
}

fn is_blank(text: &str) -> bool {
    !text.is_empty() && text.trim().is_empty()
}

/// Words, after the field's name in releases that repeat it.
fn named(field: Field<'_>, name: &str, words: &str) -> String {
    if field.version().has(WORDS_WITHOUT_FIELD) { words.to_owned() } else { format!("{name} {words}") }
}
