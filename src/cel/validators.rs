//! What is told of an expression whose types are right: literals that can't be what they are made for, literals of
//! mixed types, formats that don't fit their arguments (`cel-go/cel/validator.go`, `ext.stringFormatValidator`).

use super::check::{Types, Wrong, shown};
use super::env::Env;
use super::library::{self, formatting};
use super::types::Type;
use crate::api::differences::LITERALS_VALIDATED;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, ListExpr, LiteralValue, MapExpr};

/// The first release that looks at literals.
const SINCE: u8 = 29;

/// What is wrong with which part of an expression.
pub(super) fn wrong(env: &Env, expr: &IdedExpr, types: &Types) -> Wrong {
    if !env.version.has(LITERALS_VALIDATED) {
        return Vec::new();
    }
    let mut validate = Validate { types, literals: env.minor() >= SINCE, wrong: Vec::new(), in_format: 0 };
    validate.visit(expr);
    validate.wrong
}

struct Validate<'a> {
    types: &'a Types,
    /// Whether texts that are made into something are looked at.
    literals: bool,
    wrong: Wrong,
    /// How many calls of `format` are around: literals in them may be of mixed types.
    in_format: usize,
}

impl Validate<'_> {
    fn of(&self, expr: &IdedExpr) -> &Type {
        self.types.get(&expr.id).unwrap_or(&Type::Dyn)
    }

    fn visit(&mut self, expr: &IdedExpr) {
        match &expr.expr {
            Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => {}
            Expr::Select(select) => self.visit(&select.operand),
            Expr::Call(call) => self.call(expr, call),
            Expr::List(list) => {
                self.mixed_list(list);
                list.elements.iter().for_each(|element| self.visit(element));
            }
            Expr::Map(map) => {
                self.mixed_map(map);
                for entry in &map.entries {
                    self.entry(&entry.expr);
                }
            }
            Expr::Struct(of) => of.entries.iter().for_each(|entry| self.entry(&entry.expr)),
            Expr::Comprehension(of) => {
                let parts = [&of.iter_range, &of.accu_init, &of.loop_cond, &of.loop_step, &of.result];
                parts.into_iter().for_each(|part| self.visit(part));
            }
        }
    }

    fn entry(&mut self, entry: &EntryExpr) {
        match entry {
            EntryExpr::StructField(field) => self.visit(&field.value),
            EntryExpr::MapEntry(entry) => {
                self.visit(&entry.key);
                self.visit(&entry.value);
            }
        }
    }

    fn call(&mut self, expr: &IdedExpr, call: &CallExpr) {
        let name = call.func_name.as_str();
        if let Some(literal) = call.args.first()
            && self.literals
            && !is_usable(name, literal)
        {
            self.wrong.push((literal.id, format!("invalid {name} argument")));
        }
        if name == "format" {
            self.formatted(expr.id, call);
            self.in_format += 1;
        }
        call.target.as_deref().into_iter().chain(&call.args).for_each(|part| self.visit(part));
        self.in_format -= usize::from(name == "format");
    }

    fn differs(&mut self, id: u64, wanted: &Type, given: &Type) {
        self.wrong.push((id, format!("expected type '{}' but found '{}'", shown(wanted), shown(given))));
    }

    /// The type of a member of a literal, which may not be there where it is `optional`.
    fn member(&self, expr: &IdedExpr, optional: bool) -> Type {
        match (optional, self.of(expr)) {
            (true, Type::Optional(of)) => (**of).clone(),
            (_, of) => of.clone(),
        }
    }

    fn mixed_list(&mut self, list: &ListExpr) {
        if self.in_format > 0 {
            return;
        }
        let given: Vec<(u64, Type)> = list
            .elements
            .iter()
            .enumerate()
            .map(|(at, element)| (element.id, self.member(element, list.optional_indices.contains(&at))))
            .collect();
        if let Some((_, first)) = given.first()
            && let Some((id, other)) = given.iter().find(|(_, of)| of != first)
        {
            self.differs(*id, first, other);
        }
    }

    fn mixed_map(&mut self, map: &MapExpr) {
        if self.in_format > 0 {
            return;
        }
        let mut first: Option<(Type, Type)> = None;
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let (key, value) = (self.of(&entry.key).clone(), self.member(&entry.value, entry.optional));
            match &first {
                None => first = Some((key, value)),
                Some((keys, values)) => {
                    if *keys != key {
                        self.differs(entry.key.id, &keys.clone(), &key);
                    }
                    if *values != value {
                        self.differs(entry.value.id, &values.clone(), &value);
                    }
                }
            }
        }
    }

    /// A literal format, held against the types of literal arguments.
    fn formatted(&mut self, id: u64, call: &CallExpr) {
        let (Some(target), [args]) = (call.target.as_deref(), call.args.as_slice()) else { return };
        let (Expr::Literal(LiteralValue::String(text)), Expr::List(args)) = (&target.expr, &args.expr) else {
            return;
        };
        let (mut wrong, mut asked, given) = (None, 0, args.elements.len());
        let found = formatting::filled(text.inner(), given, true, |index, clause| {
            asked += 1;
            match self.unfit(clause, &args.elements[index]) {
                None => Ok(String::new()),
                Some((id, why)) => {
                    wrong = Some(id);
                    Err(why)
                }
            }
        });
        match found {
            Err(why) => self.wrong.push((wrong.unwrap_or(id), why)),
            Ok(_) if given > asked => {
                let why =
                    format!("too many arguments supplied to string.format (expected {asked}, got {given})");
                self.wrong.push((id, why));
            }
            Ok(_) => {}
        }
    }

    /// Which part of an argument can't be written so, and why.
    fn unfit(&self, clause: &formatting::Clause, arg: &IdedExpr) -> Option<(u64, String)> {
        let of = self.of(arg);
        if !clause.takes(of) {
            return Some((arg.id, clause.refusal(&of.name())));
        }
        if !clause.is_text() {
            return None;
        }
        let parts: Vec<&IdedExpr> = match &arg.expr {
            Expr::List(list) => list.elements.iter().collect(),
            Expr::Map(map) => {
                let entries = map.entries.iter().filter_map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => Some([&entry.key, &entry.value]),
                    EntryExpr::StructField(_) => None,
                });
                entries.flatten().collect()
            }
            _ => Vec::new(),
        };
        parts.into_iter().find_map(|part| self.unfit(clause, part))
    }
}

/// Whether an argument is no literal, or one that a function takes.
fn is_usable(name: &str, arg: &IdedExpr) -> bool {
    match &arg.expr {
        Expr::Literal(LiteralValue::String(text)) => library::is_usable(name, text.inner()),
        Expr::Literal(LiteralValue::Int(number)) => library::is_usable_number(name, *number.inner()),
        _ => true,
    }
}
