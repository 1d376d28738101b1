//! What an expression's value is (`cel-go/interpreter`).

use super::library::{Setting, overloads};
use super::plan::Constants;
use super::types::Type;
use super::value::{Key, Val, no_overload};
use super::{Activation, CALL_COST_MAX, cost, library, qualified, reserved, root};
use crate::api::Version;
use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, ListExpr, MapExpr, SelectExpr, StructExpr,
};
use std::collections::BTreeMap;
use std::sync::Arc;

type Outcome = Result<Val, String>;

/// The value of an expression, and what it cost.
pub(super) fn eval(
    expr: &IdedExpr,
    constants: &Constants,
    activation: &dyn Activation,
    version: Version,
) -> (Outcome, u64) {
    let mut scope =
        Scope { setting: Setting { activation, version }, constants, locals: Vec::new(), cost: 0 };
    let outcome = scope.eval(expr);
    // Whatever became of it, an expression that is too dear has no value.
    (scope.affordable().and(outcome), scope.cost)
}

/// What is told of an expression that costs too much.
pub(crate) const COST_EXCEEDED: &str = "operation cancelled: actual cost limit exceeded";

struct Scope<'a> {
    setting: Setting<'a>,
    constants: &'a Constants,
    /// Names that comprehensions bind; what they add up may be an error for now.
    locals: Vec<(&'a str, Outcome)>,
    cost: u64,
}

fn no_key<T>(key: &str) -> Result<T, String> {
    Err(format!("no such key: {key}"))
}

impl<'a> Scope<'a> {
    fn eval(&mut self, expr: &'a IdedExpr) -> Outcome {
        self.affordable()?;
        if let Some(constant) = self.constants.get(&expr.id) {
            return Ok(constant.clone());
        }
        self.cost += match &expr.expr {
            Expr::Ident(_) => cost::NAME,
            Expr::Select(select) if !select.test => cost::NAME + begun(&select.operand),
            Expr::List(_) => cost::LIST,
            Expr::Map(_) => cost::MAP,
            Expr::Struct(_) => cost::OBJECT,
            _ => 0,
        };
        match &expr.expr {
            Expr::Unspecified => no_overload(),
            Expr::Literal(_) => no_overload(),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => self.select(expr, select),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(map),
            Expr::Struct(of) => self.object(of),
            Expr::Comprehension(of) => self.comprehension(of),
        }
    }

    fn affordable(&self) -> Result<(), String> {
        if self.cost > CALL_COST_MAX { Err(COST_EXCEEDED.to_owned()) } else { Ok(()) }
    }

