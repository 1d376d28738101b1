//! The words of a template (`text/template/parse/lex.go`).

use crate::golang::fmt::quote;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Bool,
    Char,
    CharConstant,
    Assign,
    Declare,
    End,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    Quoted,
    RightDelim,
    RightParen,
    Space,
    Text,
    Variable,
    Dot,
    Nil,
    Keyword,
}

/// A word, where it begins, and on which line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'t> {
    pub(super) kind: Kind,
    pub(super) at: usize,
    pub(super) line: usize,
    pub(super) text: &'t str,
}

impl Item<'_> {
    /// Whether it is that keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Keyword && self.text == keyword
    }

    /// As errors show it.
    pub(super) fn shown(&self) -> String {
        match self.kind {
            Kind::End => "EOF".to_owned(),
            Kind::Error => self.text.to_owned(),
            Kind::Dot | Kind::Nil | Kind::Keyword => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                format!("{}...", quote(&self.text.chars().take(10).collect::<String>()))
            }
            _ => quote(self.text),
        }
    }
}

const KEYWORDS: [&str; 9] =
    ["block", "break", "continue", "define", "else", "end", "if", "range", "template"];

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// The words, up to the end or to the first that is none; and the words of what is wrong with that one.
pub(super) fn words(text: &str) -> (Vec<Item<'_>>, String) {
    let mut lexer = Lexer { text, at: 0, start: 0, parens: 0, items: Vec::new() };
    let why = lexer.run().err().unwrap_or_default();
    let kind = if why.is_empty() { Kind::End } else { Kind::Error };
    lexer.push(kind);
    (lexer.items, why)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    start: usize,
    parens: usize,
    items: Vec<Item<'t>>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn accept(&mut self, set: &str) -> bool {
        let accepted = self.peek().is_some_and(|c| set.contains(c));
        if accepted {
            self.next();
        }
        accepted
    }

    fn accept_run(&mut self, set: &str) {
        while self.accept(set) {}
    }

    fn word(&self) -> &'t str {
        self.text.get(self.start..self.at).unwrap_or_default()
    }

    fn push(&mut self, kind: Kind) {
        let before = self.text.get(..self.start).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        self.items.push(Item { kind, at: self.start, line, text: self.word() });
        self.start = self.at;
    }

    fn skip(&mut self, bytes: usize) {
        self.at += bytes;
        self.start = self.at;
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(begin) = self.rest().find("{{") {
            let text = self.rest().get(..begin).unwrap_or_default();
            let action = self.at + begin;
            let trims = has_left_marker(self.text.get(action + 2..).unwrap_or_default());
            self.at += if trims { text.trim_end_matches(SPACES).len() } else { begin };
            if self.at > self.start {
                self.push(Kind::Text);
            }
            self.at = action;
            self.start = action;
            self.action(trims)?;
        }
        self.at = self.text.len();
        if self.at > self.start {
            self.push(Kind::Text);
        }
        Ok(())
    }

    /// An action or a comment, with its delimiters.
    fn action(&mut self, trims: bool) -> Result<(), String> {
        let marker = if trims { 2 } else { 0 };
        self.at += 2;
        if self.rest().get(marker..).is_some_and(|rest| rest.starts_with("/*")) {
            self.skip(marker);
            let end = self.rest().find("*/").ok_or("unclosed comment")?;
            self.at += end + 2;
            let Some(trims) = self.right_delim() else {
                return Err("comment ends before closing delimiter".to_owned());
            };
            self.close(trims);
            return Ok(());
        }
        self.push(Kind::LeftDelim);
        self.skip(marker);
        self.parens = 0;
        loop {
            if let Some(trims) = self.right_delim() {
                if self.parens > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                if trims {
                    self.skip(2);
                }
                self.at += 2;
                self.push(Kind::RightDelim);
                if trims {
                    self.skip(self.rest().len() - self.rest().trim_start_matches(SPACES).len());
                }
                return Ok(());
            }
            self.inside()?;
        }
    }

    /// Whether an action ends here, and if so whether it trims what follows.
    fn right_delim(&self) -> Option<bool> {
        let rest = self.rest();
        if rest.starts_with(SPACES) && rest.get(1..).is_some_and(|rest| rest.starts_with("-}}")) {
            return Some(true);
        }
        rest.starts_with("}}").then_some(false)
    }

    /// Passes over the end of a comment.
    fn close(&mut self, trims: bool) {
        self.at += if trims { 4 } else { 2 };
        if trims {
            self.at += self.rest().len() - self.rest().trim_start_matches(SPACES).len();
        }
        self.start = self.at;
    }

    /// One word inside an action.
    fn inside(&mut self) -> Result<(), String> {
        let Some(first) = self.peek() else { return Err("unclosed action".to_owned()) };
        match first {
            c if SPACES.contains(&c) => {
                while self.peek().is_some_and(|c| SPACES.contains(&c)) && self.right_delim().is_none() {
                    self.next();
                }
                self.push(Kind::Space);
            }
            '=' => self.single(Kind::Assign),
            ':' => {
                self.next();
                if !self.accept("=") {
                    return Err("expected :=".to_owned());
                }
                self.push(Kind::Declare);
            }
            '|' => self.single(Kind::Pipe),
            '"' => self.quoted('"', Kind::Quoted, "quoted string")?,
            '\'' => self.quoted('\'', Kind::CharConstant, "character constant")?,
            '`' => {
                self.next();
                let end = self.rest().find('`').ok_or("unterminated raw quoted string")?;
                self.at += end + 1;
                self.push(Kind::Quoted);
            }
            '$' => self.name(Kind::Variable)?,
            '.' if !self
                .rest()
                .get(1..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) =>
            {
                self.name(Kind::Field)?;
            }
            '.' | '+' | '-' | '0'..='9' => self.number()?,
            '(' => {
                self.parens += 1;
                self.single(Kind::LeftParen);
            }
            ')' if self.parens == 0 => return Err("unexpected right paren".to_owned()),
            ')' => {
                self.parens -= 1;
                self.single(Kind::RightParen);
            }
            c if is_letter(c) => self.name(Kind::Identifier)?,
            c if c.is_ascii_graphic() => self.single(Kind::Char),
            c => {
                self.next();
                return Err(format!("unrecognized character in action: {}", code(c)));
            }
        }
        Ok(())
    }

    fn single(&mut self, kind: Kind) {
        self.next();
        self.push(kind);
    }

    /// A name, after the sign that it may begin with.
    fn name(&mut self, kind: Kind) -> Result<(), String> {
        if kind != Kind::Identifier {
            self.next();
        }
        while self.peek().is_some_and(is_letter) {
            self.next();
        }
        if let Some(c) = self.peek()
            && !SPACES.contains(&c)
            && !".,|:)(".contains(c)
            && !self.rest().starts_with("}}")
        {
            return Err(format!("bad character {}", code(c)));
        }
        self.push(match (kind, self.word()) {
            (Kind::Field, ".") => Kind::Dot,
            (Kind::Identifier, "nil") => Kind::Nil,
            (Kind::Identifier, "true" | "false") => Kind::Bool,
            (Kind::Identifier, word) if word == "with" || KEYWORDS.contains(&word) => Kind::Keyword,
            (kind, _) => kind,
        });
        Ok(())
    }

    /// A number, or what only its reader will find to be none.
    fn number(&mut self) -> Result<(), String> {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if digits.len() == 11 && self.accept("eE") {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        let sign = self.peek().is_some_and(|c| "+-".contains(c));
        if sign || self.peek().is_some_and(is_letter) {
            self.next();
            return Err(format!("bad number syntax: {}", quote(self.word())));
        }
        self.push(Kind::Number);
        Ok(())
    }

    fn quoted(&mut self, mark: char, kind: Kind, what: &str) -> Result<(), String> {
        self.next();
        loop {
            match self.next() {
                Some('\\') if self.peek().is_some_and(|c| c != '\n') => drop(self.next()),
                None | Some('\n' | '\\') => return Err(format!("unterminated {what}")),
                Some(c) if c == mark => break,
                Some(_) => {}
            }
        }
        self.push(kind);
        Ok(())
    }
}

fn has_left_marker(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|rest| rest.starts_with(SPACES))
}

fn is_letter(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// A character as Go's `%#U` prints it.
fn code(c: char) -> String {
    match c.is_control() {
        true => format!("U+{:04X}", u32::from(c)),
        false => format!("U+{:04X} '{c}'", u32::from(c)),
    }
}
