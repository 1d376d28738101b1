//! Rules, compiled (`cel.Compile`).

use super::declare::Declared;
use super::path;
use crate::api::Version;
use crate::api::structural::{Rule, Structural};
use crate::cel::{Env, Program, Type};

/// A rule that was compiled.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) rule: Rule,
    /// The expression, or what is wrong with it; none if it is empty.
    pub(super) program: Option<Result<Program, String>>,
    /// The expression for what is told, or what is wrong with it; none if it is empty, or the rule is wrong.
    pub(super) message: Option<Result<Program, String>>,
    /// The field that an error is about, as errors write it.
    pub(super) field: String,
}

impl Compiled {
    /// Whether the rule holds a value against the one before.
    pub(super) fn is_transition(&self) -> bool {
        matches!(&self.program, Some(Ok(program)) if program.uses("oldSelf"))
    }

    /// Whether there need not have been a value before.
    pub(super) fn takes_none(&self) -> bool {
        self.rule.optional_old_self == Some(true)
    }
}

/// Compiles the rules of a schema, of which a definition has those that `is_stored` says already.
pub(super) fn compile(
    schema: &Structural,
    declared: &Declared,
    version: Version,
    is_stored: &dyn Fn(&str) -> bool,
) -> Vec<Compiled> {
    let env = |rule: &Rule, expression: &str| {
        let env = Env::new(version).with("self", declared.of.clone());
        let old = match rule.optional_old_self {
            Some(true) => Type::Optional(Box::new(declared.of.clone())),
            Some(false) | None => declared.of.clone(),
        };
        let env = env.with("oldSelf", old);
        if is_stored(expression) { env } else { env.compatible() }
    };
    let compiled = |rule: &Rule| {
        let program = (!rule.rule.trim().is_empty()).then(|| {
            let program = env(rule, &rule.rule)
                .compile(&rule.rule)
                .map_err(|why| format!("compilation failed: {why}"))?;
            match program.output() {
                Type::Bool => Ok(program),
                _ => Err("cel expression must evaluate to a bool".to_owned()),
            }
        });
        let wanted = !rule.message_expression.is_empty() && matches!(program, Some(Ok(_)));
        let message = wanted.then(|| {
            let program = env(rule, &rule.message_expression)
                .compile(&rule.message_expression)
                .map_err(|why| format!("messageExpression compilation failed: {why}"))?;
            match program.output() {
                Type::String => Ok(program),
                _ => Err("messageExpression must evaluate to a string".to_owned()),
            }
        });
        let field = path::normalized(&rule.field_path, schema).unwrap_or_default();
        Compiled { rule: rule.clone(), program, message, field }
    };
    schema.rules.iter().map(compiled).collect()
}