    fn local(&self, name: &str) -> Option<&Outcome> {
        self.locals.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn name(&self, name: &str) -> Outcome {
        if let Some(value) = self.local(name) {
            return value.clone();
        }
        match self.setting.activation.variable(name) {
            Some(value) => value,
            None => match type_named(name) {
                Some(of) => Ok(Val::Type(of)),
                None => Err(format!("no such attribute(s): {name}")),
            },
        }
    }

    /// What a dotted name names as a whole (`variables.x`, `authorizer.requestResource`).
    fn whole(&self, expr: &IdedExpr) -> Option<Outcome> {
        let name = qualified(expr)?;
        match self.local(root(&name)) {
            Some(_) => None,
            None => {
                let variable = self.setting.activation.variable(&name);
                variable.or_else(|| type_named(&name).map(|of| Ok(Val::Type(of))))
            }
        }
    }

    fn select(&mut self, expr: &'a IdedExpr, select: &'a SelectExpr) -> Outcome {
        let field = select.field.as_str();
        if let (false, Some(value)) = (select.test, self.whole(expr)) {
            return value;
        }
        if select.test
            && matches!(&select.operand.expr, Expr::Ident(name) if name == "variables")
            && self.local("variables").is_none()
        {
            return Ok(Val::Bool(self.setting.activation.variable(&format!("variables.{field}")).is_some()));
        }
        let operand = self.eval(&select.operand)?;
        match (select.test, operand) {
            (true, Val::Optional(held)) => {
                Ok(Val::Bool(held.is_some_and(|held| field_of(&held, field).is_some())))
            }
            (true, operand) => Ok(Val::Bool(field_of(&operand, field).is_some())),
            (false, Val::Optional(held)) => {
                Ok(Val::Optional(held.and_then(|held| field_of(&held, field)).map(Box::new)))
            }
            (false, operand) => field_of(&operand, field).map_or_else(|| no_key(field), Ok),
        }
    }

    fn call(&mut self, call: &'a CallExpr) -> Outcome {
        match (call.func_name.as_str(), call.args.as_slice()) {
            ("_&&_", args) => self.logic(args, false),
            ("_||_", args) => self.logic(args, true),
            ("_?_:_", [condition, yes, no]) => match self.eval(condition)? {
                Val::Bool(true) => self.eval(yes),
                Val::Bool(false) => self.eval(no),
                _ => no_overload(),
            },
            ("@not_strictly_false", [arg]) => {
                let value = self.eval(arg);
                self.cost += cost::NAME;
                Ok(match value {
                    Ok(Val::Bool(value)) => Val::Bool(value),
                    _ => Val::Bool(true),
                })
            }
            ("_?._", [operand, field]) => {
                let (operand, field) = (self.eval(operand)?, self.eval(field)?);
                let Val::String(field) = field else { return no_overload() };
                self.cost += cost::NAME;
                Ok(Val::Optional(match operand {
                    Val::Optional(held) => held.and_then(|held| field_of(&held, &field)).map(Box::new),
                    operand => field_of(&operand, &field).map(Box::new),
                }))
            }
            ("orValue" | "or", [other]) => {
                // What stands in for an absent value is looked at only where it does.
                let Some(target) = &call.target else { return no_overload() };
                match (self.eval(target)?, call.func_name.as_str()) {
                    (Val::Optional(None), _) => self.eval(other),
                    (Val::Optional(Some(held)), "orValue") => Ok(*held),
                    // What is no such value is there.
                    (held, _) => Ok(held),
                }
            }
            ("@in", [item, list]) if self.is_set(list) => {
                let item = self.eval(item)?;
                self.run("@in", false, &[item, self.constants[&list.id].clone()], 0)
            }
            (name @ ("_[_]" | "_[?_]"), [of, at]) => {
                self.cost += cost::NAME + begun(of);
                let args = [self.eval(of)?, self.eval(at)?];
                if name == "_[_]" { library::element(&args) } else { library::element_if_there(&args) }
            }
            (name, args) => self.function(name, call.target.as_deref(), args),
        }
    }

    /// Whether a list is a constant of plain values: whether something is in it is looked up and costs nothing.
    fn is_set(&self, list: &IdedExpr) -> bool {
        let plain = |item: &Val| {
            matches!(
                item,
                Val::Bool(_) | Val::Bytes(_) | Val::Double(_) | Val::Int(_) | Val::String(_) | Val::Uint(_)
            )
        };
        matches!(self.constants.get(&list.id), Some(Val::List(list)) if list.iter().all(plain))
    }

    /// `&&` or `||`: what decides, decides though the other side is an error.
    fn logic(&mut self, args: &'a [IdedExpr], decides: bool) -> Outcome {
        let mut wrong = None;
        for arg in args {
            match self.eval(arg) {
                Ok(Val::Bool(value)) if value == decides => return Ok(Val::Bool(value)),
                Ok(Val::Bool(_)) => {}
                Ok(_) => wrong = wrong.or_else(|| no_overload::<()>().err()),
                Err(error) => wrong = wrong.or(Some(error)),
            }
        }
        match wrong {
            Some(error) => Err(error),
            None => Ok(Val::Bool(!decides)),
        }
    }

    fn function(&mut self, name: &str, target: Option<&'a IdedExpr>, args: &'a [IdedExpr]) -> Outcome {
        let named = target.and_then(qualified).filter(|name| self.local(root(name)).is_none());
        if let Some(space) = named {
            let whole = format!("{space}.{name}");
            if overloads(&whole, false, self.setting.version.number()).next().is_some() {
                let args = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
                return self.run(&whole, false, &args, 1);
            }
        }
        let all = target.into_iter().chain(args).map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
        self.run(name, target.is_some(), &all, 1)
    }

    /// Calls a function, which costs so many times what it does by itself.
    fn run(&mut self, name: &str, member: bool, args: &[Val], times: u64) -> Outcome {
        let fits = |takes: &[Type]| takes.len() == args.len() && takes.iter().zip(args).all(|(t, a)| a.is(t));
        let minor = self.setting.version.number();
        match overloads(name, member, minor).find(|overload| fits(&overload.takes)) {
            Some(overload) => {
                let value = (overload.run)(&self.setting, args)?;
                self.cost = self.cost.saturating_add(cost::actual(name, args, &value).saturating_mul(times));
                Ok(value)
            }
            // Operators are not told by name.
            None if name.starts_with(|c: char| !c.is_ascii_alphabetic()) => no_overload(),
            None => {
                let types: Vec<String> = args.iter().map(|arg| arg.type_of().name()).collect();
                Err(format!("no such overload: {name}({})", types.join(", ")))
            }
        }
    }

    fn list(&mut self, list: &'a ListExpr) -> Outcome {
        let mut items = Vec::new();
        for (at, element) in list.elements.iter().enumerate() {
            let value = self.eval(element)?;
            match (list.optional_indices.contains(&at), value) {
                (true, Val::Optional(held)) => items.extend(held.map(|held| *held)),
                (_, value) => items.push(value),
            }
        }
        Ok(Val::list(items))
    }

    fn map(&mut self, map: &'a MapExpr) -> Outcome {
        let mut entries = BTreeMap::new();
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let (key, value) = (self.eval(&entry.key)?, self.eval(&entry.value)?);
            let Some(key) = Key::of(&key) else { return Err("unsupported key type".to_owned()) };
            match (entry.optional, value) {
                (true, Val::Optional(None)) => {}
                (true, Val::Optional(Some(held))) => {
                    entries.insert(key, *held);
                }
                (_, value) => {
                    entries.insert(key, value);
                }
            }
        }
        Ok(Val::Map(Arc::new(entries)))
    }

