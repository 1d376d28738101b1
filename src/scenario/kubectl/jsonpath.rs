//! kubectl's JSONPath templates (`client-go/util/jsonpath`).

use serde_json::Value;

/// Fills a template. A missing key is nothing; an index beyond a list's end is an error.
pub(super) fn fill(template: &str, root: &Value) -> Result<String, String> {
    let nodes = parse(&mut Scanner(template.chars().collect(), 0), false)?;
    let mut out = String::new();
    render(&nodes, root, root, &mut out)?;
    Ok(out)
}

/// The values that a bare path (`.spec.x`) finds, for custom columns and conditions.
pub(super) fn find(path: &str, root: &Value) -> Result<Vec<Value>, String> {
    let steps = path_steps(&mut Scanner(path.chars().collect(), 0))?;
    walk(&steps, root, root)
}

/// `.a.b`, `a.b` and `{.a.b}` are the same to kubectl (`RelaxedJSONPathExpression`).
pub(super) fn relaxed(path: &str) -> String {
    let inner = path.strip_prefix('{').and_then(|p| p.strip_suffix('}')).unwrap_or(path);
    format!(".{}", inner.trim_start_matches('.'))
}

enum Node {
    Text(String),
    Path(Vec<Step>),
    Range(Vec<Step>, Vec<Node>),
}

enum Step {
    Field(String),
    Every,
    Index(Vec<i64>),
    Slice(Option<i64>, Option<i64>),
    Filter(Vec<Step>, String, Option<Operand>),
    Descend,
    Root,
}

enum Operand {
    Literal(Value),
    Path(Vec<Step>),
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

fn render(nodes: &[Node], root: &Value, here: &Value, out: &mut String) -> Result<(), String> {
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Path(steps) => {
                let values: Vec<String> = walk(steps, root, here)?.iter().map(show).collect();
                out.push_str(&values.join(" "));
            }
            Node::Range(steps, body) => {
                for value in walk(steps, root, here)? {
                    render(body, root, &value, out)?;
                }
            }
        }
    }
    Ok(())
}

/// A value as a template prints it: text as it is, the rest as JSON.
pub(super) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) | Value::Bool(_) | Value::Number(_) => {
            super::print::json_line(value)
        }
    }
}

fn walk(steps: &[Step], root: &Value, here: &Value) -> Result<Vec<Value>, String> {
    let mut values = vec![here.clone()];
    for step in steps {
        let mut next = Vec::new();
        for value in &values {
            one_step(step, root, value, &mut next)?;
        }
        values = next;
    }
    Ok(values)
}

fn one_step(step: &Step, root: &Value, value: &Value, next: &mut Vec<Value>) -> Result<(), String> {
    match step {
        Step::Root => next.push(root.clone()),
        Step::Field(name) => next.extend(value.get(name).cloned()),
        Step::Every => match value {
            Value::Array(list) => next.extend(list.iter().cloned()),
            Value::Object(map) => next.extend(map.values().cloned()),
            _ => {}
        },
        Step::Index(indexes) => {
            let Value::Array(list) = value else {
                return if value.is_null() {
                    Ok(())
                } else {
                    Err(format!("{} is not array or slice", json_type(value)))
                };
            };
            for index in indexes {
                let length = list.len() as i64;
                let at = if *index < 0 { length + index } else { *index };
                let found = usize::try_from(at).ok().and_then(|i| list.get(i));
                next.push(
                    found
                        .ok_or_else(|| format!("array index out of bounds: index {at}, length {length}"))?
                        .clone(),
                );
            }
        }
        Step::Slice(from, to) => {
            let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
            let length = list.len() as i64;
            let place = |bound: i64| if bound < 0 { bound + length } else { bound }.clamp(0, length) as usize;
            let (from, to) = (place(from.unwrap_or(0)), place(to.unwrap_or(length)));
            next.extend(list.get(from..to).unwrap_or_default().iter().cloned());
        }
        Step::Filter(left, operator, right) => {
            for item in value.as_array().map(Vec::as_slice).unwrap_or_default() {
                if passes(left, operator, right.as_ref(), root, item)? {
                    next.push(item.clone());
                }
            }
        }
        Step::Descend => descend(value, next),
    }
    Ok(())
}

fn descend(value: &Value, next: &mut Vec<Value>) {
    next.push(value.clone());
    match value {
        Value::Array(list) => list.iter().for_each(|v| descend(v, next)),
        Value::Object(map) => map.values().for_each(|v| descend(v, next)),
        _ => {}
    }
}

fn passes(
    left: &[Step],
    operator: &str,
    right: Option<&Operand>,
    root: &Value,
    item: &Value,
) -> Result<bool, String> {
    let left = walk(left, root, item)?;
    let Some(right) = right else {
        return Ok(!left.is_empty());
    };
    let right = match right {
        Operand::Literal(value) => value.clone(),
        Operand::Path(steps) => walk(steps, root, item)?.into_iter().next().unwrap_or_default(),
    };
    let Some(left) = left.into_iter().next() else {
        return Ok(false);
    };
    let order = match (&left, &right) {
        (Value::Number(a), Value::Number(b)) => a.as_i64().cmp(&b.as_i64()),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ if left == right => std::cmp::Ordering::Equal,
        _ => return Ok(operator == "!="),
    };
    match operator {
        "==" | "=" => Ok(order.is_eq()),
        "!=" => Ok(order.is_ne()),
        "<" => Ok(order.is_lt()),
        "<=" => Ok(order.is_le()),
        ">" => Ok(order.is_gt()),
        ">=" => Ok(order.is_ge()),
        other => Err(format!("unrecognized filter operator {other}")),
    }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "map[string]interface {}",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) => "int64",
        Value::Array(_) | Value::Null => "value",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn templates() {
        let pods = json!({"items": [{"metadata": {"name": "a"}, "n": 1}, {"metadata": {"name": "b", "l": {"x.y": "z"}}, "n": 2}]});
        for (template, want) in [
            ("{.items[0].metadata.name}", "a"),
            ("{.items[*].metadata.name}", "a b"),
            ("{range .items[*]}{.metadata.name}{\"\\n\"}{end}-", "a\nb\n-"),
            ("{.items[?(@.metadata.name==\"b\")].n}", "2"),
            ("{.items[?(@.n>1)].metadata.name}", "b"),
            ("{.items[-1:].metadata.l.x\\.y}", "z"),
            ("{.items[1].metadata.l}", "{\"x.y\":\"z\"}"),
            ("{.nosuch}x", "x"),
            ("{..name}", "a b"),
        ] {
            assert_eq!(super::fill(template, &pods), Ok(want.to_owned()), "{template}");
        }
        assert_eq!(
            super::fill("{.items[5].n}", &pods),
            Err("array index out of bounds: index 5, length 2".to_owned())
        );
    }
}
