//! The Common Expression Language, as admission policies speak it (`cel-go`, `apiserver/pkg/cel`).
//!
//! The grammar is the `cel` crate's, a port of cel-go's. What an expression means is here: [`Env`] says which names it may
//! use, [`Env::compile`] gives it a type or the errors that a server tells, [`Program::eval`] its value or the error.
//! [`library`] has the functions, one table for both.
//!
//! # Differs from Kubernetes
//!
//! Maps are walked in the order of their keys, where a real server's order is by chance. Types are inferred forwards
//! only: cel-go's inference through type parameters that are bound later (an empty list's) is done where literals, `+`
//! and `?:` need it. What macros over two variables and over optional values cost is counted roughly ([`cost`]). The
//! image library is missing.

mod check;
mod cost;
mod declared;
mod env;
mod eval;
mod forms;
pub(crate) mod library;
mod opaque;
mod types;
mod value;

pub(crate) use cost::{CALL_COST_MAX, Extent};
pub(crate) use env::Env;
pub(crate) use eval::COST_EXCEEDED;
pub(crate) use types::{Object, Type};
pub(crate) use value::{Key, Keys, List, Val};

use crate::api::{Attributes, Decision};
use cel::IdedExpr;
use check::Checked;

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
    minor: u8,
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

    /// Its value, or the error.
    pub(crate) fn eval(&self, activation: &dyn Activation) -> Result<Val, String> {
        self.run(activation).0
    }

    /// Its value or the error, and what it cost.
    pub(crate) fn run(&self, activation: &dyn Activation) -> (Result<Val, String>, u64) {
        eval::eval(&self.expr, activation, self.minor)
    }

    /// What it costs at most, where variables are of this extent.
    pub(crate) fn most(&self, extent: &Extent) -> u64 {
        cost::most(&self.expr, &self.checked.types, extent)
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
