//! Field selectors (`apimachinery/pkg/fields`).

use crate::json::{Value, json};

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: String,
    equal: bool,
    value: String,
}

/// Terms on fields, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector(Vec<Term>);

impl FieldSelector {
    /// Reads `metadata.name=x,status.phase!=Running`; an error is the server's text.
    pub fn parse(text: &str) -> Result<FieldSelector, String> {
        let mut terms = Vec::new();
        for part in split_terms(text) {
            if part.is_empty() {
                continue;
            }
            let (field, operator, value) = split_term(part)
                .ok_or_else(|| format!("invalid selector: '{text}'; can't understand '{part}'"))?;
            terms.push(Term { field: field.to_owned(), equal: operator != "!=", value: unescape(value)? });
        }
        Ok(FieldSelector(terms))
    }

    /// The value that a field must have.
    pub fn required(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|term| term.equal && term.field == field).map(|term| term.value.as_str())
    }

    /// The fields that must have a value, with it.
    pub fn all_required(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|term| term.equal).map(|term| (&*term.field, &*term.value))
    }

    /// A value as it stands in a selector (`fields.EscapeValue`).
    pub fn escape(value: &str) -> String {
        value.replace('\\', "\\\\").replace(',', "\\,").replace('=', "\\=")
    }

    /// Whether a field must have a value.
    pub fn requires(&self, field: &str, value: &str) -> bool {
        self.0.iter().any(|term| term.equal && term.field == field && term.value == value)
    }

    /// Whether everything is selected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields that the terms name.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|term| term.field.as_str())
    }

    /// The terms as requirements of an access review.
    pub fn requirements(&self) -> Vec<Value> {
        let operator = |term: &Term| if term.equal { "In" } else { "NotIn" };
        let told =
            |term: &Term| json!({"key": term.field, "operator": operator(term), "values": [term.value]});
        self.0.iter().map(told).collect()
    }

    /// Whether an object meets all terms, whose fields have these values.
    pub fn matches(&self, value: impl Fn(&str) -> String) -> bool {
        self.0.iter().all(|term| (value(&term.field) == term.value) == term.equal)
    }
}

/// Parts between commas that are not escaped.
fn split_terms(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn split_term(term: &str) -> Option<(&str, &str, &str)> {
    term.char_indices().find_map(|(i, _)| {
        let operator = ["!=", "==", "="].into_iter().find(|operator| term[i..].starts_with(operator))?;
        Some((&term[..i], operator, &term[i + operator.len()..]))
    })
}

fn unescape(value: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next @ ('\\' | ',' | '=')) => out.push(next),
                Some(next) => {
                    return Err(format!("invalid field selector: invalid escape sequence: \\{next}"));
                }
                None => return Err("invalid field selector: invalid escape sequence: \\".to_owned()),
            },
            ',' | '=' => {
                return Err(format!("invalid field selector: unescaped character in value: {c}"));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}
