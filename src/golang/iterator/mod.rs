//! `json-iterator` (`github.com/json-iterator/go`), as far as its errors tell where it stood: what it takes of a text, value by
//! value, and the one error that counts, with the window of the text around it.
//!
//! Like the original it reads on after an error, by then often from the middle of a value: a byte that was looked at is no
//! longer put back. So what is decoded after the error depends on the bytes, and each part of it puts its name in front.
//!
//! # Differs from Kubernetes
//!
//! Values that are skipped may stand in each other 500 times, in Go 10,000 times.

mod number;
mod skip;
#[cfg(test)]
mod tests;

pub(crate) use number::Width;

/// How far a window reaches to either side of the place.
const WINDOW: usize = 10;
/// The same of the larger window.
const CONTEXT: usize = 50;

/// What came of reading so far.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Good,
    /// The text was asked for more than it has (`io.EOF`).
    End,
    /// The error, in Go's words.
    Failed(String),
}

/// Reads a text from its beginning.
pub(crate) struct Iter<'a> {
    text: &'a [u8],
    /// The number of bytes that were taken.
    head: usize,
    state: State,
    /// How deep what is skipped stands.
    depth: u64,
}

impl<'a> Iter<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Iter<'a> {
        Iter { text, head: 0, state: State::Good, depth: 0 }
    }

    /// The error (`Unmarshal`): what is left of the text is one, too.
    pub(crate) fn finish(mut self) -> Option<String> {
        if self.next_token() != 0 {
            self.report("Unmarshal", "there are bytes left after unmarshal");
        }
        match self.state {
            State::Failed(why) => Some(why),
            State::Good | State::End => None,
        }
    }

    /// Notes an error where the reader stands, if it is the first (`ReportError`).
    pub(crate) fn report(&mut self, operation: &str, why: &str) {
        if self.has_failed() {
            return;
        }
        let around = |size: usize| {
            let (from, to) = (self.head.saturating_sub(size), (self.head + size).min(self.text.len()));
            go_text(self.text.get(from..to).unwrap_or_default())
        };
        self.state = State::Failed(format!(
            "{operation}: {why}, error found in #{} byte of ...|{}|..., bigger context ...|{}|...",
            self.head.min(WINDOW),
            around(WINDOW),
            around(CONTEXT)
        ));
    }

    /// Notes that a byte is none that was expected.
    pub(crate) fn unexpected(&mut self, operation: &str, expected: &str, found: u8) {
        self.report(operation, &format!("{expected}, but found {}", go_text(&[found])));
    }

    /// Puts the name of what was read in front of the error, if there is one.
    pub(crate) fn name(&mut self, name: &str) {
        if let State::Failed(why) = &mut self.state {
            why.insert_str(0, name);
        }
    }

    fn has_failed(&self) -> bool {
        matches!(self.state, State::Failed(_))
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.head).copied()
    }

    /// There is no more (`loadMore`).
    fn end(&mut self) {
        if self.state == State::Good {
            self.head = self.text.len();
            self.state = State::End;
        }
    }

    /// Takes the next byte that is no space; 0 at the end.
    pub(crate) fn next_token(&mut self) -> u8 {
        let rest = self.text.get(self.head..).unwrap_or_default();
        match rest.iter().position(|byte| !b" \n\t\r".contains(byte)) {
            Some(spaces) => {
                self.head += spaces + 1;
                rest.get(spaces).copied().unwrap_or_default()
            }
            None => {
                self.end();
                0
            }
        }
    }

    /// Takes the next byte; 0 at the end.
    fn next_byte(&mut self) -> u8 {
        match self.peek() {
            Some(byte) => {
                self.head += 1;
                byte
            }
            None => {
                self.end();
                0
            }
        }
    }

    /// Puts a byte back, but not after an error (`unreadByte`).
    pub(crate) fn put_back(&mut self) {
        if self.state == State::Good {
            self.head = self.head.saturating_sub(1);
        }
    }

    /// The first byte of the next value, which is not taken (`WhatIsNext`).
    pub(crate) fn what_is_next(&mut self) -> u8 {
        let found = self.next_token();
        self.put_back();
        found
    }

    /// Takes null, if that is next (`ReadNil`).
    pub(crate) fn null(&mut self) -> bool {
        let found = self.next_token();
        match found {
            b'n' => self.rest_of_null(),
            _ => self.put_back(),
        }
        found == b'n'
    }

    /// Takes what follows the `n` of null.
    pub(crate) fn rest_of_null(&mut self) {
        self.word("skipThreeBytes", "ull");
    }

    fn word(&mut self, operation: &str, rest: &str) {
        for expected in rest.bytes() {
            if self.next_byte() != expected {
                self.report(operation, &format!("expect {rest}"));
                return;
            }
        }
    }

    /// `ReadBool`
    pub(crate) fn boolean(&mut self) {
        match self.next_token() {
            b't' => self.word("skipThreeBytes", "rue"),
            b'f' => self.word("skipFourBytes", "alse"),
            found => self.unexpected("ReadBool", "expect t or f", found),
        }
    }

    /// `ReadString`
    pub(crate) fn string(&mut self) -> Vec<u8> {
        match self.next_token() {
            b'"' => {}
            b'n' => {
                self.rest_of_null();
                return Vec::new();
            }
            found => {
                self.unexpected("ReadString", "expects \" or n", found);
                return Vec::new();
            }
        }
        let rest = self.text.get(self.head..).unwrap_or_default();
        match rest.iter().copied().enumerate().find(|(_, byte)| matches!(byte, b'"' | b'\\' | 0..0x20)) {
            Some((length, b'"')) => {
                self.head += length + 1;
                rest.get(..length).unwrap_or_default().to_vec()
            }
            Some((_, control @ 0..0x20)) => {
                self.report("ReadString", &format!("invalid control character found: {control}"));
                Vec::new()
            }
            _ => self.escaped_string(),
        }
    }

    /// The rest of a string that may have escapes (`readStringSlowPath`).
    fn escaped_string(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while self.state == State::Good {
            match self.next_byte() {
                b'"' => return out,
                b'\\' => {
                    let escape = self.next_byte();
                    self.escape(escape, &mut out);
                }
                byte => out.push(byte),
            }
        }
        self.report("readStringSlowPath", "unexpected end of input");
        Vec::new()
    }

    fn escape(&mut self, escape: u8, out: &mut Vec<u8>) {
        let byte = match escape {
            b'u' => return self.code_point(out),
            b'"' | b'\\' | b'/' => escape,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            _ => return self.report("readEscapedChar", "invalid escape char after \\"),
        };
        out.push(byte);
    }

    /// A character that is written as one or two numbers.
    fn code_point(&mut self, out: &mut Vec<u8>) {
        let first = self.four_digits();
        if !(0xd800..0xe000).contains(&first) {
            return push(out, char::from_u32(first));
        }
        let found = self.next_byte();
        if self.state != State::Good {
            return;
        }
        if found != b'\\' {
            self.put_back();
            return push(out, None);
        }
        let escape = self.next_byte();
        if self.state != State::Good {
            return;
        }
        if escape != b'u' {
            push(out, None);
            return self.escape(escape, out);
        }
        let second = self.four_digits();
        if self.state != State::Good {
            return;
        }
        match (first, second) {
            (0xd800..0xdc00, 0xdc00..0xe000) => {
                push(out, char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)));
            }
            _ => {
                push(out, None);
                push(out, char::from_u32(second));
            }
        }
    }

    fn four_digits(&mut self) -> u32 {
        let mut number = 0;
        for _ in 0..4 {
            let found = self.next_byte();
            if self.state != State::Good {
                break;
            }
            let Some(digit) = char::from(found).to_digit(16) else {
                self.unexpected("readU4", "expects 0~9 or a~f", found);
                break;
            };
            number = number * 16 + digit;
        }
        number
    }

    /// Whether an object with fields begins (`readObjectStart`).
    pub(crate) fn object_start(&mut self) -> bool {
        match self.next_token() {
            b'{' if self.next_token() == b'}' => return false,
            b'{' => {
                self.put_back();
                return true;
            }
            b'n' => self.rest_of_null(),
            found => self.unexpected("readObjectStart", "expect { or n", found),
        }
        false
    }

    /// The name of a field of a small object, with its colon (`readFieldHash`); none where there is no name.
    pub(crate) fn small_key(&mut self) -> Option<Vec<u8>> {
        const OPERATION: &str = "readFieldHash";
        let quote = self.next_token();
        if quote != b'"' {
            self.unexpected(OPERATION, "expect \"", quote);
            return None;
        }
        let rest = self.text.get(self.head..).unwrap_or_default();
        let key = match rest.iter().copied().enumerate().find(|(_, byte)| matches!(byte, b'"' | b'\\')) {
            Some((length, b'"')) => {
                self.head += length + 1;
                rest.get(..length).unwrap_or_default().to_vec()
            }
            Some((length, _)) => {
                // The letters before the first escape are read, too, but only of this name.
                self.head += length;
                let mut key = rest.get(..length).unwrap_or_default().to_vec();
                key.extend(self.escaped_string());
                key
            }
            None => {
                self.end();
                self.report(OPERATION, "incomplete field name");
                return None;
            }
        };
        let colon = self.next_token();
        if colon != b':' {
            self.unexpected(OPERATION, "expect :", colon);
            return None;
        }
        Some(key)
    }

    /// The name of a field of a large object, with its colon (`decodeOneField`).
    pub(crate) fn key(&mut self) -> Vec<u8> {
        let key = self.string();
        self.colon();
        key
    }

    fn colon(&mut self) {
        let colon = self.next_token();
        if colon != b':' {
            self.unexpected("ReadObject", "expect : after object field", colon);
        }
    }

    /// Whether no further field of a small object follows (`isObjectEnd`).
    pub(crate) fn small_end(&mut self) -> bool {
        match self.next_token() {
            b',' => return false,
            b'}' => {}
            found => {
                let why = format!("object ended prematurely, unexpected char {}", go_text(&[found]));
                self.report("isObjectEnd", &why);
            }
        }
        true
    }
}

/// A character, with U+FFFD for what is none.
fn push(out: &mut Vec<u8>, character: Option<char>) {
    let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Bytes as Go's JSON shows them: U+FFFD for each that is no UTF-8.
pub(crate) fn go_text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    super::json::push_bytes(&mut out, bytes);
    out
}
