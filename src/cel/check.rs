//! Of which type the value of an expression is, and what does not fit (`cel-go/checker`).

use super::env::{Env, Field};
use super::library::overloads;
use super::types::Type;
use super::unify::{Mapping, most_general};
use super::{qualified, reserved, root};
use crate::api::differences::{LITERALS_VALIDATED, UNDECLARED_ENDS};
use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, ListExpr, LiteralValue, MapExpr, SelectExpr, StructExpr,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with parts of an expression, by their ids.
pub(super) type Wrong = Vec<(u64, String)>;

/// The types of the parts of an expression, by their ids.
pub(super) type Types = BTreeMap<u64, Type>;

/// What is known of an expression before it is evaluated.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    /// The type of its value.
    pub(super) output: Type,
    /// The types of its parts.
    pub(super) types: Types,
    /// The variables that it speaks of.
    pub(super) used: BTreeSet<String>,
}

/// What is known of an expression, and what is wrong with which part of it.
pub(super) fn check(env: &Env, expr: &IdedExpr) -> (Checked, Wrong) {
    let mut check = Check {
        env,
        locals: Vec::new(),
        wrong: Vec::new(),
        types: BTreeMap::new(),
        used: BTreeSet::new(),
        mapping: Mapping::default(),
    };
    let output = check.of(expr);
    let Check { wrong, types, used, mapping, .. } = check;
    let types = types.into_iter().map(|(id, of)| (id, mapping.settled(&of))).collect();
    (Checked { output: mapping.settled(&output), types, used }, wrong)
}

/// Of how many a type may be made. A map whose keys are as its values doubles it, and so does one of such maps; a real server
/// follows that until it has no memory left.
const TYPE_PARTS_MAX: usize = 1_000;

struct Check<'a> {
    env: &'a Env,
    locals: Vec<(String, Type)>,
    wrong: Wrong,
    types: Types,
    used: BTreeSet<String>,
    mapping: Mapping,
}

