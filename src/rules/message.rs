//! What is told of a broken rule: an expression's text, where it gives one that is fit to be told
//! (`evalMessageExpression`).

use crate::api::field::quote;
use crate::api::structural::Rule;
use crate::cel::{Activation, COST_EXCEEDED, Program, Val};

/// No text is longer, in bytes (`MaxEvaluatedMessageExpressionSizeBytes`).
const BYTES_MAX: usize = 5 * 1024;

/// What became of an expression for a message.
pub(super) enum Told {
    /// It is told.
    Text(String),
    /// It is not fit to be told: the rule's own message is.
    Unfit,
    /// It was too dear, and no rule is evaluated any more.
    Stop(String),
}

/// Evaluates an expression for a message, with what is left of the budget.
pub(super) fn evaluate(
    program: &Program,
    rule: &Rule,
    activation: &dyn Activation,
    budget: &mut u64,
) -> Told {
    let (outcome, cost) = program.run(activation);
    let Some(left) = budget.checked_sub(cost) else {
        let why = "messageExpression evaluation failed due to running out of cost budget, no further validation \
                   rules will be run";
        return Told::Stop(why.to_owned());
    };
    *budget = left;
    match outcome {
        Err(why) if why.starts_with(COST_EXCEEDED) => Told::Stop(format!(
            "no further validation rules will be run due to call cost exceeds limit for messageExpression: {}",
            quote(&rule.message_expression)
        )),
        Ok(Val::String(text)) => {
            let text = text.trim();
            match text.is_empty() || text.len() > BYTES_MAX || text.contains('\n') {
                true => Told::Unfit,
                false => Told::Text(text.to_owned()),
            }
        }
        Ok(_) | Err(_) => Told::Unfit,
    }
}

/// The message that a rule has by itself, or what it is.
pub(super) fn own(rule: &Rule) -> String {
    match rule.message.is_empty() {
        true => format!("failed rule: {}", rule.rule.trim()),
        false => rule.message.trim().to_owned(),
    }
}

/// What an error calls a rule.
pub(super) fn called(rule: &Rule) -> &str {
    if rule.message.is_empty() { rule.rule.trim() } else { rule.message.trim() }
}
