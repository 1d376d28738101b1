//! The Common Expression Language, as admission policies speak it (`cel-go`, `apiserver/pkg/cel`).
//!
//! The grammar is the `cel` crate's, a port of cel-go's. What an expression means is here: [`Env`] says which names it may
//! use, [`Env::compile`] gives it a type or the errors that a server tells, [`Program::eval`] its value or the error.
//! [`library`] has the functions, one table for both.
//!
//! # Differs from Kubernetes
//!
//! Maps are walked in the order of their keys, where a real server's order is by chance. What doubles with each step (a chain
//! of `optMap`, a map of maps that are key and value) is refused in words of our own, where a real server follows it until it
//! has no memory left.

mod check;
mod compile;
mod cost;
mod declared;
mod depth;
mod env;
mod eval;
pub(crate) mod library;
mod macros;
mod opaque;
mod plan;
mod selects;
mod types;
mod unify;
mod validators;
mod value;

pub(crate) use cost::{CALL_COST_MAX, Extent};
pub(crate) use env::Env;
pub(crate) use eval::COST_EXCEEDED;
pub(crate) use types::{Object, Type};
pub(crate) use value::{Key, Keys, List, Val, text_of};

use crate::api::{Attributes, Decision, Version};
use cel::IdedExpr;
use check::Checked;
use depth::Depth;
use plan::Constants;

/// What an expression sees when it is evaluated.
pub(crate) trait Activation {
    /// The value of a name (`object`, `variables.x`), if it is one.
    fn variable(&self, name: &str) -> Option<Result<Val, String>>;

    /// What the authorizer says.
    fn authorize(&self, attributes: &Attributes) -> (Decision, String);
}

/// An expression that compiled.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    expr: IdedExpr,
    checked: Checked,
    /// What is known before it is evaluated, or why it can't ever be.
    planned: Result<Constants, String>,
    depth: Depth,
    version: Version,
}

impl Program {
    /// The type of its value.
    pub(crate) fn output(&self) -> &Type {
        &self.checked.output
    }

    /// Whether it speaks of a variable.
    pub(crate) fn uses(&self, variable: &str) -> bool {
        self.checked.used.contains(variable)
    }

    /// Why it can't be evaluated, though it compiles: a constant that can't be converted.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.planned.as_ref().err().map(String::as_str)
    }

    /// Its value, or the error.
    pub(crate) fn eval(&self, activation: &dyn Activation) -> Result<Val, String> {
        self.run(activation).0
    }

    /// Its value or the error, and what it cost.
    pub(crate) fn run(&self, activation: &dyn Activation) -> (Result<Val, String>, u64) {
        match &self.planned {
            Ok(constants) => {
                self.depth.with_stack(|| eval::eval(&self.expr, constants, activation, self.version))
            }
            Err(why) => (Err(why.clone()), 0),
        }
    }

    /// What it costs at most, where variables are of this extent.
    pub(crate) fn most(&self, extent: &Extent) -> u64 {
        self.depth.with_stack(|| cost::most(&self.expr, &self.checked.types, extent, self.version))
    }
}

/// The dotted name that an expression spells, if it spells one.
fn qualified(expr: &IdedExpr) -> Option<String> {
    match &expr.expr {
        cel::common::ast::Expr::Ident(name) => Some(name.clone()),
        cel::common::ast::Expr::Select(select) if !select.test => {
            Some(format!("{}.{}", qualified(&select.operand)?, select.field))
        }
        _ => None,
    }
}

/// The name under which objects have a field whose own is a reserved word, which newer expressions need not know.
fn reserved(word: &str) -> String {
    format!("__{word}__")
}

/// The first part of a dotted name.
fn root(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests;