    fn object(&mut self, of: &'a StructExpr) -> Outcome {
        let mut fields = BTreeMap::new();
        for entry in &of.entries {
            let EntryExpr::StructField(field) = &entry.expr else { continue };
            let value = match (field.optional, self.eval(&field.value)?) {
                (true, Val::Optional(held)) => held.map(|held| *held),
                (_, value) => Some(value),
            };
            if let Some(value) = value {
                fields.insert(field.field.clone(), value);
            }
        }
        Ok(Val::Object(of.type_name.as_str().into(), Arc::new(fields)))
    }

    /// One step of a comprehension whose sum is the local at a place. A list or a map that only grows is taken from there, so
    /// that it need not be copied for each step.
    fn step(&mut self, of: &'a ComprehensionExpr, at: usize) -> Outcome {
        let is_sum = |expr: &IdedExpr| matches!(&expr.expr, Expr::Ident(name) if *name == of.accu_var);
        let growth = |expr: &'a IdedExpr| match &expr.expr {
            Expr::Call(call) if matches!(call.func_name.as_str(), "_+_" | "cel.@mapInsert") => {
                call.args.split_first().filter(|(sum, more)| is_sum(sum) && !more.iter().any(is_sum))
            }
            _ => None,
        };
        let (condition, step) = match &of.loop_step.expr {
            Expr::Call(call) if call.func_name == "_?_:_" => match call.args.as_slice() {
                [condition, step, same] if is_sum(same) => (Some(condition), step),
                _ => (None, &of.loop_step),
            },
            _ => (None, &of.loop_step),
        };
        let grows = matches!(self.locals.get(at), Some((_, Ok(Val::List(_) | Val::Map(_)))));
        let Some((_, more)) = growth(step).filter(|_| grows) else { return self.eval(&of.loop_step) };
        self.affordable()?;
        let adds = condition.map_or(Ok(Val::Bool(true)), |condition| self.eval(condition))?;
        let more = match adds {
            Val::Bool(true) => more.iter().map(|more| self.eval(more)).collect::<Result<Vec<_>, _>>()?,
            Val::Bool(false) => Vec::new(),
            _ => return no_overload(),
        };
        let sum = std::mem::replace(&mut self.locals[at].1, Ok(Val::Null))?;
        self.cost += cost::NAME;
        if adds == Val::Bool(false) {
            return Ok(sum);
        }
        self.cost += cost::NAME;
        library::grown(sum, &more)
    }

    fn comprehension(&mut self, of: &'a ComprehensionExpr) -> Outcome {
        let range = self.eval(&of.iter_range)?;
        let pairs = library::walked(&range)?;
        let over_map = !matches!(range, Val::List(_));
        let depth = self.locals.len();
        let first = self.eval(&of.accu_init);
        self.locals.push((&of.accu_var, first));
        for (key, value) in pairs {
            self.affordable()?;
            match &of.iter_var2 {
                Some(second) => {
                    self.locals.push((&of.iter_var, Ok(key)));
                    self.locals.push((second, Ok(value)));
                }
                None => self.locals.push((&of.iter_var, Ok(if over_map { key } else { value }))),
            }
            let goes_on = self.eval(&of.loop_cond);
            let step = match goes_on {
                Ok(Val::Bool(false)) => None,
                _ => Some(self.step(of, depth)),
            };
            self.locals.truncate(depth + 1);
            match step {
                Some(step) => self.locals[depth].1 = step,
                None => break,
            }
        }
        let result = self.eval(&of.result);
        self.locals.truncate(depth);
        result
    }
}

/// What it costs that a path begins with what is no name itself.
fn begun(operand: &IdedExpr) -> u64 {
    match &operand.expr {
        Expr::Ident(_) | Expr::Select(_) => 0,
        Expr::Call(call) if matches!(call.func_name.as_str(), "_[_]" | "_[?_]" | "_?._" | "_?_:_") => 0,
        _ => cost::NAME,
    }
}

/// The type that a name which is no variable stands for.
fn type_named(name: &str) -> Option<Type> {
    Type::spelled(name).or_else(|| match name {
        "optional_type" => Some(Type::Optional(Box::new(Type::Dyn))),
        "net.IP" | "net.CIDR" | "JSONPatch" | "Object" => Some(Type::Named(name.to_owned())),
        _ => None,
    })
}

fn field_of(value: &Val, field: &str) -> Option<Val> {
    match value {
        Val::Map(map) => {
            let under = |name: &str| map.get(&Key::String(name.into()));
            under(field).or_else(|| under(&reserved(field))).cloned()
        }
        Val::Object(_, fields) => fields.get(field).cloned(),
        _ => None,
    }
}
