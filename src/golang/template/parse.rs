//! From words to parts (`text/template/parse/parse.go`).

mod terms;

use super::lex::{Item, Kind, words};
use super::node::{Branch, Command, Named, Node, Pipe, What};
use super::{DEPTH_MAX, NAME};
use crate::golang::fmt::quote;
use crate::golang::strconv::unquote;
use std::collections::BTreeMap;

/// Reads the templates of a text: itself, and those that it defines.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Vec<Node>>, String> {
    let (items, why) = words(text);
    let mut parser = Parser {
        items,
        why,
        at: 0,
        seen: 0,
        action: 0,
        vars: vec!["$".to_owned()],
        ranges: 0,
        depth: 0,
        named: BTreeMap::new(),
    };
    let mut root = Vec::new();
    while parser.peek().kind != Kind::End {
        if parser.peek().kind == Kind::LeftDelim {
            let begin = parser.at;
            parser.next();
            if parser.next_word().is("define") {
                parser.definition()?;
                continue;
            }
            parser.at = begin;
        }
        match parser.text_or_action()? {
            Part::Node(node) => root.push(node),
            end => return parser.fail(format!("unexpected {}", end.shown())),
        }
    }
    parser.add(NAME.to_owned(), root)?;
    Ok(parser.named)
}

/// A part, or what ends a list of parts.
enum Part {
    Node(Node),
    End,
    Else,
}

impl Part {
    fn shown(&self) -> &'static str {
        match self {
            Part::Else => "{{else}}",
            Part::End | Part::Node(_) => "{{end}}",
        }
    }
}

struct Parser<'t> {
    items: Vec<Item<'t>>,
    /// What is wrong with the last word.
    why: String,
    at: usize,
    /// The word that was looked at last, whose line errors tell.
    seen: usize,
    /// The line on which the action began that is being read; none outside.
    action: usize,
    vars: Vec<String>,
    ranges: usize,
    depth: usize,
    named: BTreeMap<String, Vec<Node>>,
}

type Read<T> = Result<T, String>;

