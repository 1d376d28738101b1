//! Paths to fields that a schema tells (`cel.ValidFieldPath`): `.spec.x`, `.spec['x']`.

use crate::api::Dig;
use crate::json::Value;

/// A field that a path leads to.
pub(super) struct Found<'a> {
    /// The field's schema; null where nothing is said of it.
    pub(super) schema: &'a Value,
    /// The path, however it was written.
    pub(super) path: Vec<String>,
}

/// Follows a path in a schema; the error is the text of Kubernetes.
pub(super) fn field_path<'a>(path: &str, schema: &'a Value, brackets: bool) -> Result<Found<'a>, String> {
    const END: &str = "unexpected end of JSON path";
    let mut found = Found { schema, path: Vec::new() };
    let mut tokens = Tokens(path);
    while let Some(token) = tokens.next() {
        match token {
            "[" if !brackets => return Err("array notation is not allowed".to_owned()),
            "[" => {
                let token = tokens.next().ok_or(END)?;
                let quoted = token.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
                let quoted =
                    quoted.ok_or_else(|| format!("expected single quoted string but got {token}"))?;
                found = found.step(unescaped(quoted)?)?;
                match tokens.next().ok_or(END)? {
                    "]" => {}
                    token => return Err(format!("expected ] but got {token}")),
                }
            }
            "." => found = found.step(tokens.next().ok_or(END)?.to_owned())?,
            token => return Err(format!("expected [ or . but got: {token}")),
        }
    }
    Ok(found)
}

impl<'a> Found<'a> {
    fn step(mut self, name: String) -> Result<Found<'a>, String> {
        let schema = match (self.schema.get("properties"), self.schema.at("additionalProperties")) {
            (Some(properties), _) => properties.get(&name),
            (None, Value::Null) => None,
            (None, additional) => Some(additional),
        };
        self.schema = schema.ok_or("does not refer to a valid field")?;
        self.path.push(name);
        Ok(self)
    }
}

/// The parts of a path: `.`, `[`, `]`, names, texts in single quotes.
pub(crate) struct Tokens<'a>(pub(crate) &'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.0.as_bytes();
        let length = match bytes.first()? {
            b'.' | b'[' | b']' => 1,
            b'\'' => {
                let ends = |i: &usize| bytes.get(*i) == Some(&b'\'') && bytes.get(*i - 1) != Some(&b'\\');
                (1..bytes.len()).find(ends).map_or(bytes.len(), |end| end + 1)
            }
            _ => self.0.find(['.', '[', ']']).unwrap_or(bytes.len()),
        };
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(token)
    }
}

/// A text in single quotes, without its escapes.
pub(crate) fn unescaped(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escaped = chars.next();
        out.push(match escaped {
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some(c @ ('\'' | '\\')) => c,
            Some(c) => return Err(format!("invalid string literal: invalid escape char \\{c}")),
            None => '\\',
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;

    #[test]
    fn paths_lead_to_what_a_schema_tells() {
        let text = json!({"type": "string"});
        let schema = json!({"properties": {
            "spec": {"properties": {"a": text, "it's": text, "a.b": text}},
            "map": {"additionalProperties": text},
            "any": {"additionalProperties": true},
        }});
        for (path, expected) in [
            (".spec.a", Ok("spec/a")),
            (".spec['a.b']", Ok("spec/a.b")),
            (".spec['it\\'s']", Ok("spec/it's")),
            (".map.x", Ok("map/x")),
            ("", Ok("")),
            (".spec.b", Err("does not refer to a valid field")),
            (".spec.a.b", Err("does not refer to a valid field")),
            ("spec", Err("expected [ or . but got: spec")),
            (".spec.", Err("unexpected end of JSON path")),
            (".spec[0]", Err("expected single quoted string but got 0")),
            (".spec['a'.b", Err("expected ] but got .")),
            (".spec['\\x']", Err("invalid string literal: invalid escape char \\x")),
        ] {
            let got = field_path(path, &schema, true).map(|found| found.path.join("/"));
            assert_eq!(got, expected.map(str::to_owned).map_err(str::to_owned), "{path}");
        }
        assert!(field_path(".spec['a']", &schema, false).is_err());
    }
}
