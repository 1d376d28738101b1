//! Templates and paths as trees.

use super::{Node, Operand, Step};
use serde_json::Value;

/// Reads a template.
pub(super) fn template(text: &str) -> Result<Vec<Node>, String> {
    parse(&mut Scanner(text.chars().collect(), 0), false)
}

/// Reads a bare path.
pub(super) fn path(text: &str) -> Result<Vec<Step>, String> {
    path_steps(&mut Scanner(text.chars().collect(), 0))
}

struct Scanner(Vec<char>, usize);

impl Scanner {
    fn peek(&self) -> Option<char> {
        self.0.get(self.1).copied()
    }
    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.1 += 1;
        Some(c)
    }
    fn rest_starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.0.get(self.1 + i) == Some(&c))
    }
    fn take(&mut self, text: &str) -> bool {
        let found = self.rest_starts(text);
        if found {
            self.1 += text.chars().count();
        }
        found
    }
    fn spaces(&mut self) {
        while self.peek() == Some(' ') {
            self.1 += 1;
        }
    }
    fn until(&mut self, stop: &[char]) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| !stop.contains(c)) {
            text.push(c);
            self.1 += 1;
        }
        text
    }
    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err("unterminated quoted string".to_owned()),
                Some(c) if c == quote => return Ok(text),
                Some('\\') => text.push(match self.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some(c) => c,
                    None => return Err("unterminated quoted string".to_owned()),
                }),
                Some(c) => text.push(c),
            }
        }
    }
}

fn parse(scan: &mut Scanner, in_range: bool) -> Result<Vec<Node>, String> {
    let mut nodes = Vec::new();
    while scan.peek().is_some() {
        let text = scan.until(&['{']);
        if !text.is_empty() {
            nodes.push(Node::Text(text));
        }
        if !scan.take("{") {
            break;
        }
        loop {
            scan.spaces();
            match scan.peek() {
                None => return Err("unclosed action".to_owned()),
                Some('}') => break,
                Some(quote @ ('"' | '\'')) => {
                    scan.next();
                    nodes.push(Node::Text(scan.quoted(quote)?));
                }
                Some(_) if scan.take("range ") => {
                    scan.spaces();
                    let steps = path_steps(scan)?;
                    scan.spaces();
                    if !scan.take("}") {
                        return Err("unclosed action".to_owned());
                    }
                    nodes.push(Node::Range(steps, parse(scan, true)?));
                    scan.1 = scan.1.saturating_sub(1);
                    break;
                }
                Some(_) if scan.take("end") => {
                    scan.spaces();
                    return match (in_range, scan.take("}")) {
                        (true, true) => Ok(nodes),
                        _ => Err("not in range, nothing to end".to_owned()),
                    };
                }
                Some(c) if c.is_alphanumeric() || c == '_' => nodes.push(Node::Unknown(field(scan))),
                Some(_) => nodes.push(Node::Path(path_steps(scan)?)),
            }
        }
        scan.take("}");
    }
    if in_range { Err("unclosed range, missing {end}".to_owned()) } else { Ok(nodes) }
}

fn path_steps(scan: &mut Scanner) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let start = scan.1;
    loop {
        match scan.peek() {
            Some('$') => {
                scan.next();
                steps.push(Step::Root);
            }
            Some('@') => {
                scan.next();
            }
            Some('.') if scan.rest_starts("..") => {
                scan.take("..");
                steps.push(Step::Descend);
                if let Some(c) = scan.peek().filter(|c| *c != '[') {
                    if c == '*' {
                        scan.next();
                        steps.push(Step::Every);
                    } else {
                        steps.push(Step::Field(field(scan)));
                    }
                }
            }
            Some('.') => {
                scan.next();
                if scan.take("*") {
                    steps.push(Step::Every);
                } else {
                    let name = field(scan);
                    if !name.is_empty() {
                        steps.push(Step::Field(name));
                    }
                }
            }
            Some('[') => {
                scan.next();
                steps.push(bracket(scan)?);
            }
            Some(c) if scan.1 == start && (c.is_alphanumeric() || c == '_') => {
                let name = field(scan);
                return Err(format!("unrecognized identifier {name}"));
            }
            Some(c) if scan.1 == start => {
                return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32));
            }
            _ => return Ok(steps),
        }
    }
}

fn field(scan: &mut Scanner) -> String {
    let mut name = String::new();
    while let Some(c) = scan.peek() {
        match c {
            '\\' => {
                scan.next();
                name.extend(scan.next());
            }
            '.' | '[' | ']' | '}' | '{' | ' ' | ')' | '=' | '!' | '<' | '>' | ',' | '\n' | '\t' => break,
            _ => {
                scan.next();
                name.push(c);
            }
        }
    }
    name
}

fn bracket(scan: &mut Scanner) -> Result<Step, String> {
    let unclosed = || "unterminated array".to_owned();
    if scan.take("?(") {
        let left = {
            scan.spaces();
            path_steps(scan)?
        };
        scan.spaces();
        let operator: String = scan.until(&[
            ' ', '"', '\'', ')', '@', '.', '$', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 't', 'f',
            '-',
        ]);
        scan.spaces();
        let right = match scan.peek() {
            Some(quote @ ('"' | '\'')) => {
                scan.next();
                Some(Operand::Literal(scan.quoted(quote)?.into()))
            }
            Some('@' | '$' | '.') => Some(Operand::Path(path_steps(scan)?)),
            Some(')') | None => None,
            Some(_) => {
                let word = scan.until(&[' ', ')']);
                Some(Operand::Literal(serde_json::from_str(&word).unwrap_or(Value::String(word))))
            }
        };
        scan.spaces();
        return if scan.take(")]") {
            Ok(Step::Filter(left, operator, right))
        } else {
            Err("unterminated filter".to_owned())
        };
    }
    if let Some(quote @ ('"' | '\'')) = scan.peek() {
        scan.next();
        let name = scan.quoted(quote)?;
        return if scan.take("]") { Ok(Step::Field(name)) } else { Err(unclosed()) };
    }
    let inner = scan.until(&[']']);
    if !scan.take("]") {
        return Err(unclosed());
    }
    let invalid = || format!("invalid array index {inner}");
    if inner.trim() == "*" {
        return Ok(Step::Every);
    }
    if let Some((from, to)) = inner.split_once(':') {
        let bound = |t: &str| match t.trim() {
            "" => Ok(None),
            t => t.parse().map(Some).map_err(|_| invalid()),
        };
        return Ok(Step::Slice(bound(from)?, bound(to)?));
    }
    let indexes = inner.split(',').map(|i| i.trim().parse().map_err(|_| invalid()));
    Ok(Step::Index(indexes.collect::<Result<_, String>>()?))
}
