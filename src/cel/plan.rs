//! What is known of an expression before it is evaluated: its constants, and what is made of them
//! (`cel-go/interpreter/optimizations`). A constant costs nothing.

use super::check::Types;
use super::library;
use super::types::Type;
use super::value::{Key, Val};
use crate::api::Version;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, LiteralValue};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The values of the parts of an expression that are constants, by their ids.
pub(super) type Constants = BTreeMap<u64, Val>;

/// The functions that are called at once where they are given a constant.
const CONVERSIONS: [&str; 10] =
    ["bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"];

/// The constants of an expression of these types; or why it can't be evaluated at all.
pub(super) fn constants(expr: &IdedExpr, types: &Types, version: Version) -> Result<Constants, String> {
    let mut plan = Plan { types, version, known: BTreeMap::new() };
    plan.visit(expr)?;
    Ok(plan.known)
}

struct Plan<'a> {
    types: &'a Types,
    version: Version,
    known: Constants,
}

impl Plan<'_> {
    fn visit(&mut self, expr: &IdedExpr) -> Result<(), String> {
        let constant = match &expr.expr {
            Expr::Unspecified | Expr::Ident(_) => None,
            Expr::Literal(literal) => Some(literal_value(literal)),
            Expr::Select(select) => {
                if let Some(Type::Meta(of)) = self.types.get(&expr.id)
                    && let Type::Named(name) = &**of
                    && name.starts_with("google.protobuf.")
                {
                    return Err(format!("reference to undefined type: {name}"));
                }
                self.visit(&select.operand)?;
                None
            }
            Expr::Call(call) => self.call(call)?,
            Expr::List(list) => {
                for element in &list.elements {
                    self.visit(element)?;
                }
                let items: Option<Vec<Val>> =
                    list.elements.iter().map(|element| self.known.get(&element.id).cloned()).collect();
                items.filter(|_| list.optional_indices.is_empty()).map(Val::list)
            }
            Expr::Map(map) => {
                let mut entries = Some(BTreeMap::new());
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
                    self.visit(&entry.key)?;
                    self.visit(&entry.value)?;
                    let key = self.known.get(&entry.key.id).and_then(Key::of);
                    let value = self.known.get(&entry.value.id).cloned();
                    match (&mut entries, key, value) {
                        (Some(entries), Some(key), Some(value)) if !entry.optional => {
                            entries.insert(key, value);
                        }
                        (entries, ..) => *entries = None,
                    }
                }
                entries.map(|entries| Val::Map(Arc::new(entries)))
            }
            Expr::Struct(of) => {
                for entry in &of.entries {
                    if let EntryExpr::StructField(field) = &entry.expr {
                        self.visit(&field.value)?;
                    }
                }
                None
            }
            Expr::Comprehension(of) => {
                for part in [&of.accu_init, &of.iter_range, &of.loop_cond, &of.loop_step, &of.result] {
                    self.visit(part)?;
                }
                None
            }
        };
        if let Some(constant) = constant {
            self.known.insert(expr.id, constant);
        }
        Ok(())
    }

    fn call(&mut self, call: &CallExpr) -> Result<Option<Val>, String> {
        for part in call.target.as_deref().into_iter().chain(&call.args) {
            self.visit(part)?;
        }
        let ([arg], None) = (call.args.as_slice(), &call.target) else { return Ok(None) };
        match self.known.get(&arg.id) {
            Some(given) if CONVERSIONS.contains(&call.func_name.as_str()) => {
                library::converted(&call.func_name, given, self.version).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn literal_value(literal: &LiteralValue) -> Val {
    match literal {
        LiteralValue::Boolean(b) => Val::Bool(*b.inner()),
        LiteralValue::Bytes(b) => Val::Bytes(b.inner().into()),
        LiteralValue::Double(d) => Val::Double(*d.inner()),
        LiteralValue::Int(i) => Val::Int(*i.inner()),
        LiteralValue::Null => Val::Null,
        LiteralValue::String(s) => Val::text(s.inner()),
        LiteralValue::UInt(u) => Val::Uint(*u.inner()),
    }
}
