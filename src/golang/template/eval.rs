//! What a template makes of a value (`text/template/exec.go`).

use super::functions::{Function, Wants, function, undefined, wrong};
use super::held::{Held, Thing};
use super::node::{Branch, Command, Named, Node, Pipe, Term, What};
use super::{DEPTH_MAX, NAME, Template};
use crate::golang::fmt::quote;
use crate::json::Value;
use crate::limits::{TEMPLATE_BYTES, TEMPLATE_STEPS};
use std::fmt::Display;

/// Runs a template.
pub(super) fn run(template: &Template<'_>, data: &Value, strict: bool) -> (String, Result<(), String>) {
    let data = Held::entry(data).dug();
    let mut state = State {
        template,
        strict,
        name: NAME,
        at: None,
        vars: vec![("$", data.clone())],
        depth: 0,
        steps: 0,
        out: String::new(),
    };
    let list = template.named.get(NAME).map(Vec::as_slice).unwrap_or_default();
    let done = state.list(&data, list).map(drop);
    (state.out, done)
}

struct State<'t, 'd> {
    template: &'t Template<'t>,
    strict: bool,
    /// The template that is run.
    name: &'t str,
    /// Where it is: the part that errors show.
    at: Option<(usize, &'t dyn Display)>,
    vars: Vec<(&'t str, Held<'d>)>,
    depth: usize,
    steps: u64,
    out: String,
}

/// How a list of parts ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

type Done<T> = Result<T, String>;

impl<'t, 'd> State<'t, 'd> {
    fn fail<T>(&self, why: impl Display) -> Done<T> {
        let Some((at, shown)) = self.at else { return Err(format!("template: {}: {why}", self.name)) };
        let before = self.template.text.get(..at).unwrap_or_default();
        let column = at - before.rfind('\n').map_or(0, |end| end + 1);
        let line = 1 + before.matches('\n').count();
        Err(format!("template: {NAME}:{line}:{column}: executing {} at <{shown}>: {why}", quote(self.name)))
    }

    fn list(&mut self, dot: &Held<'d>, list: &'t [Node]) -> Done<Flow> {
        for node in list {
            let flow = self.node(dot, node)?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, dot: &Held<'d>, node: &'t Node) -> Done<Flow> {
        self.steps += 1;
        TEMPLATE_STEPS.check(self.steps)?;
        match node {
            Node::Text(text) => self.write(text)?,
            Node::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.write(&value.thing.printed())?;
                }
            }
            Node::Branch { kind: Branch::Range, pipe, list, or_else } => {
                let mark = self.vars.len();
                let flow = self.range(dot, pipe, list, or_else)?;
                self.vars.truncate(mark);
                return Ok(flow);
            }
            Node::Branch { kind, pipe, list, or_else } => {
                let mark = self.vars.len();
                let value = self.pipe(dot, pipe)?;
                let flow = match (value.thing.is_true(), kind) {
                    (true, Branch::With) => self.list(&value, list)?,
                    (true, Branch::If | Branch::Range) => self.list(dot, list)?,
                    (false, _) => self.list(dot, or_else)?,
                };
                self.vars.truncate(mark);
                return Ok(flow);
            }
            Node::Template(named) => self.template(dot, named)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn write(&mut self, text: &str) -> Done<()> {
        self.out.push_str(text);
        TEMPLATE_BYTES.check(self.out.len() as u64)
    }

    fn range(&mut self, dot: &Held<'d>, pipe: &'t Pipe, list: &'t [Node], or_else: &'t [Node]) -> Done<Flow> {
        let value = self.pipe(dot, pipe)?;
        let mark = self.vars.len();
        let mut any = false;
        let mut turn = |state: &mut Self, index: Thing<'d>, item: Held<'d>| {
            any = true;
            state.bind(pipe, mark, Held::new(index), &item)?;
            let flow = state.list(&item, list)?;
            state.vars.truncate(mark);
            Ok::<bool, String>(flow != Flow::Break)
        };
        match &value.thing {
            Thing::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if !turn(self, Thing::Int(i64::try_from(at).unwrap_or(i64::MAX)), Held::entry(item))? {
                        break;
                    }
                }
            }
            Thing::Map(fields) => {
                for (key, item) in *fields {
                    if !turn(self, Thing::Text(key.as_str().into()), Held::entry(item))? {
                        break;
                    }
                }
            }
            Thing::Int(count) | Thing::Int64(count) => {
                if pipe.variables.len() > 1 {
                    return self.fail(format!("can't use {count} to iterate over more than one variable"));
                }
                for at in 0..*count {
                    self.steps += 1;
                    TEMPLATE_STEPS.check(self.steps)?;
                    if !turn(self, Thing::Int(at), Held::new(Thing::Int(at)))? {
                        break;
                    }
                }
            }
            Thing::Nothing | Thing::Null => {}
            other => return self.fail(format!("range can't iterate over {}", other.plain())),
        }
        if any { Ok(Flow::On) } else { self.list(dot, or_else) }
    }

