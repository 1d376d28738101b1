//! Whether an expression looks at a field of a variable (`apiserver/validation.hasSelectExp`).

use super::Program;
use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr, LiteralValue};

impl Program {
    /// Whether it selects a field of a variable anywhere: `claims.email`, `claims.?email`, `has(claims.email)`.
    pub(crate) fn selects(&self, variable: &str, field: &str) -> bool {
        self.depth.with_stack(|| selects(&self.expr, variable, field))
    }
}

fn selects(expr: &IdedExpr, variable: &str, field: &str) -> bool {
    let is_variable = |expr: &IdedExpr| matches!(&expr.expr, Expr::Ident(name) if name == variable);
    let is_field = |expr: &IdedExpr| matches!(&expr.expr, Expr::Literal(LiteralValue::String(name)) if name.inner() == field);
    let within = |expr: &IdedExpr| selects(expr, variable, field);
    match &expr.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => false,
        Expr::Select(select) => {
            is_variable(&select.operand) && select.field == field || within(&select.operand)
        }
        Expr::Call(call) => {
            let optional = match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
                ("_?._", None, [operand, name]) => is_variable(operand) && is_field(name),
                _ => false,
            };
            optional || call.target.as_deref().into_iter().chain(&call.args).any(within)
        }
        Expr::List(list) => list.elements.iter().any(within),
        Expr::Map(map) => map.entries.iter().any(|entry| of_entry(&entry.expr, &within)),
        Expr::Struct(of) => of.entries.iter().any(|entry| of_entry(&entry.expr, &within)),
        Expr::Comprehension(of) => {
            [&of.iter_range, &of.accu_init, &of.loop_cond, &of.loop_step, &of.result].into_iter().any(within)
        }
    }
}

fn of_entry(entry: &EntryExpr, within: &dyn Fn(&IdedExpr) -> bool) -> bool {
    match entry {
        EntryExpr::StructField(field) => within(&field.value),
        EntryExpr::MapEntry(entry) => within(&entry.key) || within(&entry.value),
    }
}
