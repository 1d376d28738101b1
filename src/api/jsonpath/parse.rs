//! Templates as trees.

use super::{Node, Slice};
use crate::golang::strconv::unquote;
use crate::json::{Number, Value};

/// Reads a template: texts, and actions between braces.
pub(super) fn template(text: &str) -> Result<Vec<Node>, String> {
    let mut scan = Scanner { text: text.chars().collect(), at: 0, start: 0 };
    let mut nodes = Vec::new();
    loop {
        while scan.peek().is_some_and(|c| c != '{') {
            scan.next();
        }
        let text = scan.taken();
        if !text.is_empty() {
            nodes.push(Node::Text(text));
        }
        if scan.next().is_none() {
            return Ok(nodes);
        }
        scan.taken();
        nodes.push(Node::Action(action(&mut scan)?));
    }
}

struct Scanner {
    text: Vec<char>,
    at: usize,
    /// Where what is being read began.
    start: usize,
}

impl Scanner {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }
    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }
    fn begins(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.text.get(self.at + i) == Some(&c))
    }
    fn skip(&mut self, count: usize) {
        self.at += count;
        self.start = self.at;
    }
    /// What was read since it was asked last.
    fn taken(&mut self) -> String {
        let text = self.text[self.start..self.at].iter().collect();
        self.start = self.at;
        text
    }
    /// Whether the character before the one that was read last is a backslash.
    fn escaped(&self) -> bool {
        self.at >= 2 && self.text[self.at - 2] == '\\'
    }
    /// Reads on until a name ends.
    fn name(&mut self) {
        while let Some(c) = self.peek().filter(|c| !ends_name(*c)) {
            self.next();
            if c == '\\' {
                self.next();
            }
        }
    }
}

