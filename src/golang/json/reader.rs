//! `encoding/json`'s scanner: what it reads, and what it says of a text that is no JSON.
//!
//! # Differs from Kubernetes
//!
//! Values may stand in each other 500 times ([`JSON_NESTING`]), in Go 10,000 times, whose stacks grow. Here a tree is dropped,
//! cloned and written by recursion, wherever it got to: at 10,000 levels that alone takes 2 MiB of stack (13 in a build for
//! debugging), which is all that a thread has.

use super::{Json, Number};
use crate::json::Text;
use crate::limits::JSON_NESTING;

/// Reads a text that is one value.
///
/// # Errors
/// In Go's words.
pub(crate) fn read(text: &[u8]) -> Result<Json, String> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = reader.value()?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(value),
        Some(_) => reader.fail("after top-level value"),
    }
}

/// Why a value of a stream is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// In Go's words.
    pub(crate) why: String,
    /// The number of bytes before the value.
    pub(crate) begin: usize,
    /// The number of bytes until the one that does not fit; none where the text ends too early.
    pub(crate) offset: Option<usize>,
}

/// Reads values that stand one behind the other, as `json.Decoder` does, up to the first that is none.
pub(crate) fn stream(text: &[u8]) -> impl Iterator<Item = Result<Json, Unread>> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let mut failed = false;
    std::iter::from_fn(move || {
        reader.skip_space();
        if failed || reader.peek().is_none() {
            return None;
        }
        let begin = reader.at;
        let value = reader.value();
        failed = value.is_err();
        Some(value.map_err(|why| match reader.peek() {
            None => Unread { why: "unexpected EOF".to_owned(), begin, offset: None },
            Some(_) => Unread { why, begin, offset: Some(reader.at + 1) },
        }))
    })
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: u64,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Where the text ends, or the byte that does not fit.
    fn fail<T>(&self, context: &str) -> Result<T, String> {
        Err(match self.peek() {
            None => "unexpected end of JSON input".to_owned(),
            Some(byte) => format!("invalid character {} {context}", quote(byte)),
        })
    }

    fn value(&mut self) -> Result<Json, String> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Reader::object),
            Some(b'[') => self.nested(Reader::array),
            Some(b'"') => self.string().map(Json::String),
            Some(b't') => self.literal("true", Json::Bool(true)),
            Some(b'f') => self.literal("false", Json::Bool(false)),
            Some(b'n') => self.literal("null", Json::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.fail("looking for beginning of value"),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, String>) -> Result<Json, String> {
        self.depth += 1;
        if JSON_NESTING.check(self.depth).is_err() {
            return Err("exceeded max depth".to_owned());
        }
        self.at += 1;
        self.skip_space();
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Json, String> {
        let mut entries = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Map(entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return self.fail("looking for beginning of object key string");
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return self.fail("after object key");
            }
            self.at += 1;
            entries.push((key, self.value()?));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Json::Map(entries));
                }
                _ => return self.fail("after object key:value pair"),
            }
        }
    }

    fn array(&mut self) -> Result<Json, String> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::List(items));
                }
                _ => return self.fail("after array element"),
            }
        }
    }

    /// A string; what is no UTF-8 becomes U+FFFD, a byte each.
    fn string(&mut self) -> Result<Text, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let is_plain = |byte: &u8| *byte >= 0x20 && !matches!(byte, b'"' | b'\\');
            let plain = &rest[..rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len())];
            self.at += plain.len();
            match (self.peek(), out.is_empty(), str::from_utf8(plain)) {
                // Nearly every string: one piece.
                (Some(b'"'), true, Ok(plain)) => {
                    self.at += 1;
                    return Ok(plain.into());
                }
                _ => push_bytes(&mut out, plain),
            }
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out.into());
                }
                Some(b'\\') => self.escape(&mut out)?,
                _ => return self.fail("in string literal"),
            }
        }
    }

    /// An escape; half a surrogate becomes U+FFFD.
    fn escape(&mut self, out: &mut String) -> Result<(), String> {
        self.at += 1;
        let letter = match self.peek() {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(letter @ (b'\\' | b'/' | b'"')) => char::from(letter),
            Some(b'u') => {
                let first = self.hexadecimal()?;
                let letter = self.surrogates(first).or(char::from_u32(first));
                out.push(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(());
            }
            _ => return self.fail("in string escape code"),
        };
        self.at += 1;
        out.push(letter);
        Ok(())
    }

    /// The four digits behind the `u` where the reader stands.
    fn hexadecimal(&mut self) -> Result<u32, String> {
        self.at += 1;
        let mut value = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return self.fail("in \\u hexadecimal character escape");
            };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }

    /// The letter of the first half of a pair, if the second follows; only then is that one read.
    fn surrogates(&mut self, first: u32) -> Option<char> {
        if !(0xd800..0xdc00).contains(&first) || !self.text.get(self.at..)?.starts_with(br"\u") {
            return None;
        }
        let digits = self.text.get(self.at + 2..self.at + 6)?;
        let second = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        self.at += 6;
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn literal(&mut self, word: &str, value: Json) -> Result<Json, String> {
        self.at += 1;
        for expected in word.bytes().skip(1) {
            if self.peek() != Some(expected) {
                return self.fail(&format!("in literal {word} (expecting {})", quote(expected)));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Json, String> {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let spelled = String::from_utf8_lossy(self.text.get(from..self.at).unwrap_or_default());
        Ok(Json::Number(Number::spelled(spelled)))
    }

    /// One digit or more.
    fn digits(&mut self, context: &str) -> Result<(), String> {
        if !self.peek().is_some_and(|b| b.is_ascii_digit()) {
            return self.fail(context);
        }
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }
}

/// Puts text behind text, with U+FFFD for each byte that is no UTF-8.
pub(crate) fn push_bytes(out: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
}

/// A byte as Go quotes a character.
fn quote(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        0x20..=0x7e => format!("'{}'", char::from(byte)),
        0..0x20 | 0x7f => format!(r"'\x{byte:02x}'"),
        0x80..0xa1 | 0xad => format!(r"'\u{byte:04x}'"),
        0xa1..=0xff => format!("'{}'", char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_words() {
        for (text, error) in [
            ("", "unexpected end of JSON input"),
            ("{", "unexpected end of JSON input"),
            ("<a/>", "invalid character '<' looking for beginning of value"),
            ("{a: 1}", "invalid character 'a' looking for beginning of object key string"),
            (r#"{"a" 1}"#, "invalid character '1' after object key"),
            (r#"{"a":1 "b"}"#, "invalid character '\"' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("nil", "invalid character 'i' in literal null (expecting 'u')"),
            ("\"a\nb\"", "invalid character '\\n' in string literal"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ] {
            assert_eq!(read(text.as_bytes()), Err(error.to_owned()), "{text}");
        }
        let deep = "[".repeat(JSON_NESTING.value as usize + 1);
        assert_eq!(read(deep.as_bytes()), Err("exceeded max depth".to_owned()));
    }

    #[test]
    fn texts() {
        for (text, want) in [
            (&br#""\u0041\n\/\ud83d\ude00""#[..], "A\n/\u{1f600}"),
            (br#""\ud83d""#, "\u{fffd}"),
            (br#""\ud83dx""#, "\u{fffd}x"),
            (br#""\ude00\ud83d\ud83d\ude00""#, "\u{fffd}\u{fffd}\u{1f600}"),
            (b"\"a\xe2\x80b\"", "a\u{fffd}\u{fffd}b"),
        ] {
            assert_eq!(read(text), Ok(Json::String(want.into())));
        }
    }

    #[test]
    fn values_behind_each_other() {
        let found: Vec<_> = stream(b"{} [1]\n{").collect();
        let one = Json::List(vec![Json::Number(Number::spelled("1"))]);
        let unread = Unread { why: "unexpected EOF".to_owned(), begin: 7, offset: None };
        assert_eq!(found, [Ok(Json::Map(Vec::new())), Ok(one), Err(unread)]);
    }
}
