//! Numbers (`iter_int.go`, `iter_float.go`).

use super::{Iter, State};
use crate::golang::json::Number;

/// A type of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Byte,
    Int32,
    Int64,
}

impl Width {
    /// Who reads the number, and who its digits.
    fn operations(self) -> (&'static str, &'static str) {
        match self {
            Width::Byte => ("ReadUint8", "readUint32"),
            Width::Int32 => ("ReadInt32", "readUint32"),
            Width::Int64 => ("ReadInt64", "readUint64"),
        }
    }

    /// The largest number.
    fn max(self) -> u64 {
        match self {
            Width::Byte => u64::from(u8::MAX),
            Width::Int32 => u64::from(i32::MAX.unsigned_abs()),
            Width::Int64 => i64::MAX.unsigned_abs(),
        }
    }

    /// A number with one more digit, which may be beyond what is counted with; none where that shows.
    fn append(self, value: u64, digit: u64) -> Option<u64> {
        let (mask, safe) = match self {
            Width::Byte | Width::Int32 => (u64::from(u32::MAX), u64::from(u32::MAX) / 10 - 1),
            Width::Int64 => (u64::MAX, u64::MAX / 10 - 1),
        };
        let longer = value.wrapping_mul(10).wrapping_add(digit) & mask;
        (value <= safe || longer >= value).then_some(longer)
    }
}

impl Iter<'_> {
    /// `ReadInt32`, `ReadInt64`, `ReadUint8`
    pub(crate) fn integer(&mut self, width: Width) {
        let mut first = self.next_token();
        let is_negative = first == b'-' && width != Width::Byte;
        if is_negative {
            first = self.next_byte();
        }
        let value = self.digits(first, width);
        if value > width.max() + u64::from(is_negative) {
            self.report(width.operations().0, &format!("overflow: {value}"));
        }
    }

    /// A number of digits, of which the first was taken (`readUint32`, `readUint64`).
    fn digits(&mut self, first: u8, width: Width) -> u64 {
        /// So many more digits are read without asking whether they fit, if there is text for it.
        const AT_ONCE: usize = 7;
        let operation = width.operations().1;
        let digit = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
        let Some(mut value) = digit(first) else {
            // What it shows is the number by which it knows that this is none.
            self.report(operation, &format!("unexpected character: {}", char::REPLACEMENT_CHARACTER));
            return 0;
        };
        if value == 0 {
            self.assert_integer();
            return 0;
        }
        let rest = self.text.get(self.head..).unwrap_or_default();
        let digits: Vec<u64> = rest.iter().map_while(|byte| digit(*byte)).collect();
        for next in &digits {
            let Some(longer) = width.append(value, *next) else {
                if rest.len() > 10 {
                    self.head += AT_ONCE;
                }
                self.report(operation, "overflow");
                return 0;
            };
            value = longer;
        }
        if digits.len() == rest.len() {
            self.end();
        } else {
            self.head += digits.len();
        }
        self.assert_integer();
        value
    }

    fn assert_integer(&mut self) {
        if self.peek() == Some(b'.') {
            self.report("assertInteger", "can not decode float as int");
        }
    }

    /// `ReadFloat64`
    pub(crate) fn float(&mut self) {
        self.float_of("readFloat64");
    }

    /// A number that may have a fraction, for a reader of that name.
    pub(super) fn float_of(&mut self, operation: &str) {
        if self.next_token() != b'-' {
            self.put_back();
        }
        let rest = self.text.get(self.head..).unwrap_or_default();
        match rest {
            [b',' | b']' | b'}' | b' ' | b'\t' | b'\n', ..] => self.report(operation, "empty number"),
            [b'.', ..] => self.report(operation, "leading dot is invalid"),
            [b'0', b'0'..=b'9', ..] => self.report(operation, "leading zero is invalid"),
            _ => {
                let spelled = self.number_text();
                if self.has_failed() {
                    return;
                }
                let operation = format!("{operation}SlowPath");
                if let Some(why) = misspelled(&spelled) {
                    self.report(&operation, why);
                } else if Number::spelled(spelled.as_str()).value().is_none() {
                    let why = format!("strconv.ParseFloat: parsing \"{spelled}\": value out of range");
                    self.state = State::Failed(why);
                }
            }
        }
    }

    /// The letters of a number (`readNumberAsString`).
    pub(super) fn number_text(&mut self) -> String {
        let rest = self.text.get(self.head..).unwrap_or_default();
        let is_part = |byte: &&u8| matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let spelled: String = rest.iter().take_while(is_part).map(|byte| char::from(*byte)).collect();
        if spelled.len() == rest.len() {
            self.end();
        } else {
            self.head += spelled.len();
        }
        if spelled.is_empty() {
            self.report("readNumberAsString", "invalid number");
        }
        spelled
    }
}

/// What is wrong with the letters of a number that `strconv` does not see (`validateFloat`).
fn misspelled(text: &str) -> Option<&'static str> {
    if text.starts_with('-') {
        return Some("-- is not valid");
    }
    let (_, fraction) = text.split_once('.')?;
    match fraction.bytes().next() {
        None => Some("dot can not be last character"),
        Some(digit) if digit.is_ascii_digit() => None,
        Some(_) => Some("missing digit after dot"),
    }
}
