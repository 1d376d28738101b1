//! Label and field selectors of lists and watches (`apimachinery/pkg/labels`, `apimachinery/pkg/fields`).
//!
//! Labels are read here as the server's parser does, token by token, so that its errors come out the same. Fields, and
//! which kinds can be selected by which, are in [`fields`].

mod fields;
mod lexer;

pub(crate) use fields::FieldSelector;

use super::names;
use super::value::Dig;
use super::version::Version;
use crate::api::differences::{OPERATORS_LISTED, SELECTORS_AS_FIELDS};
use crate::json::{Value, json};
use lexer::{Lexer, Token};
use std::collections::{BTreeMap, BTreeSet};

/// A comparison of one label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    /// `=`, `==`
    Equals,
    NotIn,
    /// `!=`
    NotEquals,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    values: BTreeSet<String>,
}

/// Requirements on labels, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<Requirement>);

impl LabelSelector {
    /// Reads `a=b,c in (d,e),!f`; an error is the server's text.
    pub fn parse(text: &str, version: Version) -> Result<LabelSelector, String> {
        Parser { lexer: Lexer::new(text), version }.requirements().map(LabelSelector)
    }

    /// Whether everything is selected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The requirements as those of an access review, which knows no numbers.
    pub fn requirements(&self) -> Vec<Value> {
        let told = |one: &Requirement| {
            let operator = match one.operator {
                Operator::In | Operator::Equals => "In",
                Operator::NotIn | Operator::NotEquals => "NotIn",
                Operator::Exists => "Exists",
                Operator::DoesNotExist => "DoesNotExist",
                Operator::GreaterThan | Operator::LessThan => return None,
            };
            let mut told = json!({"key": one.key, "operator": operator});
            if !one.values.is_empty() {
                told.set("values", json!(one.values));
            }
            Some(told)
        };
        self.0.iter().filter_map(told).collect()
    }

    /// The same as the selector of an object (`metav1.ParseToLabelSelector`).
    ///
    /// # Errors
    ///
    /// An operator that such a selector has not.
    pub fn typed(&self) -> Result<Value, String> {
        let mut typed = json!({});
        for one in &self.0 {
            match one.operator {
                Operator::Equals => {
                    let value = one.values.first().cloned().unwrap_or_default();
                    typed.make("matchLabels")[one.key.as_str()] = value.into();
                }
                Operator::NotEquals => return Err("\"!=\" is not a valid label selector operator".to_owned()),
                Operator::GreaterThan => return Err("\"gt\" isn't supported in label selectors".to_owned()),
                Operator::LessThan => return Err("\"lt\" isn't supported in label selectors".to_owned()),
                Operator::In | Operator::NotIn | Operator::Exists | Operator::DoesNotExist => {
                    let told = LabelSelector(vec![one.clone()]).requirements();
                    let all = [typed.list("matchExpressions"), &told].concat();
                    typed.set("matchExpressions", all);
                }
            }
        }
        Ok(typed)
    }

    /// Labels that meet the requirements which a label with a value of theirs meets.
    pub(crate) fn labels(&self) -> Value {
        let met = self
            .0
            .iter()
            .filter(|one| matches!(one.operator, Operator::In | Operator::Equals | Operator::Exists));
        let label = |one: &Requirement| (one.key.clone(), one.values.first().cloned().unwrap_or_default());
        json!(met.map(label).collect::<BTreeMap<_, _>>())
    }

    /// Whether an object's labels meet all requirements.
    pub fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|requirement| requirement.met_by(object.label(&requirement.key)))
    }
}

impl Requirement {
    fn met_by(&self, label: Option<&str>) -> bool {
        let number = |text: &str| text.parse::<i64>().ok();
        let compared = || number(label?).zip(self.values.iter().next().and_then(|value| number(value)));
        match self.operator {
            Operator::In | Operator::Equals => label.is_some_and(|label| self.values.contains(label)),
            Operator::NotIn | Operator::NotEquals => label.is_none_or(|label| !self.values.contains(label)),
            Operator::Exists => label.is_some(),
            Operator::DoesNotExist => label.is_none(),
            Operator::GreaterThan => compared().is_some_and(|(label, value)| label > value),
            Operator::LessThan => compared().is_some_and(|(label, value)| label < value),
        }
    }
}

struct Parser {
    lexer: Lexer,
    version: Version,
}