    /// Keeps an item and its index in the variables of a range.
    fn bind(&mut self, pipe: &'t Pipe, mark: usize, index: Held<'d>, item: &Held<'d>) -> Done<()> {
        let values = match pipe.variables.len() {
            1 => vec![item.clone()],
            _ => vec![index, item.clone()],
        };
        let many = pipe.variables.len();
        for (at, (name, value)) in pipe.variables.iter().zip(values).enumerate() {
            match pipe.assigns {
                true => self.assign(name, value)?,
                false => self.vars[mark - many + at].1 = value,
            }
        }
        Ok(())
    }

    fn assign(&mut self, name: &str, value: Held<'d>) -> Done<()> {
        match self.vars.iter_mut().rev().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => return self.fail(format!("undefined variable: {name}")),
        }
        Ok(())
    }

    fn template(&mut self, dot: &Held<'d>, named: &'t Named) -> Done<()> {
        self.at = Some((named.at, named));
        let template = self.template;
        let Some((name, list)) = template.named.get_key_value(&named.name) else {
            return self.fail(format!("template {} not defined", quote(&named.name)));
        };
        if self.depth == DEPTH_MAX {
            return self.fail(format!("exceeded maximum template depth ({DEPTH_MAX})"));
        }
        let dot = match &named.pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Held::NOTHING,
        };
        let vars = std::mem::replace(&mut self.vars, vec![("$", dot.clone())]);
        let outer = std::mem::replace(&mut self.name, name);
        self.depth += 1;
        self.list(&dot, list)?;
        self.depth -= 1;
        self.name = outer;
        self.vars = vars;
        Ok(())
    }

    fn pipe(&mut self, dot: &Held<'d>, pipe: &'t Pipe) -> Done<Held<'d>> {
        self.at = Some((pipe.at, pipe));
        let mut value = None;
        for command in &pipe.commands {
            value = Some(self.command(dot, command, value)?.dug());
        }
        let value = value.unwrap_or(Held::NOTHING);
        for name in &pipe.variables {
            match pipe.assigns {
                true => self.assign(name, value.clone())?,
                false => self.vars.push((name, value.clone())),
            }
        }
        Ok(value)
    }

    fn command(&mut self, dot: &Held<'d>, command: &'t Command, last: Option<Held<'d>>) -> Done<Held<'d>> {
        let first = &command.first;
        let given = !command.rest.is_empty() || last.is_some();
        match &first.what {
            What::Function(name) => {
                self.at = Some((first.at, first));
                return self.call(dot, name, (command.at, command), &command.rest, last);
            }
            What::Field(_) | What::Chain(..) => return self.value(dot, first, given),
            What::Variable(_, fields) if !fields.is_empty() => return self.value(dot, first, given),
            What::Pipe(_) => {}
            _ => self.at = Some((first.at, first)),
        }
        if given {
            return self.fail(format!("can't give argument to non-function {first}"));
        }
        if let What::Nil = first.what {
            return self.fail("nil is not a command");
        }
        self.value(dot, first, false)
    }

    /// What a term says; `given`: whether arguments follow.
    fn value(&mut self, dot: &Held<'d>, term: &'t Term, given: bool) -> Done<Held<'d>> {
        self.at = Some((term.at, term));
        Ok(match &term.what {
            What::Dot => dot.clone(),
            What::Nil => Held::NOTHING,
            What::Bool(value) => Held::new(Thing::Bool(*value)),
            What::Int(_, value) => Held::new(Thing::Int(*value)),
            What::Float(_, value) => Held::new(Thing::Float(*value)),
            What::Text(_, text) => Held::new(Thing::Text(text.clone().into())),
            What::Field(names) => self.fields(dot.clone(), names, given)?,
            What::Variable(name, names) => match self.vars.iter().rev().find(|(known, _)| known == name) {
                Some((_, value)) => self.fields(value.clone(), names, given)?,
                None => return self.fail(format!("undefined variable: {name}")),
            },
            What::Function(name) => self.call(dot, name, (term.at, term), &[], None)?,
            What::Pipe(pipe) => self.pipe(dot, pipe)?,
            What::Chain(of, names) => {
                if let What::Nil = of.what {
                    return self.fail(format!("indirection through explicit nil in {term}"));
                }
                let value = self.value(dot, of, false)?;
                self.fields(value, names, given)?
            }
        })
    }

    /// A field of a field of … a value.
    fn fields(&self, mut value: Held<'d>, names: &[String], given: bool) -> Done<Held<'d>> {
        for (at, name) in names.iter().enumerate() {
            let given = given && at + 1 == names.len();
            value = match &value.thing {
                Thing::Nothing if self.strict => {
                    return self.fail(format!("nil data; no entry for key {}", quote(name)));
                }
                Thing::Nothing => Held::NOTHING,
                Thing::Null => return self.fail(format!("nil pointer evaluating interface {{}}.{name}")),
                Thing::Map(_) if given => {
                    return self.fail(format!("{name} is not a method but has arguments"));
                }
                Thing::Map(fields) => match fields.get(name) {
                    Some(value) => Held::entry(value),
                    None if self.strict => {
                        return self.fail(format!("map has no entry for key {}", quote(name)));
                    }
                    None => Held::NOTHING,
                },
                _ => return self.fail(format!("can't evaluate field {name} in type {}", value.type_name())),
            };
        }
        Ok(value)
    }

    /// What a function makes of its arguments, the last of which may come from the command before.
    fn call(
        &mut self,
        dot: &Held<'d>,
        name: &str,
        node: (usize, &'t dyn Display),
        rest: &'t [Term],
        last: Option<Held<'d>>,
    ) -> Done<Held<'d>> {
        let Some(Function { fixed, more, body, .. }) = function(name) else {
            return self.fail(undefined(name));
        };
        let (given, least) = (rest.len() + usize::from(last.is_some()), fixed.len());
        if more.is_some() && given < least {
            return self
                .fail(format!("wrong number of args for {name}: want at least {least} got {}", rest.len()));
        }
        if more.is_none() && given != least {
            return self.fail(format!("wrong number of args for {name}: want {least} got {given}"));
        }
        let wants = |at: usize| fixed.get(at).copied().or(*more).unwrap_or(Wants::Any);
        let mut of = Vec::new();
        for (at, term) in rest.iter().enumerate() {
            let value = self.argument(dot, term, wants(at))?;
            of.push(value);
            if matches!(name, "and" | "or") && of[at].thing.is_true() == (name == "or") {
                return Ok(of.remove(at));
            }
        }
        if let Some(last) = last {
            let last = self.fitting(last, wants(of.len()))?;
            of.push(last);
        }
        let shown = rest.first().map(Term::to_string).unwrap_or_default();
        body(&shown, &of).or_else(|why| {
            self.at = Some(node);
            self.fail(format!("error calling {name}: {why}"))
        })
    }

    fn argument(&mut self, dot: &Held<'d>, term: &'t Term, wants: Wants) -> Done<Held<'d>> {
        self.at = Some((term.at, term));
        match (&term.what, wants) {
            (What::Nil, Wants::Text) => self.fail("cannot assign nil to string"),
            (What::Bool(_) | What::Int(..) | What::Float(..), Wants::Text) => {
                self.fail(format!("expected string; found {term}"))
            }
            _ => {
                let value = self.value(dot, term, false)?;
                self.fitting(value, wants)
            }
        }
    }

    fn fitting(&self, held: Held<'d>, wants: Wants) -> Done<Held<'d>> {
        match (wants, &held.thing) {
            (Wants::Value | Wants::Any, _) | (Wants::Text, Thing::Text(_)) => Ok(held),
            (Wants::Text, _) => self.fail(wrong(&held)),
        }
    }
}
