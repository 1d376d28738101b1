//! Whether an expression compiles, of which type its value is, and what is told of one that does not (`cel-go/checker`).

use super::env::{Env, Field};
use super::forms::{Form, Kind, form};
use super::library::overloads;
use super::types::{Bindings, Type};
use super::{Program, library, qualified, reserved, root};
use crate::api::differences::UNDECLARED_ENDS;
use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, ListExpr, LiteralValue, MapExpr, SelectExpr, SourceInfo,
    StructExpr,
};
use cel::parser::Parser;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

impl Env {
    /// The expression with its type, or all that is wrong with it, as a server tells it.
    pub(crate) fn compile(&self, text: &str) -> Result<Program, String> {
        let parser = Parser::new()
            .enable_optional_syntax(self.minor() >= 28)
            .enable_ident_escape_syntax(self.minor() >= 33);
        let (expr, source) = parser.parse_with_source_info(text).map_err(|errors| {
            let list = errors.errors.iter().map(|error| {
                let place = (error.pos.0.max(1) as usize, error.pos.1.max(1) as usize);
                (place, error.msg.clone())
            });
            told(text, list.collect())
        })?;
        let (checked, wrong) = check(self, &expr);
        match wrong.is_empty() {
            true => Ok(Program { expr, checked, minor: self.version.number() }),
            false => {
                Err(told(text, wrong.into_iter().map(|(id, why)| (place(&source, text, id), why)).collect()))
            }
        }
    }
}

/// What is known of an expression before it is evaluated.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    /// The type of its value.
    pub(super) output: Type,
    /// The types of its parts, by their ids.
    pub(super) types: BTreeMap<u64, Type>,
    /// The variables that it speaks of.
    pub(super) used: BTreeSet<String>,
}

/// What is known of an expression, and what is wrong with which part of it.
fn check(env: &Env, expr: &IdedExpr) -> (Checked, Vec<(u64, String)>) {
    let mut check =
        Check { env, locals: Vec::new(), wrong: Vec::new(), types: BTreeMap::new(), used: BTreeSet::new() };
    let output = check.of(expr);
    let Check { wrong, types, used, .. } = check;
    (Checked { output, types, used }, wrong)
}

struct Check<'a> {
    env: &'a Env,
    locals: Vec<(String, Type)>,
    wrong: Vec<(u64, String)>,
    types: BTreeMap<u64, Type>,
    used: BTreeSet<String>,
}