impl<'t> Parser<'t> {
    fn item(&self, at: usize) -> Item<'t> {
        self.items[at.min(self.items.len() - 1)]
    }

    fn peek(&mut self) -> Item<'t> {
        self.seen = self.seen.max(self.at);
        self.item(self.at)
    }

    fn next(&mut self) -> Item<'t> {
        let item = self.peek();
        self.at += 1;
        item
    }

    fn peek_word(&mut self) -> Item<'t> {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
        self.peek()
    }

    fn next_word(&mut self) -> Item<'t> {
        self.peek_word();
        self.next()
    }

    fn fail<T>(&self, why: impl std::fmt::Display) -> Read<T> {
        Err(format!("template: {NAME}:{}: {why}", self.item(self.seen).line))
    }

    fn unexpected<T>(&self, item: Item<'_>, context: &str) -> Read<T> {
        if item.kind != Kind::Error {
            return self.fail(format!("unexpected {} in {context}", item.shown()));
        }
        let begun = match self.action != 0 && self.action != item.line {
            true if self.why.ends_with(" action") => format!(" started at {NAME}:{}", self.action),
            true => format!(" in action started at {NAME}:{}", self.action),
            false => String::new(),
        };
        self.fail(format!("{}{begun}", self.why))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Read<Item<'t>> {
        let item = self.next_word();
        if item.kind == kind { Ok(item) } else { self.unexpected(item, context) }
    }

    /// One step deeper, unless that is too deep.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return self.fail("max expression depth exceeded");
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Adds a template: only an empty one gives way to another.
    fn add(&mut self, name: String, list: Vec<Node>) -> Read<()> {
        let empty = |list: &[Node]| {
            list.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
        };
        match self.named.get(&name) {
            Some(known) if !empty(known) => match empty(&list) {
                true => Ok(()),
                false => self.fail(format!("template: multiple definition of template {}", quote(&name))),
            },
            _ => {
                self.named.insert(name, list);
                Ok(())
            }
        }
    }

    fn definition(&mut self) -> Read<()> {
        let context = "define clause";
        let item = self.next_word();
        let name = self.template_name(item, context)?;
        self.expect(Kind::RightDelim, context)?;
        let list = self.own_list(context)?;
        self.add(name, list)
    }

    /// The parts of another template, which knows no variables of this one.
    fn own_list(&mut self, context: &str) -> Read<Vec<Node>> {
        let outer =
            (std::mem::replace(&mut self.vars, vec!["$".to_owned()]), std::mem::take(&mut self.ranges));
        let (list, end) = self.list()?;
        (self.vars, self.ranges) = outer;
        match end {
            Part::Else => self.fail(format!("unexpected {} in {context}", end.shown())),
            Part::End | Part::Node(_) => Ok(list),
        }
    }

    fn template_name(&self, item: Item<'_>, context: &str) -> Read<String> {
        match item.kind {
            Kind::Quoted => self.unquoted(item.text),
            _ => self.unexpected(item, context),
        }
    }

    fn unquoted(&self, text: &str) -> Read<String> {
        let raw = text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
        match raw.map(|raw| raw.replace('\r', "")).or_else(|| unquote(text)) {
            Some(text) => Ok(text),
            None => self.fail("invalid syntax"),
        }
    }

    /// Parts up to an end or an else.
    fn list(&mut self) -> Read<(Vec<Node>, Part)> {
        let mut list = Vec::new();
        while self.peek_word().kind != Kind::End {
            match self.deeper(Parser::text_or_action)? {
                Part::Node(node) => list.push(node),
                end => return Ok((list, end)),
            }
        }
        self.fail("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Read<Part> {
        let item = self.next_word();
        match item.kind {
            Kind::Text => Ok(Part::Node(Node::Text(item.text.to_owned()))),
            Kind::LeftDelim => {
                self.action = item.line;
                let part = self.action()?;
                self.action = 0;
                Ok(part)
            }
            _ => self.unexpected(item, "input"),
        }
    }

    fn action(&mut self) -> Read<Part> {
        let begin = self.at;
        let item = self.next_word();
        let keyword = if item.kind == Kind::Keyword { item.text } else { "" };
        Ok(match keyword {
            "block" => Part::Node(self.block()?),
            "break" => Part::Node(self.leave("{{break}}", Node::Break)?),
            "continue" => Part::Node(self.leave("{{continue}}", Node::Continue)?),
            "else" => {
                let next = self.peek_word();
                if !next.is("if") && !next.is("with") {
                    self.expect(Kind::RightDelim, "else")?;
                }
                Part::Else
            }
            "end" => {
                self.expect(Kind::RightDelim, "end")?;
                Part::End
            }
            "if" => Part::Node(self.branch(Branch::If)?),
            "range" => Part::Node(self.branch(Branch::Range)?),
            "template" => Part::Node(self.template()?),
            "with" => Part::Node(self.branch(Branch::With)?),
            _ => {
                self.at = begin;
                Part::Node(Node::Action(self.pipe("command", Kind::RightDelim)?))
            }
        })
    }

    fn leave(&mut self, shown: &str, node: Node) -> Read<Node> {
        let item = self.next_word();
        if item.kind != Kind::RightDelim {
            return self.unexpected(item, shown);
        }
        if self.ranges == 0 {
            return self.fail(format!("{shown} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    fn branch(&mut self, kind: Branch) -> Read<Node> {
        let context = match kind {
            Branch::If => "if",
            Branch::With => "with",
            Branch::Range => "range",
        };
        let known = self.vars.len();
        let pipe = self.pipe(context, Kind::RightDelim)?;
        let range = usize::from(kind == Branch::Range);
        self.ranges += range;
        let (list, end) = self.list()?;
        self.ranges -= range;
        let mut or_else = Vec::new();
        if let Part::Else = end {
            let next = self.peek();
            if kind != Branch::Range && next.is(context) {
                self.next();
                or_else.push(self.deeper(|parser| parser.branch(kind))?);
            } else {
                let end;
                (or_else, end) = self.list()?;
                if let Part::Else = end {
                    return self.fail(format!("expected end; found {}", end.shown()));
                }
            }
        }
        self.vars.truncate(known);
        Ok(Node::Branch { kind, pipe, list, or_else })
    }

    fn block(&mut self) -> Read<Node> {
        let context = "block clause";
        let item = self.next_word();
        let name = self.template_name(item, context)?;
        let pipe = self.pipe(context, Kind::RightDelim)?;
        let list = self.own_list(context)?;
        self.add(name.clone(), list)?;
        Ok(Node::Template(Named { at: item.at, name, pipe: Some(pipe) }))
    }

    fn template(&mut self) -> Read<Node> {
        let context = "template clause";
        let item = self.next_word();
        let name = self.template_name(item, context)?;
        let pipe = match self.peek_word().kind {
            Kind::RightDelim => {
                self.next();
                None
            }
            _ => Some(self.pipe(context, Kind::RightDelim)?),
        };
        Ok(Node::Template(Named { at: item.at, name, pipe }))
    }

    fn pipe(&mut self, context: &str, end: Kind) -> Read<Pipe> {
        let mut pipe =
            Pipe { at: self.peek_word().at, assigns: false, variables: Vec::new(), commands: Vec::new() };
        self.variables(&mut pipe, context)?;
        loop {
            let begin = self.at;
            let item = self.next_word();
            match item.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::Quoted
                | Kind::Variable
                | Kind::LeftParen => {
                    self.at = begin;
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => return self.unexpected(item, context),
            }
        }
        if pipe.commands.is_empty() {
            return self.fail(format!("missing value for {context}"));
        }
        for (at, command) in pipe.commands.iter().enumerate().skip(1) {
            if matches!(
                command.first.what,
                What::Bool(_) | What::Dot | What::Nil | What::Int(..) | What::Float(..) | What::Text(..)
            ) {
                return self.fail(format!("non executable command in pipeline stage {}", at + 1));
            }
        }
        Ok(pipe)
    }

    /// The variables that a pipeline's value is kept in.
    fn variables(&mut self, pipe: &mut Pipe, context: &str) -> Read<()> {
        loop {
            let begin = self.at;
            let item = self.peek_word();
            if item.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            let next = self.peek_word();
            let comma = next.kind == Kind::Char && next.text == ",";
            if !comma && !matches!(next.kind, Kind::Assign | Kind::Declare) {
                self.at = begin;
                return Ok(());
            }
            self.next();
            pipe.variables.push(item.text.to_owned());
            self.vars.push(item.text.to_owned());
            if !comma {
                pipe.assigns = next.kind == Kind::Assign;
                return Ok(());
            }
            if context != "range" || pipe.variables.len() > 1 {
                return self.fail(format!("too many declarations in {context}"));
            }
            if !matches!(self.peek_word().kind, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                return self.fail("range can only initialize variables");
            }
        }
    }

    fn command(&mut self) -> Read<Command> {
        let at = self.peek_word().at;
        let mut terms = Vec::new();
        loop {
            self.peek_word();
            terms.extend(self.operand()?);
            let item = self.next();
            match item.kind {
                Kind::Space => {}
                Kind::RightDelim | Kind::RightParen => {
                    self.at -= 1;
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(item, "operand"),
            }
        }
        let mut terms = terms.into_iter();
        match terms.next() {
            Some(first) => Ok(Command { at, first, rest: terms.collect() }),
            None => self.fail("empty command"),
        }
    }
}
