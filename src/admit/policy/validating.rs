//! ValidatingAdmissionPolicy: expressions that refuse (`policy/validating`).

use super::hook::{Hook, hooks, sees_any};
use super::sight::{BUDGET, Sight, Unable};
use crate::admit::{Cx, Outcome, Review, Run, Stop, Verdict};
use crate::api::field::{go_json, quote};
use crate::api::{Dig, Fact};
use crate::cel::{Type, Val};
use crate::json::{Value, json};

/// What the plugin does.
pub(crate) const VALIDATE: Run =
    Run { sees: |cx, review| sees_any(cx, review, POLICIES), validate: Some(validate), ..Run::NOTHING };

const POLICIES: &str = "validatingadmissionpolicies.admissionregistration.k8s.io";
const BINDINGS: &str = "validatingadmissionpolicybindings.admissionregistration.k8s.io";

/// Messages are no longer than this; longer ones are not told.
const MESSAGE_BYTES_MAX: usize = 5 * 1024;
/// Values of annotations are cut here.
const ANNOTATION_BYTES_MAX: usize = 10 * 1024;

/// A refusal: by which policy and binding, and why.
struct Denial {
    policy: String,
    binding: Option<String>,
    why: Failed,
}

/// Why a policy does not let something through.
#[derive(Clone)]
struct Failed {
    message: String,
    reason: String,
    /// The expression that is false; none where something could not be evaluated.
    expression: Option<String>,
}

impl Failed {
    /// It could not be evaluated.
    fn broken(message: String) -> Failed {
        Failed { message, reason: String::new(), expression: None }
    }
}

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let hooks = hooks(cx, review, POLICIES, BINDINGS)?;
    let mut denials = Vec::new();
    let mut told = Vec::new();
    for hook in &hooks {
        dispatch(cx, review, hook, &mut denials)?;
        told.push(hook.policy.name().to_owned());
    }
    match denials.first() {
        Some(denial) => Err(refusal(review, denial)),
        None if told.is_empty() => Ok(Verdict::Skipped),
        None => Ok(Verdict::Passed(format!("let through by {}", told.join(", ")))),
    }
}

fn refusal(review: &Review, denial: &Denial) -> Stop {
    let Denial { policy, binding, why: Failed { message, reason, expression } } = denial;
    let text = match binding {
        Some(binding) => {
            format!("ValidatingAdmissionPolicy '{policy}' with binding '{binding}' denied request: {message}")
        }
        None => format!("ValidatingAdmissionPolicy '{policy}' denied request: {message}"),
    };
    let (code, reason) = match reason.as_str() {
        "Forbidden" => (403, "Forbidden"),
        "RequestEntityTooLarge" => (413, "RequestEntityTooLarge"),
        _ => (422, "Invalid"),
    };
    let fact = Fact::Policy {
        kind: "ValidatingAdmissionPolicy".to_owned(),
        policy: policy.clone(),
        binding: binding.clone(),
        expression: expression.clone(),
    };
    let mut refusal = review.refusal(fact, &text);
    refusal.status.code = code;
    refusal.status.reason = reason.into();
    refusal.status.details["causes"] = json!([{"message": text}]);
    refusal.into()
}

/// Asks one policy, binding by binding and parameter by parameter.
fn dispatch(cx: &Cx<'_>, review: &mut Review, hook: &Hook, denials: &mut Vec<Denial>) -> Result<(), Stop> {
    let policy = &*hook.policy;
    let fails = policy.text("spec.failurePolicy") != "Ignore";
    let deny = |binding: Option<&Value>, why: Failed| Denial {
        policy: policy.name().to_owned(),
        binding: binding.map(|binding| binding.name().to_owned()),
        why,
    };
    if let Some(why) = &hook.broken {
        let why = Failed::broken(format!("failed to configure policy: {why}"));
        denials.extend(fails.then(|| deny(None, why)));
        return Ok(());
    }
    let mut annotations: Vec<(String, Vec<String>)> = Vec::new();
    for (binding, params) in &hook.bindings {
        let params = match params {
            Ok(params) => params,
            Err(why) => {
                let why = Failed::broken(format!("failed to configure binding: {why}"));
                denials.extend(fails.then(|| deny(Some(binding), why)));
                continue;
            }
        };
        let namespace = namespace_of(cx, review)?;
        for param in params {
            let mut sight = Sight::new(cx, review, policy, &hook.row, param.as_ref(), namespace.as_deref());
            let (decisions, goes_on) = match sight.conditions_hold(policy) {
                Ok(false) => continue,
                Ok(true) => match decisions(&sight, policy, fails) {
                    Ok(decisions) => (decisions, true),
                    Err(why) => (vec![fails.then(|| Failed::broken(why.to_string()))], false),
                },
                Err(why) => (vec![Some(Failed::broken(why))], true),
            };
            for (index, decision) in decisions.into_iter().enumerate() {
                let Some(failed) = decision else { continue };
                let message = &failed.message;
                for action in binding.list("spec.validationActions") {
                    match action.as_str().unwrap_or_default() {
                        "Deny" => denials.push(deny(Some(binding), failed.clone())),
                        "Warn" => review.warnings.push(format!(
                            "Validation failed for ValidatingAdmissionPolicy '{}' with binding '{}': {message}",
                            policy.name(),
                            binding.name()
                        )),
                        "Audit" => annotate_failure(review, binding, index, message),
                        _ => {}
                    }
                }
            }
            let (sight, mut left) = (sight.afresh(), BUDGET);
            for annotation in policy.list("spec.auditAnnotations").iter().filter(|_| goes_on) {
                match annotation_value(&sight, annotation, fails, &mut left) {
                    Ok(Some(value)) => collect(&mut annotations, annotation.text("key"), value),
                    Ok(None) => {}
                    Err(why) => denials.push(deny(Some(binding), Failed::broken(why))),
                }
            }
        }
    }
    for (key, values) in annotations {
        annotate(review, format!("{}/{key}", policy.name()), values.join(", "));
    }
    Ok(())
}

