//! Validating and mutating admission policies (`pkg/apis/admissionregistration`).
//!
//! Structure only: what the expressions say is compiled elsewhere.

use super::Rules;
use super::admission_rules::{
    FAILURE_POLICIES, REINVOCATION_POLICIES, default_match, match_conditions, match_resources, one_of,
};
use super::strategy::spec_with_generation;
use crate::api::field::Errors;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::Value;

/// Rules of policies that only look.
pub const VALIDATING: Rules = Rules {
    unconditional_update: false,
    core_finalizers: false,
    defaults,
    prepare: spec_with_generation,
    validate: validate_validating,
    whole_update: true,
    ..Rules::PLAIN
};

/// Rules of policies that change what they see.
pub const MUTATING: Rules = Rules {
    validate: validate_mutating,
    ..VALIDATING
};

fn defaults(policy: &mut Value, _: Version) {
    policy.set_default("spec.failurePolicy", "Fail");
    default_match(policy, "spec.matchConstraints");
}

/// What both kinds share: parameters, constraints, conditions, variables.
fn validate_shared(spec: &Value, errors: &mut Errors) {
    one_of(spec, "failurePolicy", "spec", &FAILURE_POLICIES, false, errors);
    if spec.has("paramKind") {
        for key in ["apiVersion", "kind"] {
            if spec.at("paramKind").text(key).is_empty() {
                errors.required(format_args!("spec.paramKind.{key}"), "");
            }
        }
    }
    let path = "spec.matchConstraints";
    if spec.has("matchConstraints") {
        match_resources(spec.at("matchConstraints"), path, errors);
        if spec.list("matchConstraints.resourceRules").is_empty() {
            errors.required(format_args!("{path}.resourceRules"), "");
        }
    } else {
        errors.required(path, "");
    }
    match_conditions(spec.list("matchConditions"), "spec.matchConditions", errors);
    for (i, variable) in spec.list("variables").iter().enumerate() {
        for (key, detail) in [
            ("name", "name is not specified"),
            ("expression", "expression is not specified"),
        ] {
            if variable.text(key).trim().is_empty() {
                errors.required(format_args!("spec.variables[{i}].{key}"), detail);
            }
        }
    }
}

fn validate_validating(policy: &Value, errors: &mut Errors) {
    let spec = policy.at("spec");
    validate_shared(spec, errors);
    let (validations, annotations) = (spec.list("validations"), spec.list("auditAnnotations"));
    if validations.is_empty() && annotations.is_empty() {
        let detail = "validations or auditAnnotations must contain at least one item";
        errors.required("spec.validations", detail);
        errors.required("spec.auditAnnotations", detail);
    }
    for (i, validation) in validations.iter().enumerate() {
        validate_validation(validation, &format!("spec.validations[{i}]"), errors);
    }
    for (i, annotation) in annotations.iter().enumerate() {
        let path = format!("spec.auditAnnotations[{i}]");
        for key in ["key", "valueExpression"] {
            if annotation.text(key).trim().is_empty() {
                errors.required(
                    format_args!("{path}.{key}"),
                    format_args!("{key} is not specified"),
                );
            }
        }
    }
}

fn validate_validation(validation: &Value, path: &str, errors: &mut Errors) {
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
    } else if message.trim().contains('\n') {
        let detail = "message must not contain line breaks";
        errors.invalid(format_args!("{path}.message"), message, detail);
    }
    let reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];
    one_of(validation, "reason", path, &reasons, true, errors);
}

fn validate_mutating(policy: &Value, errors: &mut Errors) {
    let spec = policy.at("spec");
    validate_shared(spec, errors);
    let mutations = spec.list("mutations");
    if mutations.is_empty() {
        errors.required("spec.mutations", "mutations must contain at least one item");
    }
    for (i, mutation) in mutations.iter().enumerate() {
        validate_mutation(mutation, &format!("spec.mutations[{i}]"), errors);
    }
    one_of(
        spec,
        "reinvocationPolicy",
        "spec",
        &REINVOCATION_POLICIES,
        false,
        errors,
    );
}

fn validate_mutation(mutation: &Value, path: &str, errors: &mut Errors) {
    let (key, other) = match mutation.text("patchType") {
        "JSONPatch" => ("jsonPatch", "applyConfiguration"),
        "ApplyConfiguration" => ("applyConfiguration", "jsonPatch"),
        "" => return errors.required(format_args!("{path}.patchType"), ""),
        kind => {
            let kinds = ["ApplyConfiguration", "JSONPatch"];
            return errors.not_supported(format_args!("{path}.patchType"), kind, &kinds);
        }
    };
    if !mutation.has(key) {
        let detail = format!(
            "must be specified when patchType is {}",
            mutation.text("patchType")
        );
        errors.required(format_args!("{path}.{key}"), detail);
    } else if mutation.at(key).text("expression").trim().is_empty() {
        let detail = "expression is not specified";
        errors.required(format_args!("{path}.{key}.expression"), detail);
    }
    if mutation.has(other) {
        let detail = format!(
            "must not be specified when patchType is {}",
            mutation.text("patchType")
        );
        errors.invalid(format_args!("{path}.{other}"), "{}", detail);
    }
}