fn ends_name(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// What stands between braces; the first one was read.
fn action(scan: &mut Scanner) -> Result<Vec<Node>, String> {
    let mut nodes = Vec::new();
    loop {
        if scan.begins("[?(") {
            scan.skip(3);
            nodes.push(filter(scan)?);
            continue;
        }
        if scan.begins("..") {
            if nodes.last() == Some(&Node::Recursive) {
                return Err("invalid multiple recursive descent".to_owned());
            }
            scan.skip(2);
            nodes.push(Node::Recursive);
            if scan.peek().is_some_and(is_word) {
                nodes.push(field(scan));
            }
            continue;
        }
        match scan.next() {
            None | Some('\r' | '\n') => return Err("unclosed action".to_owned()),
            Some('}') => {
                scan.taken();
                return Ok(nodes);
            }
            Some(' ' | '@' | '$') => drop(scan.taken()),
            Some('[') => nodes.extend(array(scan)?),
            Some(quote @ ('"' | '\'')) => nodes.push(quoted(scan, quote)?),
            Some('.') => {
                scan.taken();
                nodes.push(field(scan));
            }
            Some(c) if matches!(c, '+' | '-') || c.is_ascii_digit() => nodes.push(number(scan)?),
            Some(c) if is_word(c) => {
                while scan.peek().is_some_and(|c| !ends_name(c)) {
                    scan.next();
                }
                nodes.push(match scan.taken().as_str() {
                    "true" => Node::Literal(true.into()),
                    "false" => Node::Literal(false.into()),
                    name => Node::Identifier(name.to_owned()),
                });
            }
            Some(c) => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
        }
    }
}

/// What stands between braces, of a part of a path.
fn part(text: &str) -> Result<Vec<Node>, String> {
    match template(&format!("{{{text}}}"))?.into_iter().next() {
        Some(Node::Action(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

fn field(scan: &mut Scanner) -> Node {
    scan.name();
    match scan.taken().as_str() {
        "*" => Node::Wildcard,
        name => Node::Field(name.replace('\\', "")),
    }
}

fn number(scan: &mut Scanner) -> Result<Node, String> {
    while scan.peek().is_some_and(|c| c == '.' || c.is_ascii_digit()) {
        scan.next();
    }
    let text = scan.taken();
    let bare = text.strip_prefix('+').unwrap_or(&text);
    let number = match bare.parse::<i64>() {
        Ok(whole) => Some(whole.into()),
        // A point may stand at the end of a number in Go.
        Err(_) => serde_json::from_str::<Number>(&format!("{bare}0")).ok().filter(Number::is_f64),
    };
    match number {
        Some(number) => Ok(Node::Literal(Value::Number(number))),
        None => Err(format!("cannot parse number {text}")),
    }
}

fn quoted(scan: &mut Scanner, quote: char) -> Result<Node, String> {
    loop {
        match scan.next() {
            None | Some('\n') => return Err("unterminated quoted string".to_owned()),
            Some(c) if c == quote && !scan.escaped() => break,
            Some(_) => {}
        }
    }
    let text = scan.taken();
    match unquote(&text) {
        Some(plain) => Ok(Node::Text(plain)),
        None => Err(format!("unquote string {text} error invalid syntax")),
    }
}

/// What stands between brackets; the first one was read.
fn array(scan: &mut Scanner) -> Result<Vec<Node>, String> {
    loop {
        match scan.next() {
            None | Some('\n') => return Err("unterminated array".to_owned()),
            Some(']') => break,
            Some(_) => {}
        }
    }
    let text = scan.taken();
    let text = &text[1..text.len() - 1];
    if text.contains(',') {
        let paths = text.split(',').map(|path| part(&format!("[{}]", path.trim_matches(' '))));
        return Ok(vec![Node::Union(paths.collect::<Result<_, _>>()?)]);
    }
    let key = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    if let Some(key) = key.filter(|key| !key.contains('\'')) {
        return part(&format!(".{key}"));
    }
    Ok(vec![Node::Slice(slice(if text == "*" { ":" } else { text })?)])
}

fn slice(text: &str) -> Result<Slice, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_bound = |text: &&str| text.strip_prefix('-').unwrap_or(text).bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_bound) {
        return Err(format!("invalid array index {text}"));
    }
    let bound = |at: usize| match parts.get(at) {
        None | Some(&"") => Ok(None),
        Some(text) => {
            text.parse::<i64>().map(Some).map_err(|_| format!("array index {text} is not a number"))
        }
    };
    let (from, index) = (bound(0)?, parts.len() == 1);
    let to = if index { Some(from.unwrap_or(0) + 1) } else { bound(1)? };
    Ok(Slice { from, to, step: bound(2)?, index })
}

/// What stands behind `[?(`.
fn filter(scan: &mut Scanner) -> Result<Node, String> {
    // Where the first quoted text begins, its quote is looked for; behind it, the next parenthesis ends the filter.
    let (mut quote, mut closed) = (None, false);
    loop {
        match scan.next() {
            None | Some('\n') => return Err("unterminated filter".to_owned()),
            Some(c @ ('"' | '\'')) => match quote {
                None => quote = Some(c),
                Some(quote) => closed |= quote == c && !scan.escaped(),
            },
            Some(')') if quote.is_some() == closed => break,
            Some(_) => {}
        }
    }
    if scan.next() != Some(']') {
        return Err("unclosed array expect ]".to_owned());
    }
    let text = scan.taken();
    let text = &text[..text.len() - 2];
    let is_operator = |c: char| matches!(c, '!' | '<' | '>' | '=');
    let begin = text.find(is_operator).filter(|begin| *begin > 0);
    let found = begin.and_then(|begin| {
        let (left, rest) = text.split_at(begin);
        let end = rest.find(|c| !is_operator(c))?;
        let (operator, right) = rest.split_at(end);
        Some((left, operator, right))
    });
    let (left, operator, right) = found.unwrap_or((text, "", ""));
    Ok(Node::Filter { left: part(left)?, operator: operator.to_owned(), right: part(right)? })
}