impl Parser {
    fn requirements(&mut self) -> Result<Vec<Requirement>, String> {
        let mut found = Vec::new();
        loop {
            match self.lexer.peek() {
                (Token::Identifier | Token::Not, _) => {}
                (Token::End, _) => return Ok(found),
                (_, text) => {
                    return Err(format!("found '{text}', expected: !, identifier, or 'end of string'"));
                }
            }
            let requirement =
                self.requirement().map_err(|why| format!("unable to parse requirement: {why}"))?;
            found.push(requirement);
            match self.lexer.next() {
                (Token::End, _) => return Ok(found),
                (Token::Comma, _) => match self.lexer.peek() {
                    (Token::Identifier | Token::Not, _) => {}
                    (_, text) => return Err(format!("found '{text}', expected: identifier after ','")),
                },
                (_, text) => return Err(format!("found '{text}', expected: ',' or 'end of string'")),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let (mut token, mut key) = self.lexer.next();
        let absent = token == Token::Not;
        if absent {
            (token, key) = self.lexer.next();
        }
        if token != Token::Identifier {
            return Err(format!("found '{key}', expected: identifier"));
        }
        self.check_key(&key)?;
        if absent {
            return Ok(Requirement { key, operator: Operator::DoesNotExist, values: BTreeSet::new() });
        }
        if matches!(self.lexer.peek(), (Token::End | Token::Comma, _)) {
            return Ok(Requirement { key, operator: Operator::Exists, values: BTreeSet::new() });
        }
        let (operator, one) = self.operator()?;
        let values = if one { BTreeSet::from([self.exact_value()?]) } else { self.values()? };
        self.check_values(&key, operator, &values)?;
        Ok(Requirement { key, operator, values })
    }

    /// The operator, and whether one value follows instead of a list.
    fn operator(&mut self) -> Result<(Operator, bool), String> {
        let (token, text) = self.lexer.next_operator();
        Ok(match token {
            Token::In => (Operator::In, false),
            Token::NotIn => (Operator::NotIn, false),
            Token::Equals => (Operator::Equals, true),
            Token::NotEquals => (Operator::NotEquals, true),
            Token::Greater => (Operator::GreaterThan, true),
            Token::Less => (Operator::LessThan, true),
            _ => {
                let known = match !self.version.has(OPERATORS_LISTED) {
                    true => "'=', '!=', '==', 'in', notin'",
                    false => "in, notin, =, ==, !=, gt, lt",
                };
                return Err(format!("found '{text}', expected: {known}"));
            }
        })
    }

    fn exact_value(&mut self) -> Result<String, String> {
        if matches!(self.lexer.peek(), (Token::End | Token::Comma, _)) {
            return Ok(String::new());
        }
        match self.lexer.next() {
            (Token::Identifier, text) => Ok(text),
            (_, text) => Err(format!("found '{text}', expected: identifier")),
        }
    }

    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        let (token, text) = self.lexer.next();
        if token != Token::Open {
            return Err(format!("found '{text}' expected: '('"));
        }
        match self.lexer.peek() {
            (Token::Identifier | Token::Comma, _) => {
                let values = self.identifiers()?;
                match self.lexer.next() {
                    (Token::Close, _) => Ok(values),
                    (_, text) => Err(format!("found '{text}', expected: ')'")),
                }
            }
            (Token::Close, _) => {
                self.lexer.next();
                Ok(BTreeSet::from([String::new()]))
            }
            (_, text) => Err(format!("found '{text}', expected: ',', ')' or identifier")),
        }
    }

    fn identifiers(&mut self) -> Result<BTreeSet<String>, String> {
        let mut values = BTreeSet::new();
        loop {
            match self.lexer.next() {
                (Token::Identifier, text) => {
                    values.insert(text);
                    match self.lexer.peek() {
                        (Token::Comma, _) => {}
                        (Token::Close, _) => return Ok(values),
                        (_, text) => return Err(format!("found '{text}', expected: ',' or ')'")),
                    }
                }
                (Token::Comma, _) => {
                    if values.is_empty() {
                        values.insert(String::new());
                    }
                    match self.lexer.peek().0 {
                        Token::Close => {
                            values.insert(String::new());
                            return Ok(values);
                        }
                        Token::Comma => {
                            self.lexer.next();
                            values.insert(String::new());
                        }
                        _ => {}
                    }
                }
                (_, text) => return Err(format!("found '{text}', expected: ',', or identifier")),
            }
        }
    }

    fn check_key(&self, key: &str) -> Result<(), String> {
        let wrong = names::qualified_name(key, self.version);
        match (wrong.is_empty(), !self.version.has(SELECTORS_AS_FIELDS)) {
            (true, _) => Ok(()),
            (false, true) => Err(format!("invalid label key {key:?}: {}", wrong.join("; "))),
            (false, false) => Err(format!("<nil>: Invalid value: {key:?}: {}", wrong.join("; "))),
        }
    }

    fn check_values(&self, key: &str, operator: Operator, values: &BTreeSet<String>) -> Result<(), String> {
        let numeric = matches!(operator, Operator::GreaterThan | Operator::LessThan);
        for (i, value) in values.iter().enumerate() {
            if numeric && value.parse::<i64>().is_err() {
                let why = "for 'Gt', 'Lt' operators, the value must be an integer";
                return Err(match !self.version.has(SELECTORS_AS_FIELDS) {
                    true => why.to_owned(),
                    false => format!("values[{i}]: Invalid value: {value:?}: {why}"),
                });
            }
            let wrong = names::label_value(value, self.version);
            if wrong.is_empty() {
                continue;
            }
            return Err(match !self.version.has(SELECTORS_AS_FIELDS) {
                true => format!("invalid label value: {value:?}: at key: {key:?}: {}", wrong.join("; ")),
                false => format!("values[{i}][{key}]: Invalid value: {value:?}: {}", wrong.join("; ")),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