impl Check<'_> {
    fn refuse(&mut self, id: u64, why: String) -> Type {
        self.wrong.push((id, why));
        Type::Wrong
    }

    fn undeclared(&mut self, id: u64, name: &str) -> Type {
        self.refuse(id, format!("undeclared reference to '{name}' (in container '')"))
    }

    fn mismatch(&mut self, id: u64, wanted: &Type, given: &Type) -> Type {
        self.refuse(id, format!("expected type '{}' but found '{}'", shown(wanted), shown(given)))
    }

    /// Refuses what may not stand where a type is asked for.
    fn assert(&mut self, id: u64, wanted: &Type, given: &Type) {
        if !self.mapping.assign(wanted, given) {
            self.mismatch(id, wanted, given);
        }
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
            Expr::Ident(name) => match self.local(name).cloned().or_else(|| self.ident(name)) {
                Some(of) => of,
                None => self.undeclared(expr.id, name),
            },
            Expr::Select(select) => self.select(expr, select),
            Expr::Call(call) => self.call(expr.id, call),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(expr.id, map),
            Expr::Struct(of) => self.object(expr.id, of),
            Expr::Comprehension(of) => self.comprehension(of),
        }
    }

    fn local(&self, name: &str) -> Option<&Type> {
        self.locals.iter().rev().find(|(known, _)| known == name).map(|(_, of)| of)
    }

    /// What a name stands for outside of comprehensions: a variable, or a type.
    fn ident(&mut self, name: &str) -> Option<Type> {
        match self.env.variable(name) {
            Some(of) => {
                self.used.insert(name.to_owned());
                Some(of.clone())
            }
            None => self.env.type_named(name).map(Type::meta),
        }
    }

    fn select(&mut self, expr: &IdedExpr, select: &SelectExpr) -> Type {
        if let (false, Some(name)) = (select.test, qualified(expr))
            && self.local(root(&name)).is_none()
            && root(&name) != "variables"
            && let Some(of) = self.ident(&name)
        {
            return of;
        }
        let found = self.field_of(expr.id, &select.operand, &select.field, false);
        if select.test { Type::Bool } else { self.mapping.substitute(&found) }
    }

    /// The type of a field; one that may not be there, of what may not be there or where `optional` says so.
    fn field_of(&mut self, id: u64, operand: &IdedExpr, field: &str, optional: bool) -> Type {
        let operand = self.of(operand);
        let (of, is_optional) = match self.mapping.substitute(&operand) {
            Type::Optional(of) => (*of, true),
            of => (of, false),
        };
        let found = self.field(id, &of, field);
        if is_optional || optional { Type::Optional(Box::new(found)) } else { found }
    }

    fn field(&mut self, id: u64, of: &Type, field: &str) -> Type {
        match of {
            Type::Dyn | Type::Param(_) | Type::Wrong => Type::Dyn,
            Type::Free(_) => {
                self.mapping.assign(&Type::Dyn, of);
                Type::Dyn
            }
            Type::Map(_, value) => (**value).clone(),
            Type::Named(name) => match self.env.field(name, field) {
                Field::Of(of) => of,
                Field::Undefined => self.refuse(id, format!("undefined field '{field}'")),
                Field::NoFields => self.no_fields(id, of),
            },
            Type::Object(object) => {
                let reserved = || object.fields.get(&reserved(field)).filter(|_| self.env.minor() >= 31);
                match object.fields.get(field).or_else(reserved) {
                    Some(of) => of.clone(),
                    None => self.refuse(id, format!("undefined field '{field}'")),
                }
            }
            of => self.no_fields(id, of),
        }
    }

    fn no_fields(&mut self, id: u64, of: &Type) -> Type {
        let of = self.mapping.settled(of);
        self.refuse(id, format!("type '{}' does not support field selection", shown(&of)));
        Type::Dyn
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Type {
        match (call.func_name.as_str(), call.args.as_slice()) {
            ("_&&_" | "_||_", args) => {
                let given: Vec<Type> = args.iter().map(|arg| self.of(arg)).collect();
                if given.contains(&Type::Untold) {
                    return self.no_match(id, &call.func_name, false, &given);
                }
                for (arg, of) in args.iter().zip(&given) {
                    if !self.mapping.assign(of, &Type::Bool) {
                        self.mismatch(arg.id, &Type::Bool, of);
                    }
                }
                Type::Bool
            }
            ("_?._", [operand, field]) => {
                let Expr::Literal(LiteralValue::String(field)) = &field.expr else { return Type::Dyn };
                let found = self.field_of(id, operand, field.inner(), true);
                self.mapping.substitute(&found)
            }
            (name, args) => self.function(id, name, call.target.as_deref(), args),
        }
    }

    fn function(&mut self, id: u64, name: &str, target: Option<&IdedExpr>, args: &[IdedExpr]) -> Type {
        let minor = self.env.minor();
        let named = target.and_then(qualified).filter(|name| self.local(root(name)).is_none());
        let whole = named.map(|space| format!("{space}.{name}"));
        let known = |whole: &String| self.env.knows(whole) && overloads(whole, false, minor).next().is_some();
        if let Some(whole) = whole.filter(known) {
            let given: Vec<Type> = args.iter().map(|arg| self.of(arg)).collect();
            return self.resolve(id, &whole, false, &given);
        }
        let given: Vec<Type> = target.into_iter().chain(args).map(|arg| self.of(arg)).collect();
        let both = overloads(name, true, minor).chain(overloads(name, false, minor));
        if both.count() == 0 {
            let of = self.undeclared(id, name);
            let goes_on = target.is_some() && !self.env.version.has(UNDECLARED_ENDS);
            return if goes_on { Type::Untold } else { of };
        }
        self.resolve(id, name, target.is_some(), &given)
    }

    fn resolve(&mut self, id: u64, name: &str, member: bool, given: &[Type]) -> Type {
        let mut result: Option<Type> = None;
        let minor = self.env.minor();
        for overload in overloads(name, member, minor) {
            let mut types = self.mapping.instance(overload.takes.iter().chain([&overload.gives]));
            let gives = types.pop().unwrap_or(Type::Dyn);
            if !self.mapping.assign_all(given, &types) {
                continue;
            }
            let gives = self.mapping.substitute(&gives);
            result = Some(match result {
                None => gives,
                Some(other) if other.is_dyn() || other == gives => other,
                Some(_) => Type::Dyn,
            });
        }
        match result {
            Some(of) => of,
            None => self.no_match(id, name, member, given),
        }
    }

    fn no_match(&mut self, id: u64, name: &str, member: bool, given: &[Type]) -> Type {
        let types: Vec<String> = given.iter().map(|of| shown(&self.mapping.settled(of))).collect();
        let signature = match (member, types.as_slice()) {
            (true, [receiver, rest @ ..]) => format!("{receiver}.({})", rest.join(", ")),
            _ => format!("({})", types.join(", ")),
        };
        self.refuse(id, format!("found no matching overload for '{name}' applied to '{signature}'"))
    }

    /// The one type of the members of a literal; where they differ, it is told here or by [`super::validators`].
    fn joined(&mut self, so_far: Option<Type>, id: u64, of: Type) -> Option<Type> {
        let Some(before) = so_far else { return Some(of) };
        if self.mapping.assign(&before, &of) {
            return Some(most_general(before, of));
        }
        if self.env.version.has(LITERALS_VALIDATED) {
            return Some(Type::Dyn);
        }
        Some(self.mismatch(id, &before, &of))
    }

    fn member(&mut self, expr: &IdedExpr, optional: bool) -> Type {
        match (optional, self.of(expr)) {
            (true, Type::Optional(of)) => *of,
            (true, of) if !of.is_dyn() => {
                self.mismatch(expr.id, &Type::Optional(Box::new(of.clone())), &of);
                of
            }
            (_, of) => of,
        }
    }

    fn list(&mut self, list: &ListExpr) -> Type {
        let mut of = None;
        for (at, element) in list.elements.iter().enumerate() {
            let given = self.member(element, list.optional_indices.contains(&at));
            of = self.joined(of, element.id, given);
        }
        Type::list(of.unwrap_or_else(|| self.mapping.free()))
    }

    fn map(&mut self, id: u64, map: &MapExpr) -> Type {
        let (mut keys, mut values) = (None, None);
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let key = self.of(&entry.key);
            keys = self.joined(keys, entry.key.id, key);
            let value = self.member(&entry.value, entry.optional);
            values = self.joined(values, entry.value.id, value);
        }
        let key = keys.unwrap_or_else(|| self.mapping.free());
        let of = Type::map(key, values.unwrap_or_else(|| self.mapping.free()));
        match self.mapping.settled(&of).weight() > TYPE_PARTS_MAX {
            true => self.refuse(
                id,
                format!("kubeverdict does not follow a type that is made of more than {TYPE_PARTS_MAX}"),
            ),
            false => of,
        }
    }

    fn object(&mut self, id: u64, of: &StructExpr) -> Type {
        let name = of.type_name.as_str();
        if !self.env.makes(name) {
            return self.undeclared(id, name);
        }
        for entry in &of.entries {
            let EntryExpr::StructField(field) = &entry.expr else { continue };
            let given = self.member(&field.value, field.optional);
            match self.env.field(name, &field.field) {
                Field::Of(wanted) => {
                    if !self.mapping.assign(&wanted, &given) {
                        let given = self.mapping.settled(&given);
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
            Type::Dyn | Type::Param(_) | Type::Wrong => (Type::Dyn, Type::Dyn),
            Type::Free(_) => {
                self.mapping.assign(&Type::Dyn, range);
                (Type::Dyn, Type::Dyn)
            }
            of => {
                let why = format!(
                    "expression of type '{}' cannot be range of a comprehension (must be list, map, or dynamic)",
                    shown(of)
                );
                self.refuse(id, why);
                (Type::Wrong, Type::Wrong)
            }
        }
    }

    fn comprehension(&mut self, of: &ComprehensionExpr) -> Type {
        let range = self.of(&of.iter_range);
        let first = self.of(&of.accu_init);
        let range = self.mapping.substitute(&range);
        let depth = self.locals.len();
        self.locals.push((of.accu_var.clone(), first.clone()));
        let (key, value) = self.walked(of.iter_range.id, &range);
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
        let goes_on = self.of(&of.loop_cond);
        self.assert(of.loop_cond.id, &Type::Bool, &goes_on);
        let step = self.of(&of.loop_step);
        self.assert(of.loop_step.id, &first, &step);
        self.locals.truncate(depth + 1);
        let result = self.of(&of.result);
        self.locals.truncate(depth);
        self.mapping.substitute(&result)
    }
}

/// A type as errors name it.
pub(super) fn shown(of: &Type) -> String {
    match of {
        Type::Null => "null".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::List(of) => format!("list({})", shown(of)),
        Type::Map(key, value) => format!("map({}, {})", shown(key), shown(value)),
        Type::Optional(of) => format!("optional_type({})", shown(of)),
        Type::Meta(of) => match &**of {
            Type::Meta(inner) if inner.is_dyn() => "type(type)".to_owned(),
            of => format!("type({})", shown(of)),
        },
        other => other.to_string(),
    }
}
