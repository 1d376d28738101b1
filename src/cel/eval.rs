//! What an expression's value is (`cel-go/interpreter`).

use super::forms::{Form, Kind, form};
use super::library::overloads;
use super::types::Type;
use super::value::{Key, Val, no_overload, text_of};
use super::{Activation, CALL_COST_MAX, cost, library, qualified, reserved, root};
use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, ListExpr, LiteralValue, MapExpr, SelectExpr, StructExpr,
};
use std::collections::BTreeMap;
use std::sync::Arc;

type Outcome = Result<Val, String>;

/// The value of an expression, and what it cost.
pub(super) fn eval(expr: &IdedExpr, activation: &dyn Activation, minor: u8) -> (Outcome, u64) {
    let mut scope = Scope { activation, minor, locals: Vec::new(), cost: 0 };
    let outcome = scope.eval(expr);
    // Whatever became of it, an expression that is too dear has no value.
    (scope.affordable().and(outcome), scope.cost)
}

/// What is told of an expression that costs too much.
pub(crate) const COST_EXCEEDED: &str = "operation cancelled: actual cost limit exceeded";

struct Scope<'a> {
    activation: &'a dyn Activation,
    minor: u8,
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
        self.cost += match &expr.expr {
            Expr::Ident(_) => cost::NAME,
            Expr::Select(select) if !select.test => cost::NAME,
            Expr::List(_) => cost::LIST,
            Expr::Map(_) => cost::MAP,
            Expr::Struct(_) => cost::OBJECT,
            _ => 0,
        };
        match &expr.expr {
            Expr::Unspecified => no_overload(),
            Expr::Literal(literal) => Ok(literal_value(literal)),
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
        match self.activation.variable(name) {
            Some(value) => value,
            None => match Type::parse(name) {
                Type::Named(_) | Type::Param(_) => Err(format!("no such attribute(s): {name}")),
                of => Ok(Val::Type(of)),
            },
        }
    }

    /// What a dotted name names as a whole (`variables.x`, `authorizer.requestResource`).
    fn whole(&self, expr: &IdedExpr) -> Option<Outcome> {
        let name = qualified(expr)?;
        match self.local(root(&name)) {
            Some(_) => None,
            None => self.activation.variable(&name),
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
            return Ok(Val::Bool(self.activation.variable(&format!("variables.{field}")).is_some()));
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
        if let Some(form) = form(call) {
            return self.form(&form);
        }
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
                    (held @ Val::Optional(_), _) => Ok(held),
                    _ => no_overload(),
                }
            }
            (name, args) => self.function(name, call.target.as_deref(), args),
        }
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
            if overloads(&whole, false, self.minor).next().is_some() {
                let args = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
                return self.run(&whole, false, &args);
            }
        }
        let all = target.into_iter().chain(args).map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
        self.run(name, target.is_some(), &all)
    }

    fn run(&mut self, name: &str, member: bool, args: &[Val]) -> Outcome {
        let fits = |takes: &[Type]| takes.len() == args.len() && takes.iter().zip(args).all(|(t, a)| a.is(t));
        match overloads(name, member, self.minor).find(|overload| fits(&overload.takes)) {
            Some(overload) => {
                let value = (overload.run)(self.activation, args)?;
                self.cost = self.cost.saturating_add(cost::actual(name, args, &value));
                Ok(value)
            }
            None => no_overload(),
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
                _ => Some(self.eval(&of.loop_step)),
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

    fn form(&mut self, form: &Form<'a>) -> Outcome {
        let over = self.eval(form.over)?;
        let depth = self.locals.len();
        let (once, each) = cost::forms(form.kind);
        self.cost += once;
        if let (Kind::OptMap | Kind::OptFlatMap, [name]) = (form.kind, form.names.as_slice()) {
            let Val::Optional(held) = over else { return no_overload() };
            let Some(held) = held else { return Ok(Val::Optional(None)) };
            self.locals.push((name, Ok(*held)));
            let value = self.eval(form.body);
            self.locals.truncate(depth);
            return match form.kind {
                Kind::OptMap => Ok(Val::Optional(Some(Box::new(value?)))),
                _ => value,
            };
        }
        let mut made: Vec<(Val, Outcome)> = Vec::new();
        for (key, value) in library::walked(&over)? {
            self.cost += each;
            for (name, value) in form.names.iter().zip([key.clone(), value]) {
                self.locals.push((name, Ok(value)));
            }
            let taken = form.filter.map_or(Ok(Val::Bool(true)), |filter| self.eval(filter));
            let value = match taken {
                Ok(Val::Bool(false)) => None,
                Ok(_) => Some(self.eval(form.body)),
                Err(error) => Some(Err(error)),
            };
            self.locals.truncate(depth);
            made.extend(value.map(|value| (key, value)));
        }
        gathered(form.kind, made)
    }
}

/// What a form makes of what became of each.
fn gathered(kind: Kind, made: Vec<(Val, Outcome)>) -> Outcome {
    let decided = |by: bool| {
        if made.iter().any(|(_, value)| matches!(value, Ok(Val::Bool(b)) if *b == by)) {
            return Ok(Val::Bool(by));
        }
        made.iter().find_map(|(_, value)| value.as_ref().err()).map_or(Ok(Val::Bool(!by)), |e| Err(e.clone()))
    };
    match kind {
        Kind::All => decided(false),
        Kind::Exists => decided(true),
        Kind::ExistsOne => {
            let values = made.into_iter().map(|(_, value)| value).collect::<Result<Vec<_>, _>>()?;
            Ok(Val::Bool(values.iter().filter(|value| **value == Val::Bool(true)).count() == 1))
        }
        Kind::TransformList => {
            Ok(Val::list(made.into_iter().map(|(_, value)| value).collect::<Result<Vec<_>, _>>()?))
        }
        Kind::TransformMap => {
            let mut map = BTreeMap::new();
            for (key, value) in made {
                let Some(key) = Key::of(&key) else { return no_overload() };
                map.insert(key, value?);
            }
            Ok(Val::Map(Arc::new(map)))
        }
        Kind::TransformMapEntry => {
            let mut map = BTreeMap::new();
            for (_, value) in made {
                let Val::Map(entries) = value? else { return no_overload() };
                for (key, value) in entries.iter() {
                    if map.insert(key.clone(), value.clone()).is_some() {
                        let key = text_of(&key.value())?;
                        return Err(format!("insert failed: key {key} already exists"));
                    }
                }
            }
            Ok(Val::Map(Arc::new(map)))
        }
        Kind::OptMap | Kind::OptFlatMap => no_overload(),
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
