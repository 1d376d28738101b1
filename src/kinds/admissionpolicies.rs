//! Validating and mutating admission policies (`pkg/apis/admissionregistration`).
//!
//! Structure only: what the expressions say is compiled elsewhere.

use super::Kind;
use super::columns::{Columns, Print, age};
use super::parts::admission_rules::{
    FAILURE_POLICIES, REINVOCATION_POLICIES, default_match, match_conditions, match_resources,
    mutable_operations, one_of, param_kind,
};
use super::parts::strategy::spec_with_generation;
use crate::api::field::Errors;
use crate::api::names::qualified_name;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::Value;

const ANNOTATIONS_MAX: usize = 20;
const VALUE_BYTES_MAX: usize = 5 * 1024;

/// The row of policies that only look.
pub(super) const VALIDATING: Kind = Kind {
    unconditional_update: false,
    core_finalizers: false,
    defaults,
    prepare: spec_with_generation,
    validate: validate_validating,
    whole_update: true,
    columns: &[Columns::new("Name|Validations#|ParamKind|Age", row)],
    ..Kind::plain("admissionregistration.k8s.io", "validatingadmissionpolicies")
};

/// The row of policies that change what they see.
pub(super) const MUTATING: Kind = Kind {
    plural: "mutatingadmissionpolicies",
    validate: validate_mutating,
    columns: &[Columns::new("Name|Mutations#|ParamKind|Age", row)],
    ..VALIDATING
};

fn defaults(policy: &mut Value, _: Version) {
    policy.set_default("spec.failurePolicy", "Fail");
    default_match(policy, "spec.matchConstraints");
}

/// What both kinds share: parameters, constraints, conditions, variables.
fn validate_shared(spec: &Value, mutates: bool, errors: &Errors) {
    one_of(spec, "failurePolicy", "spec", &FAILURE_POLICIES, false, errors);
    if spec.has("paramKind") {
        param_kind(spec.at("paramKind"), "spec.paramKind", errors);
    }
    let (path, constraints) = ("spec.matchConstraints", spec.at("matchConstraints"));
    if constraints.is_null() {
        errors.required(path, "");
    } else {
        match_resources(constraints, path, errors);
        if constraints.list("resourceRules").is_empty() {
            errors.required(format_args!("{path}.resourceRules"), "");
        }
    }
    if mutates {
        mutable_operations(constraints, path, errors);
    }
    match_conditions(spec.list("matchConditions"), "spec.matchConditions", errors);
    for (i, variable) in spec.list("variables").iter().enumerate() {
        validate_variable(variable, &format!("spec.variables[{i}]"), errors);
    }
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

fn validate_variable(variable: &Value, path: &str, errors: &Errors) {
    let name = variable.text("name");
    if name.trim().is_empty() {
        errors.required(format_args!("{path}.name"), "name is not specified");
    } else if !is_identifier(name) {
        let detail = "name is not a valid CEL identifier";
        errors.invalid(format_args!("{path}.name"), name, detail);
    }
    if variable.text("expression").trim().is_empty() {
        errors.required(format_args!("{path}.expression"), "expression is not specified");
    }
}

fn validate_validating(policy: &Value, errors: &Errors) {
    let spec = policy.at("spec");
    validate_shared(spec, false, errors);
    let (validations, annotations) = (spec.list("validations"), spec.list("auditAnnotations"));
    if validations.is_empty() && annotations.is_empty() {
        let detail = "validations or auditAnnotations must contain at least one item";
        errors.required("spec.validations", detail);
        errors.required("spec.auditAnnotations", detail);
    }
    for (i, validation) in validations.iter().enumerate() {
        validate_validation(validation, &format!("spec.validations[{i}]"), errors);
    }
    if annotations.len() > ANNOTATIONS_MAX {
        let detail = format!("must not have more than {ANNOTATIONS_MAX} auditAnnotations");
        errors.invalid("spec.auditAnnotations", spec.at("auditAnnotations"), detail);
    }
    for (i, annotation) in annotations.iter().enumerate() {
        let path = format!("spec.auditAnnotations[{i}]");
        validate_annotation(policy.name(), annotation, &path, errors);
        let key = annotation.text("key");
        if annotations.iter().take(i).any(|other| other.text("key") == key) {
            errors.duplicate(format_args!("{path}.key"), key);
        }
    }
}

/// A key becomes, behind the policy's name, that of an audit event's annotation.
fn validate_annotation(policy: &str, annotation: &Value, path: &str, errors: &Errors) {
    let key = annotation.text("key");
    if policy.is_empty() {
        errors.invalid(format_args!("{path}.key"), key, "requires metadata.name be non-empty");
    } else {
        let whole = format!("{policy}/{key}");
        let wrong = qualified_name(&whole, errors.version());
        errors.invalid_each(format_args!("{path}.key"), &whole, wrong);
    }
    let path = format!("{path}.valueExpression");
    match annotation.text("valueExpression").trim() {
        "" => errors.required(path, "valueExpression is not specified"),
        long if long.len() > VALUE_BYTES_MAX => {
            errors.required(path, format_args!("must not exceed {VALUE_BYTES_MAX} bytes in length"));
        }
        _ => {}
    }
}

fn validate_validation(validation: &Value, path: &str, errors: &Errors) {
    let (message, by_expression) = (validation.text("message"), validation.text("messageExpression"));
    if validation.text("expression").trim().is_empty() {
        errors.required(format_args!("{path}.expression"), "expression is not specified");
    }
    if !by_expression.is_empty() && by_expression.trim().is_empty() {
        let detail = "must be non-empty if specified";
        errors.invalid(format_args!("{path}.messageExpression"), by_expression, detail);
    }
    if !message.is_empty() && message.trim().is_empty() {
        let detail = "message must be non-empty if specified";
        errors.invalid(format_args!("{path}.message"), message, detail);
    } else if message.trim().contains(['\n', '\r']) {
        let detail = "message must not contain line breaks";
        errors.invalid(format_args!("{path}.message"), message, detail);
    }
    let reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];
    one_of(validation, "reason", path, &reasons, true, errors);
}

