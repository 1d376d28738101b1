//! The parts of a template, and how errors show them (`text/template/parse/node.go`).

use crate::golang::fmt::quote;
use std::fmt::{Display, Formatter, Result};

/// A part of a template.
#[derive(Debug)]
pub(super) enum Node {
    /// What stands outside of actions.
    Text(String),
    /// What a pipeline makes, printed unless it is kept in a variable.
    Action(Pipe),
    /// One list of parts or the other.
    Branch {
        kind: Branch,
        pipe: Pipe,
        list: Vec<Node>,
        or_else: Vec<Node>,
    },
    /// Another template.
    Template(Named),
    Break,
    Continue,
}

/// What takes a list of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Branch {
    If,
    With,
    Range,
}

/// Where another template stands.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) at: usize,
    pub(super) name: String,
    pub(super) pipe: Option<Pipe>,
}

/// Commands, each of which gets what the one before makes.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) at: usize,
    /// Whether the variables are there already.
    pub(super) assigns: bool,
    pub(super) variables: Vec<String>,
    pub(super) commands: Vec<Command>,
}

/// A value or a function, and what it is given.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) at: usize,
    pub(super) first: Term,
    pub(super) rest: Vec<Term>,
}

/// A value, and where it stands.
#[derive(Debug)]
pub(super) struct Term {
    pub(super) at: usize,
    pub(super) what: What,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum What {
    Dot,
    Nil,
    Bool(bool),
    /// A whole number as it is written.
    Int(String, i64),
    /// One with a fraction or an exponent.
    Float(String, f64),
    /// A text as it is written, and what it says.
    Text(String, String),
    Field(Vec<String>),
    /// A variable, and fields of it.
    Variable(String, Vec<String>),
    Function(String),
    Pipe(Box<Pipe>),
    /// Fields of a pipeline's or a function's value.
    Chain(Box<Term>, Vec<String>),
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let fields =
            |f: &mut Formatter<'_>, names: &[String]| names.iter().try_for_each(|name| write!(f, ".{name}"));
        match &self.what {
            What::Dot => f.write_str("."),
            What::Nil => f.write_str("nil"),
            What::Bool(value) => write!(f, "{value}"),
            What::Int(text, _) | What::Float(text, _) | What::Text(text, _) | What::Function(text) => {
                f.write_str(text)
            }
            What::Field(names) => fields(f, names),
            What::Variable(name, names) => {
                f.write_str(name)?;
                fields(f, names)
            }
            What::Pipe(pipe) => write!(f, "{pipe}"),
            What::Chain(of, names) => {
                match of.what {
                    What::Pipe(_) => write!(f, "({of})")?,
                    _ => write!(f, "{of}")?,
                }
                fields(f, names)
            }
        }
    }
}

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let word = |f: &mut Formatter<'_>, term: &Term| match term.what {
            What::Pipe(_) => write!(f, "({term})"),
            _ => write!(f, "{term}"),
        };
        word(f, &self.first)?;
        self.rest.iter().try_for_each(|term| {
            f.write_str(" ")?;
            word(f, term)
        })
    }
}

impl Display for Pipe {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if !self.variables.is_empty() {
            write!(f, "{} {} ", self.variables.join(", "), if self.assigns { "=" } else { ":=" })?;
        }
        for (at, command) in self.commands.iter().enumerate() {
            write!(f, "{}{command}", if at > 0 { " | " } else { "" })?;
        }
        Ok(())
    }
}

impl Display for Named {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{{{{template {}", quote(&self.name))?;
        if let Some(pipe) = &self.pipe {
            write!(f, " {pipe}")?;
        }
        f.write_str("}}")
    }
}