impl Check<'_> {
    fn refuse(&mut self, id: u64, why: String) -> Type {
        self.wrong.push((id, why));
        Type::Dyn
    }

    fn undeclared(&mut self, id: u64, name: &str) -> Type {
        self.refuse(id, format!("undeclared reference to '{name}' (in container '')"))
    }

    fn of(&mut self, expr: &IdedExpr) -> Type {
        let of = self.kind(expr);
        self.types.insert(expr.id, of.clone());
        of
    }

    fn kind(&mut self, expr: &IdedExpr) -> Type {
        match &expr.expr {
            Expr::Unspecified => Type::Dyn,
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Type::Bool,
                LiteralValue::Bytes(_) => Type::Bytes,
                LiteralValue::Double(_) => Type::Double,
                LiteralValue::Int(_) => Type::Int,
                LiteralValue::Null => Type::Null,
                LiteralValue::String(_) => Type::String,
                LiteralValue::UInt(_) => Type::Uint,
            },
            Expr::Ident(name) => self.name(expr.id, name),
            Expr::Select(select) => self.select(expr, select),
            Expr::Call(call) => self.call(expr.id, call),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(map),
            Expr::Struct(of) => self.object(expr.id, of),
            Expr::Comprehension(of) => self.comprehension(of),
        }
    }

    fn local(&self, name: &str) -> Option<&Type> {
        self.locals.iter().rev().find(|(known, _)| known == name).map(|(_, of)| of)
    }

    fn name(&mut self, id: u64, name: &str) -> Type {
        if let Some(of) = self.local(name) {
            return of.clone();
        }
        if let Some(of) = self.env.variable(name) {
            self.used.insert(name.to_owned());
            return of.clone();
        }
        match Type::parse(name) {
            Type::Named(_) | Type::Param(_) => self.undeclared(id, name),
            of => Type::Meta(Box::new(of)),
        }
    }

    fn select(&mut self, expr: &IdedExpr, select: &SelectExpr) -> Type {
        if let (false, Some(name)) = (select.test, qualified(expr))
            && self.local(root(&name)).is_none()
            && root(&name) != "variables"
            && let Some(of) = self.env.variable(&name)
        {
            return of.clone();
        }
        let operand = self.of(&select.operand);
        let found = match &operand {
            Type::Optional(of) => Type::Optional(Box::new(self.field(expr.id, of, &select.field))),
            of => self.field(expr.id, of, &select.field),
        };
        if select.test { Type::Bool } else { found }
    }

    fn field(&mut self, id: u64, of: &Type, field: &str) -> Type {
        match of {
            Type::Dyn | Type::Param(_) => Type::Dyn,
            Type::Map(_, value) => (**value).clone(),
            Type::Named(name) => match self.env.field(name, field) {
                Field::Of(of) => of,
                Field::Undefined => self.refuse(id, format!("undefined field '{field}'")),
                Field::NoFields => {
                    self.refuse(id, format!("type '{}' does not support field selection", shown(of)))
                }
            },
            Type::Object(object) => {
                let reserved = || object.fields.get(&reserved(field)).filter(|_| self.env.minor() >= 31);
                match object.fields.get(field).or_else(reserved) {
                    Some(of) => of.clone(),
                    None => self.refuse(id, format!("undefined field '{field}'")),
                }
            }
            of => self.refuse(id, format!("type '{}' does not support field selection", shown(of))),
        }
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Type {
        if let Some(form) = form(call) {
            return self.form(id, &form);
        }
        let name = call.func_name.as_str();
        match (name, call.args.as_slice()) {
            ("_&&_" | "_||_", args) => {
                let mut given = Vec::new();
                for arg in args {
                    let of = self.of(arg);
                    if !of.is_dyn() && of != Type::Bool && of != Type::Untold {
                        self.refuse(arg.id, format!("expected type 'bool' but found '{}'", shown(&of)));
                    }
                    given.push(of);
                }
                match given.contains(&Type::Untold) {
                    true => self.no_match(id, name, false, &given),
                    false => Type::Bool,
                }
            }
            ("_?_:_", [condition, yes, no]) => {
                let given = [self.of(condition), self.of(yes), self.of(no)];
                let (mut bindings, param) = (Bindings::default(), Type::Param('A'));
                let fits = bindings.accept(&Type::Bool, &given[0])
                    && bindings.accept(&param, &given[1])
                    && bindings.accept(&param, &given[2]);
                match fits {
                    true if given[1].is_dyn() || given[2].is_dyn() => Type::Dyn,
                    true => bindings.fill(&param),
                    false => self.no_match(id, name, false, &given),
                }
            }
            ("_?._", [operand, field]) => {
                let operand = self.of(operand);
                let Expr::Literal(LiteralValue::String(field)) = &field.expr else { return Type::Dyn };
                let inner = match &operand {
                    Type::Optional(of) => (**of).clone(),
                    of => of.clone(),
                };
                Type::Optional(Box::new(self.field(id, &inner, field.inner())))
            }
            (name, args) => self.function(id, name, call.target.as_deref(), args),
        }
    }

    fn function(&mut self, id: u64, name: &str, target: Option<&IdedExpr>, args: &[IdedExpr]) -> Type {
        let minor = self.env.minor();
        let named = target.and_then(qualified).filter(|name| self.local(root(name)).is_none());
        if let Some(space) = named {
            let whole = format!("{space}.{name}");
            if overloads(&whole, false, minor).next().is_some() {
                let given: Vec<Type> = args.iter().map(|arg| self.of(arg)).collect();
                return self.resolve(id, &whole, false, &given);
            }
        }
        let before = self.wrong.len();
        let given: Vec<Type> = target.into_iter().chain(args).map(|arg| self.of(arg)).collect();
        let both = overloads(name, true, minor).chain(overloads(name, false, minor));
        if both.count() == 0 {
            let of = self.undeclared(id, name);
            let goes_on = target.is_some() && !self.env.version.has(UNDECLARED_ENDS);
            return if goes_on { Type::Untold } else { of };
        }
        if let (Some(last), 29..) = (args.last(), minor)
            && let Expr::Literal(LiteralValue::String(text)) = &last.expr
            && !library::is_usable(name, text.inner())
        {
            self.refuse(last.id, format!("invalid {name} argument"));
        }
        match self.wrong.len() == before || given.contains(&Type::Untold) {
            true => self.resolve(id, name, target.is_some(), &given),
            // What is wrong inside is told once.
            false => Type::Dyn,
        }
    }

    fn resolve(&mut self, id: u64, name: &str, member: bool, given: &[Type]) -> Type {
        let mut result: Option<Type> = None;
        for overload in overloads(name, member, self.env.minor()) {
            let mut bindings = Bindings::default();
            let fits = overload.takes.len() == given.len()
                && overload.takes.iter().zip(given).all(|(takes, given)| bindings.accept(takes, given))
                && (!COMPARISONS.contains(&name) || comparable(given));
            if fits {
                let gives = bindings.fill(&overload.gives);
                result = Some(match result {
                    Some(other) => other.join(gives),
                    None => gives,
                });
            }
        }
        let across = COMPARISONS.contains(&name) && given.iter().all(is_number) && self.env.minor() >= 28;
        match result {
            Some(of) => of,
            None if across => Type::Bool,
            None => self.no_match(id, name, member, given),
        }
    }

    fn no_match(&mut self, id: u64, name: &str, member: bool, given: &[Type]) -> Type {
        let types: Vec<String> = given.iter().map(shown).collect();
        let signature = match (member, types.as_slice()) {
            (true, [receiver, rest @ ..]) => format!("{receiver}.({})", rest.join(", ")),
            _ => format!("({})", types.join(", ")),
        };
        self.refuse(id, format!("found no matching overload for '{name}' applied to '{signature}'"))
    }

    /// The one type of the members of a literal.
    fn same(&mut self, so_far: Option<Type>, id: u64, of: Type) -> Option<Type> {
        let Some(before) = so_far else { return Some(of) };
        let (mut bindings, param) = (Bindings::default(), Type::Param('A'));
        if bindings.accept(&param, &before) && bindings.accept(&param, &of) {
            return Some(if before.is_dyn() || of.is_dyn() { Type::Dyn } else { bindings.fill(&param) });
        }
        self.refuse(id, format!("expected type '{}' but found '{}'", shown(&before), shown(&of)));
        Some(before)
    }

    fn member(&mut self, expr: &IdedExpr, optional: bool) -> Type {
        match (optional, self.of(expr)) {
            (true, Type::Optional(of)) => *of,
            (true, Type::Dyn) | (false, Type::Dyn) => Type::Dyn,
            (true, of) => {
                self.refuse(expr.id, format!("expected type 'optional_type(dyn)' but found '{}'", shown(&of)))
            }
            (false, of) => of,
        }
    }

    fn list(&mut self, list: &ListExpr) -> Type {
        let mut of = None;
        for (at, element) in list.elements.iter().enumerate() {
            let given = self.member(element, list.optional_indices.contains(&at));
            of = self.same(of, element.id, given);
        }
        Type::list(of.unwrap_or(Type::Dyn))
    }

    fn map(&mut self, map: &MapExpr) -> Type {
        let (mut keys, mut values) = (None, None);
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let key = self.of(&entry.key);
            keys = self.same(keys, entry.key.id, key);
            let value = self.member(&entry.value, entry.optional);
            values = self.same(values, entry.value.id, value);
        }
        Type::map(keys.unwrap_or(Type::Dyn), values.unwrap_or(Type::Dyn))
    }

    fn object(&mut self, id: u64, of: &StructExpr) -> Type {
        let name = of.type_name.as_str();
        let known = self.env.has_patches()
            && (name == "JSONPatch" || name == "Object" || name.starts_with("Object."));
        if !known {
            return self.undeclared(id, name);
        }
        for entry in &of.entries {
            let EntryExpr::StructField(field) = &entry.expr else { continue };
            let given = self.member(&field.value, field.optional);
            match self.env.field(name, &field.field) {
                Field::Of(wanted) => {
                    if !Bindings::default().accept(&wanted, &given) {
                        let why = format!(
                            "expected type of field '{}' is '{}' but provided type is '{}'",
                            field.field,
                            shown(&wanted),
                            shown(&given)
                        );
                        self.refuse(entry.id, why);
                    }
                }
                Field::Undefined | Field::NoFields => {
                    self.refuse(entry.id, format!("undefined field '{}'", field.field));
                }
            }
        }
        Type::Named(name.to_owned())
    }

    /// What a comprehension over a type binds: key or position, and value.
    fn walked(&mut self, id: u64, range: &Type) -> (Type, Type) {
        match range {
            Type::List(of) => (Type::Int, (**of).clone()),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn | Type::Param(_) => (Type::Dyn, Type::Dyn),
            of => {
                let why = format!(
                    "expression of type '{}' cannot be range of a comprehension (must be list, map, or dynamic)",
                    shown(of)
                );
                self.refuse(id, why);
                (Type::Dyn, Type::Dyn)
            }
        }
    }

    fn comprehension(&mut self, of: &ComprehensionExpr) -> Type {
        let range = self.of(&of.iter_range);
        let (key, value) = self.walked(of.iter_range.id, &range);
        let first = self.of(&of.accu_init);
        let depth = self.locals.len();
        self.locals.push((of.accu_var.clone(), first));
        match &of.iter_var2 {
            Some(second) => {
                self.locals.push((of.iter_var.clone(), key));
                self.locals.push((second.clone(), value));
            }
            None => {
                let bound = if matches!(range, Type::Map(..)) { key } else { value };
                self.locals.push((of.iter_var.clone(), bound));
            }
        }
        self.of(&of.loop_cond);
        let step = self.of(&of.loop_step);
        self.locals.truncate(depth);
        self.locals.push((of.accu_var.clone(), step));
        let result = self.of(&of.result);
        self.locals.truncate(depth);
        result
    }

    fn form(&mut self, id: u64, form: &Form<'_>) -> Type {
        let over = self.of(form.over);
        let depth = self.locals.len();
        let bound = match (form.kind, &over) {
            (Kind::OptMap | Kind::OptFlatMap, Type::Optional(of)) => vec![(**of).clone()],
            (Kind::OptMap | Kind::OptFlatMap, of) if of.is_dyn() => vec![Type::Dyn],
            (Kind::OptMap | Kind::OptFlatMap, of) => {
                let why = format!("expected type 'optional_type(dyn)' but found '{}'", shown(of));
                self.refuse(id, why);
                vec![Type::Dyn]
            }
            (_, of) => {
                let (key, value) = self.walked(form.over.id, of);
                vec![key, value]
            }
        };
        let key = bound.first().cloned().unwrap_or(Type::Dyn);
        self.locals.extend(form.names.iter().map(|name| (*name).to_owned()).zip(bound));
        if let Some(filter) = form.filter {
            self.of(filter);
        }
        let body = self.of(form.body);
        self.locals.truncate(depth);
        match form.kind {
            Kind::All | Kind::Exists | Kind::ExistsOne => Type::Bool,
            Kind::TransformList => Type::list(body),
            Kind::TransformMap => Type::map(key, body),
            Kind::TransformMapEntry | Kind::OptFlatMap => body,
            Kind::OptMap => Type::Optional(Box::new(body)),
        }
    }
}