/// The namespace that a write is in; none for what is in none, and for a namespace itself.
pub(super) fn namespace_of(cx: &Cx<'_>, review: &Review) -> Result<Option<std::sync::Arc<Value>>, Stop> {
    let in_none = review.namespace().is_empty() || review.is_kind("", "Namespace");
    if in_none { Ok(None) } else { cx.namespace(review.namespace()).map(Some) }
}

/// What each validation comes to: nothing, or why it fails. None of them, where they cost too much.
fn decisions(sight: &Sight<'_>, policy: &Value, fails: bool) -> Result<Vec<Option<Failed>>, Unable> {
    let mut left = BUDGET;
    let validations = policy.list("spec.validations");
    let mut outcomes = Vec::new();
    for validation in validations {
        match sight.value(validation.text("expression"), &[Type::Bool], &mut left) {
            Ok(value) => outcomes.push(Ok(value == Val::Bool(true))),
            Err(Unable::Wrong(why)) => outcomes.push(Err(why)),
            Err(why @ Unable::OutOfBudget) => return Err(why),
        }
    }
    // What would be told is made up for all of them, whether they fail or not.
    let quiet = sight.quiet();
    let told = validations.iter().map(|validation| match validation.text("messageExpression") {
        "" => Ok(None),
        expression => match quiet.value(expression, &[Type::String], &mut left) {
            Ok(Val::String(text)) => Ok(Some(text.trim().to_owned())),
            Ok(_) | Err(Unable::Wrong(_)) => Ok(None),
            Err(why @ Unable::OutOfBudget) => Err(why),
        },
    });
    let told: Result<Vec<Option<String>>, Unable> = told.collect();
    let one = |(at, outcome): (usize, Result<bool, String>)| match (outcome, &told) {
        (Err(why), _) => fails.then(|| Failed::broken(why)),
        (_, Err(why)) => fails.then(|| Failed::broken(format!("failed messageExpression: {why}"))),
        (Ok(true), _) => None,
        (Ok(false), Ok(told)) => {
            let validation = &validations[at];
            Some(Failed {
                message: message(told[at].clone(), validation),
                reason: validation.text("reason").to_owned(),
                expression: Some(validation.text("expression").trim().to_owned()),
            })
        }
    };
    Ok(outcomes.into_iter().enumerate().map(one).collect())
}

/// What is told of a validation that fails: what messageExpression made of it, else `message`, else the expression.
fn message(by_expression: Option<String>, validation: &Value) -> String {
    let usable = |text: &String| !text.is_empty() && text.len() <= MESSAGE_BYTES_MAX && !text.contains('\n');
    match (by_expression.filter(usable), validation.text("message").trim()) {
        (Some(text), _) => text,
        (None, "") => format!("failed expression: {}", validation.text("expression").trim()),
        (None, text) => text.to_owned(),
    }
}

fn annotation_value(
    sight: &Sight<'_>,
    annotation: &Value,
    fails: bool,
    left: &mut u64,
) -> Result<Option<String>, String> {
    let expression = annotation.text("valueExpression").trim();
    match sight.value(expression, &[Type::String, Type::Null], left) {
        Ok(Val::String(text)) => {
            let mut text = text.trim().to_owned();
            while text.len() > ANNOTATION_BYTES_MAX {
                text.pop();
            }
            Ok(Some(text).filter(|text| !text.is_empty()))
        }
        Ok(_) => Ok(None),
        Err(why) if fails => Err(why.to_string()),
        Err(_) => Ok(None),
    }
}

fn collect(annotations: &mut Vec<(String, Vec<String>)>, key: &str, value: String) {
    match annotations.iter_mut().find(|(known, _)| known == key) {
        Some((_, values)) if values.contains(&value) => {}
        Some((_, values)) => values.push(value),
        None => annotations.push((key.to_owned(), vec![value])),
    }
}

/// An annotation of the audit event; the first one of a key stays.
fn annotate(review: &mut Review, key: String, value: String) {
    if !review.audit.iter().any(|(known, _)| *known == key) {
        review.audit.push((key, value));
    }
}

fn annotate_failure(review: &mut Review, binding: &Value, index: usize, message: &str) {
    let value = format!(
        r#"[{{"message":{},"policy":{},"binding":{},"expressionIndex":{index},"validationActions":{}}}]"#,
        go_json(&message.into()),
        quote(binding.text("spec.policyName")),
        quote(binding.name()),
        binding.at("spec.validationActions"),
    );
    annotate(review, "validation.policy.admission.k8s.io/validation_failure".to_owned(), value);
}