fn validate_mutating(policy: &Value, errors: &Errors) {
    let spec = policy.at("spec");
    validate_shared(spec, true, errors);
    let mutations = spec.list("mutations");
    if mutations.is_empty() {
        errors.required("spec.mutations", "mutations must contain at least one item");
    }
    for (i, mutation) in mutations.iter().enumerate() {
        validate_mutation(mutation, &format!("spec.mutations[{i}]"), errors);
    }
    one_of(spec, "reinvocationPolicy", "spec", &REINVOCATION_POLICIES, false, errors);
}

fn validate_mutation(mutation: &Value, path: &str, errors: &Errors) {
    let kind = mutation.text("patchType");
    let (key, other) = match kind {
        "JSONPatch" => ("jsonPatch", "applyConfiguration"),
        "ApplyConfiguration" => ("applyConfiguration", "jsonPatch"),
        _ => {
            let kinds = ["ApplyConfiguration", "JSONPatch"];
            return one_of(mutation, "patchType", path, &kinds, false, errors);
        }
    };
    if !mutation.has(key) {
        let detail = format!("must be specified when patchType is {kind}");
        errors.required(format_args!("{path}.{key}"), detail);
    } else if mutation.at(key).text("expression").trim().is_empty() {
        errors.required(format_args!("{path}.{key}.expression"), "");
    }
    if mutation.has(other) {
        let detail = format!("must not be specified when patchType is {kind}");
        errors.invalid(format_args!("{path}.{other}"), format!("{{{other}}}"), detail);
    }
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let rules = object.list("spec.validations").len() + object.list("spec.mutations").len();
    let of = object.at("spec.paramKind");
    let kind = match of.is_null() {
        true => "<unset>".to_owned(),
        false => format!("{}/{}", of.text("apiVersion"), of.text("kind")),
    };
    vec![object.name().into(), rules.into(), kind.into(), age(object, print)]
}
