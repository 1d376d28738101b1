//! The values within commands.

use super::{Parser, Read};
use crate::golang::fmt::quote;
use crate::golang::strconv::unquote;
use crate::golang::template::functions::is_function;
use crate::golang::template::lex::{Item, Kind};
use crate::golang::template::node::{Term, What};

impl Parser<'_> {
    /// A value with the fields behind it; none where there is none.
    pub(super) fn operand(&mut self) -> Read<Option<Term>> {
        let Some(mut term) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(term));
        }
        let at = self.peek().at;
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(field(self.next()));
        }
        match &mut term.what {
            What::Field(fields) | What::Variable(_, fields) => {
                fields.extend(names);
                term.at = at;
            }
            What::Dot | What::Nil | What::Bool(_) | What::Int(..) | What::Float(..) | What::Text(..) => {
                return self.fail(format!("unexpected . after term {}", quote(&term.to_string())));
            }
            What::Function(_) | What::Pipe(_) | What::Chain(..) => {
                term = Term { at, what: What::Chain(Box::new(term), names) };
            }
        }
        Ok(Some(term))
    }

    fn term(&mut self) -> Read<Option<Term>> {
        let begin = self.at;
        let item = self.next_word();
        let what = match item.kind {
            Kind::Identifier if !is_function(item.text) => {
                return self.fail(format!("function {} not defined", quote(item.text)));
            }
            Kind::Identifier => What::Function(item.text.to_owned()),
            Kind::Dot => What::Dot,
            Kind::Nil => What::Nil,
            Kind::Variable if !self.vars.iter().any(|name| name == item.text) => {
                return self.fail(format!("undefined variable {}", quote(item.text)));
            }
            Kind::Variable => What::Variable(item.text.to_owned(), Vec::new()),
            Kind::Field => What::Field(vec![field(item)]),
            Kind::Bool => What::Bool(item.text == "true"),
            Kind::CharConstant => match unquote(item.text).as_deref().map(|text| (text.chars().next(), text))
            {
                Some((Some(c), text)) if text.len() == c.len_utf8() => {
                    What::Int(item.text.to_owned(), i64::from(u32::from(c)))
                }
                Some((Some(_), _)) => {
                    return self.fail(format!("malformed character constant: {}", item.text));
                }
                Some((None, _)) | None => return self.fail("invalid syntax"),
            },
            Kind::Number => match number(item.text) {
                Ok(what) => what,
                Err(why) => return self.fail(why),
            },
            Kind::LeftParen => What::Pipe(Box::new(
                self.deeper(|parser| parser.pipe("parenthesized pipeline", Kind::RightParen))?,
            )),
            Kind::Quoted => What::Text(item.text.to_owned(), self.unquoted(item.text)?),
            _ => {
                self.at = begin;
                return Ok(None);
            }
        };
        Ok(Some(Term { at: item.at, what }))
    }
}

fn field(item: Item<'_>) -> String {
    item.text.trim_start_matches('.').to_owned()
}

/// A number as `strconv.ParseInt` (base 0) and `strconv.ParseFloat` read it.
fn number(text: &str) -> Result<What, String> {
    let plain = text.replace('_', "");
    let digits = plain.trim_start_matches(['+', '-']);
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    let sign = if plain.starts_with('-') { "-" } else { "" };
    if let Ok(whole) = i64::from_str_radix(&format!("{sign}{digits}"), radix) {
        return Ok(What::Int(text.to_owned(), whole));
    }
    if u64::from_str_radix(digits, radix).is_ok() && sign.is_empty() {
        return Err(format!("integer overflow: {}", quote(text)));
    }
    match plain.parse::<f64>() {
        Ok(_) if !plain.contains(['.', 'e', 'E']) => Err(format!("integer overflow: {}", quote(text))),
        Ok(float) if radix != 16 => Ok(What::Float(text.to_owned(), float)),
        _ => Err(format!("illegal number syntax: {}", quote(text))),
    }
}