const COMPARISONS: [&str; 4] = ["_<_", "_<=_", "_>_", "_>=_"];

fn is_number(of: &Type) -> bool {
    matches!(of, Type::Int | Type::Uint | Type::Double)
}

/// Whether values of these types have an order.
fn comparable(given: &[Type]) -> bool {
    given.iter().all(|of| {
        is_number(of)
            || of.is_dyn()
            || matches!(of, Type::Bool | Type::String | Type::Bytes | Type::Duration | Type::Timestamp)
    })
}

/// A type as errors name it.
fn shown(of: &Type) -> String {
    match of {
        Type::Null => "null".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::List(of) => format!("list({})", shown(of)),
        Type::Map(key, value) => format!("map({}, {})", shown(key), shown(value)),
        Type::Optional(of) => format!("optional_type({})", shown(of)),
        Type::Meta(of) => format!("type({})", shown(of)),
        other => other.to_string(),
    }
}

/// Errors in the order of their places, each with the line that it is about.
fn told(text: &str, mut list: Vec<((usize, usize), String)>) -> String {
    list.sort_by_key(|(place, _)| *place);
    let mut out = String::new();
    for (at, ((line, column), why)) in list.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // Of no text there is nothing to show, and no first column.
        if text.is_empty() {
            // INVARIANT: writing into a string does not fail.
            let _ = write!(out, "ERROR: <input>:{line}:0: {why}");
            continue;
        }
        let shown = text.lines().nth(line - 1).unwrap_or_default();
        let dots = ".".repeat(column - 1);
        // INVARIANT: writing into a string does not fail.
        let _ = write!(out, "ERROR: <input>:{line}:{column}: {why}\n | {shown}\n | {dots}^");
    }
    out
}

/// Line and column of an expression, both from one.
fn place(source: &SourceInfo, text: &str, id: u64) -> (usize, usize) {
    let (start, _) = source.offset_for(id).unwrap_or_default();
    let before: String = text.chars().take(start as usize).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
