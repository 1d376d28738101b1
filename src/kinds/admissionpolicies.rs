//! Validating and mutating admission policies (`pkg/apis/admissionregistration`).
//!
//! Structure only: what the expressions say is compiled elsewhere.

use super::Kind;
use super::columns::{AGE, Column, NAME, count, with};
use super::field::Field;
use super::parts::admission_rules::{
    FAILURE_POLICIES, REINVOCATION_POLICIES, default_match, match_conditions, match_resources,
    mutable_operations, one_of, param_kind, static_name,
};
use super::parts::strategy::spec_with_generation;
use crate::api::differences::WORDS_WITHOUT_FIELD;
use crate::api::names::qualified_name;
use crate::api::{Dig, Version};
use crate::json::Value;

const ANNOTATIONS_MAX: usize = 20;
const VALUE_BYTES_MAX: usize = 5 * 1024;

const PARAM_KIND: Column = with("ParamKind", |object, _| {
    let of = object.at("spec.paramKind");
    match of.is_null() {
        true => "<unset>".into(),
        false => format!("{}/{}", of.text("apiVersion"), of.text("kind")).into(),
    }
});

/// The row of policies that only look.
pub(super) const VALIDATING: Kind = Kind {
    unconditional_update: false,
    core_finalizers: false,
    defaults,
    prepare: spec_with_generation,
    validate: validate_validating,
    whole_update: true,
    warn: static_name,
    columns: &[NAME, count("Validations", "spec.validations"), PARAM_KIND, AGE],
    ..Kind::plain("admissionregistration.k8s.io", "validatingadmissionpolicies")
};

/// The row of policies that change what they see.
pub(super) const MUTATING: Kind = Kind {
    plural: "mutatingadmissionpolicies",
    validate: validate_mutating,
    columns: &[NAME, count("Mutations", "spec.mutations"), PARAM_KIND, AGE],
    ..VALIDATING
};

fn defaults(policy: &mut Value, _: Version) {
    policy.set_default("spec.failurePolicy", "Fail");
    default_match(policy, "spec.matchConstraints");
}

/// What both kinds share: parameters, constraints, conditions, variables.
fn validate_shared(spec: Field<'_>, mutates: bool) {
    one_of(spec.child("failurePolicy"), &FAILURE_POLICIES);
    if spec.has("paramKind") {
        param_kind(spec.child("paramKind"));
    }
    let constraints = spec.child("matchConstraints");
    if constraints.is_null() {
        constraints.required("");
    } else {
        match_resources(constraints);
        if constraints.list("resourceRules").is_empty() {
            constraints.child("resourceRules").required("");
        }
    }
    if mutates {
        mutable_operations(constraints);
    }
    match_conditions(spec.child("matchConditions"));
    spec.items("variables").for_each(validate_variable);
}

/// Words that name nothing in the expression language.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

fn is_identifier(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(word) && !name.starts_with(|c: char| c.is_ascii_digit()) && !RESERVED.contains(&name)
}

fn validate_variable(variable: Field<'_>) {
    let (field, name) = (variable.child("name"), variable.text("name"));
    if name.trim().is_empty() {
        field.required("name is not specified");
    } else if !is_identifier(name) {
        let after = field.version().has(WORDS_WITHOUT_FIELD);
        field.invalid(if after {
            "must be a valid CEL identifier"
        } else {
            "name is not a valid CEL identifier"
        });
    }
    has_expression(variable);
}

fn has_expression(of: Field<'_>) {
    if of.text("expression").trim().is_empty() {
        of.child("expression").required("expression is not specified");
    }
}

fn validate_validating(policy: Field<'_>) {
    let spec = policy.child("spec");
    validate_shared(spec, false);
    let (validations, annotations) = (spec.child("validations"), spec.child("auditAnnotations"));
    if validations.list("").is_empty() && annotations.list("").is_empty() {
        let detail = "validations or auditAnnotations must contain at least one item";
        validations.required(detail);
        annotations.required(detail);
    }
    validations.items("").for_each(validate_validation);
    if annotations.list("").len() > ANNOTATIONS_MAX {
        annotations.invalid(format_args!("must not have more than {ANNOTATIONS_MAX} auditAnnotations"));
    }
    let mut seen = Vec::new();
    for annotation in annotations.items("") {
        validate_annotation(policy.value.name(), annotation);
        let key = annotation.text("key");
        if seen.contains(&key) {
            annotation.child("key").duplicate();
        }
        seen.push(key);
    }
}

/// A key becomes, behind the policy's name, that of an audit event's annotation.
fn validate_annotation(policy: &str, annotation: Field<'_>) {
    let key = annotation.child("key");
    if policy.is_empty() {
        key.invalid_as(key.text(""), "requires metadata.name be non-empty");
    } else {
        let whole = format!("{policy}/{}", key.text(""));
        key.errors.invalid_each(key.path, &whole, qualified_name(&whole, key.version()));
    }
    let expression = annotation.child("valueExpression");
    match expression.text("").trim() {
        "" => expression.required("valueExpression is not specified"),
        long if long.len() > VALUE_BYTES_MAX => {
            expression.required(format_args!("must not exceed {VALUE_BYTES_MAX} bytes in length"));
        }
        _ => {}
    }
}

fn validate_validation(validation: Field<'_>) {
    has_expression(validation);
    let blank = |text: &str| !text.is_empty() && text.trim().is_empty();
    if blank(validation.text("messageExpression")) {
        validation.child("messageExpression").invalid("must be non-empty if specified");
    }
    let message = validation.child("message");
    if blank(message.text("")) {
        message.invalid("message must be non-empty if specified");
    } else if message.text("").trim().contains(['\n', '\r']) {
        let after = message.version().has(WORDS_WITHOUT_FIELD);
        message.invalid(if after {
            "must not contain line breaks"
        } else {
            "message must not contain line breaks"
        });
    }
    // Nobody is told to log in by a policy.
    let reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
    validation.child("reason").one_of_if_set(&reasons);
}

fn validate_mutating(policy: Field<'_>) {
    let spec = policy.child("spec");
    validate_shared(spec, true);
    if spec.list("mutations").is_empty() {
        spec.child("mutations").required("mutations must contain at least one item");
    }
    spec.items("mutations").for_each(validate_mutation);
    one_of(spec.child("reinvocationPolicy"), &REINVOCATION_POLICIES);
}

fn validate_mutation(mutation: Field<'_>) {
    let kind = mutation.text("patchType");
    let (key, other) = match kind {
        "JSONPatch" => ("jsonPatch", "applyConfiguration"),
        "ApplyConfiguration" => ("applyConfiguration", "jsonPatch"),
        _ => return one_of(mutation.child("patchType"), &["ApplyConfiguration", "JSONPatch"]),
    };
    let patch = mutation.child(key);
    if patch.is_null() {
        patch.required(format_args!("must be specified when patchType is {kind}"));
    } else if patch.text("expression").trim().is_empty() {
        patch.child("expression").required("");
    }
    if mutation.has(other) {
        let detail = format!("must not be specified when patchType is {kind}");
        mutation.child(other).invalid_as(format!("{{{other}}}"), detail);
    }
}
